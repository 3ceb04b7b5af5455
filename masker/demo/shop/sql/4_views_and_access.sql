-- Views, and who may see what. The roles are made by masker.demo.roles.

CREATE VIEW shop.customer_overview AS
    SELECT c.id, c.display_name, c.email, c.country_code,
           count(o.id) AS orders, max(o.placed_at) AS last_order_at
    FROM shop.customers c LEFT JOIN shop.orders o ON o.customer_id = c.id
    GROUP BY c.id;

CREATE VIEW hr.phone_book AS
    SELECT e.first_name || ' ' || e.last_name AS name, e.phone, d.name AS department
    FROM hr.employees e JOIN hr.departments d ON d.id = e.department_id;

CREATE MATERIALIZED VIEW shop.top_customers AS
    SELECT c.id, c.display_name, c.email, sum(i.line_total) AS spent
    FROM shop.customers c
    JOIN shop.orders o ON o.customer_id = c.id
    JOIN shop.order_items i ON i.order_id = o.id
    GROUP BY c.id
    ORDER BY spent DESC, c.id
    LIMIT 100
    WITH NO DATA;
CREATE UNIQUE INDEX ON shop.top_customers (id);
COMMENT ON MATERIALIZED VIEW shop.top_customers IS 'For the board; refreshed every night';

CREATE POLICY clerks_see_all ON hr.salaries FOR SELECT TO hr_clerk USING (true);
CREATE POLICY app_sees_current ON hr.salaries FOR SELECT TO shop_app
    USING (valid @> CURRENT_DATE);

GRANT USAGE ON SCHEMA shop, crm, hr TO masker_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA shop, crm, hr TO masker_reader;
GRANT SELECT ON ALL SEQUENCES IN SCHEMA shop, crm, hr TO masker_reader;
ALTER DEFAULT PRIVILEGES IN SCHEMA shop, crm, hr GRANT SELECT ON TABLES TO masker_reader;

GRANT USAGE ON SCHEMA shop TO shop_app;
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA shop TO shop_app;
REVOKE ALL ON shop.top_customers FROM shop_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA shop TO shop_app;
GRANT USAGE ON SCHEMA hr TO shop_app, hr_clerk;
GRANT SELECT (id, first_name, last_name) ON hr.employees TO shop_app;
GRANT SELECT ON hr.salaries TO shop_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA hr TO hr_clerk;

-- Every sequence goes on after the rows that were loaded with their numbers.

DO $$
DECLARE
    owned record;
BEGIN
    FOR owned IN
        SELECT s.oid::regclass AS sequence, t.oid::regclass AS owner, quote_ident(a.attname) AS name
        FROM pg_class s
        JOIN pg_depend d ON d.objid = s.oid AND d.deptype IN ('a', 'i')
            AND d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
        JOIN pg_class t ON t.oid = d.refobjid
        JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
        WHERE s.relkind = 'S' AND s.relnamespace IN (
            'shop'::regnamespace, 'crm'::regnamespace, 'hr'::regnamespace)
    LOOP
        EXECUTE format(
            'SELECT setval(%L, max(%s)) FROM %s', owned.sequence, owned.name, owned.owner);
    END LOOP;
END
$$;

REFRESH MATERIALIZED VIEW shop.top_customers;

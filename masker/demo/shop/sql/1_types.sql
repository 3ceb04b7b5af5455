-- Schemas, types and the extension. Every name is qualified: search_path is empty.

CREATE EXTENSION IF NOT EXISTS vector WITH SCHEMA public;

CREATE SCHEMA shop;
CREATE SCHEMA crm;
CREATE SCHEMA hr;
COMMENT ON SCHEMA shop IS 'What customers see and do';
COMMENT ON SCHEMA crm IS 'Business contacts and campaigns';
COMMENT ON SCHEMA hr IS 'The people who work here';

CREATE TYPE shop.customer_status AS ENUM ('prospect', 'active', 'blocked', 'closed');
CREATE TYPE shop.order_status AS ENUM ('cart', 'placed', 'paid', 'shipped', 'returned', 'cancelled');
CREATE TYPE shop.payment_method AS ENUM ('card', 'direct debit', 'invoice');

CREATE DOMAIN shop.email AS varchar(254)
    CONSTRAINT email_shape CHECK (VALUE ~ '^[^@\s]+@[^@\s]+\.[a-z]{2,}$');
COMMENT ON DOMAIN shop.email IS 'An address with a domain, in lower case after the @';

CREATE FUNCTION shop.fill_ticket_search() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    NEW.search := pg_catalog.to_tsvector(
        'pg_catalog.simple', coalesce(NEW.subject, '') || ' ' || coalesce(NEW.body, ''));
    RETURN NEW;
END;
$$;

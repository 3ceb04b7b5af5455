-- A schema that nobody would design, each part for one thing the catalog must see.
CREATE SCHEMA "Vertrieb";
CREATE SCHEMA archive;

CREATE DOMAIN public."Länge" AS varchar(40) CHECK (length(VALUE) > 0);
CREATE DOMAIN public.short_length AS public."Länge" NOT NULL CHECK (length(VALUE) < 20);
CREATE DOMAIN public.amount AS numeric(12, 2);
CREATE TYPE public.mood AS ENUM ('sad', 'it''s fine', 'froh');
CREATE TYPE public.place AS (street text, number int);

CREATE TABLE "Vertrieb"."Kunde-Straße" (
  "Kunden Nr" bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  "Name" public.short_length,
  mood public.mood[] DEFAULT '{}',
  home public.place,
  grade numeric(3, -2),
  code char(4) CHECK (code ~ '^[A-Z]'),
  born date,
  left_on date,
  total public.amount,
  doubled numeric GENERATED ALWAYS AS (grade * 2) STORED,
  CHECK (born < left_on)
);
COMMENT ON TABLE "Vertrieb"."Kunde-Straße" IS 'people';
COMMENT ON COLUMN "Vertrieb"."Kunde-Straße"."Name" IS 'a name';
CREATE UNIQUE INDEX by_lower ON "Vertrieb"."Kunde-Straße" (lower("Name"::text), code) INCLUDE (born);
CREATE UNIQUE INDEX only_living ON "Vertrieb"."Kunde-Straße" ("Name") WHERE left_on IS NULL;

-- The same constraint name in two tables; composite, deferrable, to a unique constraint.
CREATE TABLE public.tenant (id int PRIMARY KEY, slug text UNIQUE);
CREATE TABLE public.account (
  tenant_id int NOT NULL REFERENCES public.tenant,
  id int NOT NULL,
  boss_id int,
  slug text CONSTRAINT same_name REFERENCES public.tenant (slug),
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT turned UNIQUE (id, tenant_id),
  FOREIGN KEY (tenant_id, boss_id) REFERENCES public.account DEFERRABLE INITIALLY DEFERRED
);
CREATE TABLE archive.account (
  id int,
  tenant_id int,
  code text UNIQUE DEFERRABLE
);
ALTER TABLE archive.account ADD CONSTRAINT same_name
  FOREIGN KEY (id, tenant_id) REFERENCES public.account (id, tenant_id) NOT VALID;

-- Two tables that need each other.
CREATE TABLE public.egg (id int PRIMARY KEY, hen_id int NOT NULL);
CREATE TABLE public.hen (id int PRIMARY KEY, egg_id int NOT NULL REFERENCES public.egg);
ALTER TABLE public.egg ADD FOREIGN KEY (hen_id) REFERENCES public.hen DEFERRABLE;

-- Inheritance from two parents.
CREATE TABLE public.animal (id int, name text);
CREATE TABLE public.pet (owner_id int, name text);
CREATE TABLE public.dog (barks boolean) INHERITS (public.animal, public.pet);

-- Partitions of partitions; foreign keys from a partitioned table, to one, and on a leaf alone.
CREATE TABLE public.event (
  id serial,
  at timestamptz NOT NULL,
  kind text NOT NULL,
  tenant_id int REFERENCES public.tenant,
  PRIMARY KEY (id, at, kind)
) PARTITION BY RANGE (at);
CREATE TABLE public.event_2024 PARTITION OF public.event
  FOR VALUES FROM ('2024-01-01') TO ('2025-01-01') PARTITION BY LIST (kind);
CREATE TABLE public.event_2024_click PARTITION OF public.event_2024 FOR VALUES IN ('click');
CREATE TABLE public.event_2024_rest PARTITION OF public.event_2024 DEFAULT;
CREATE TABLE public.event_rest PARTITION OF public.event DEFAULT;
ALTER TABLE public.event_rest ADD CONSTRAINT only_here FOREIGN KEY (id) REFERENCES public.hen;
CREATE TABLE public.event_note (
  event_id int, at timestamptz, kind text,
  FOREIGN KEY (event_id, at, kind) REFERENCES public.event
);
CREATE TABLE public.hashed (id int, day date) PARTITION BY HASH (id, (extract(year from day)));

CREATE TABLE public.booking (
  room int,
  during tsrange,
  EXCLUDE USING gist (during WITH &&) WHERE (room > 0)
);
CREATE TABLE public.nothing ();

CREATE FUNCTION public.noop() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER before_insert BEFORE INSERT OR UPDATE ON public.event
  FOR EACH ROW EXECUTE FUNCTION public.noop();
CREATE TRIGGER after_insert AFTER INSERT ON public.tenant
  FOR EACH ROW EXECUTE FUNCTION public.noop();

COMMENT ON INDEX public.tenant_pkey IS 'words on an index';
COMMENT ON FUNCTION public.noop() IS 'words on a function';
COMMENT ON SCHEMA archive IS 'words on a schema';
COMMENT ON CONSTRAINT only_here ON public.event_rest IS 'words on a constraint';
CREATE POLICY theirs ON public.tenant USING (slug <> 'words in a policy');
CREATE FUNCTION public.told(a text DEFAULT 'words in an argument') RETURNS text LANGUAGE sql
  BEGIN ATOMIC SELECT 'words in a body'::text; END;
CREATE RULE never AS ON DELETE TO public.pet WHERE name = 'words in a rule' DO INSTEAD NOTHING;
CREATE DOMAIN archive.unused AS text DEFAULT 'words in a domain';

CREATE SEQUENCE archive.free START 7 INCREMENT 5;
CREATE SEQUENCE archive.shared;
CREATE TABLE archive.counted (id int DEFAULT nextval('archive.shared'));
SELECT setval('archive.shared', 41, true);

CREATE VIEW public.names AS SELECT "Name" FROM "Vertrieb"."Kunde-Straße";
CREATE MATERIALIZED VIEW archive.names AS SELECT n."Name", t.id FROM public.names n, public.tenant t
  WITH NO DATA;

CREATE FOREIGN DATA WRAPPER nowhere;
CREATE SERVER elsewhere FOREIGN DATA WRAPPER nowhere;
CREATE USER MAPPING FOR CURRENT_USER SERVER elsewhere OPTIONS (password 'wire-secret');
CREATE FOREIGN TABLE public.remote (id int) SERVER elsewhere;
CREATE PUBLICATION everything FOR TABLE public.tenant;
CREATE SUBSCRIPTION theirs CONNECTION 'password=wire-secret' PUBLICATION p
  WITH (connect = false, slot_name = NONE);
CREATE FUNCTION public.watch() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE EVENT TRIGGER watch ON ddl_command_end EXECUTE FUNCTION public.watch();

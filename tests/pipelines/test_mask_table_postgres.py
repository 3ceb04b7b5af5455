"""What only PostgreSQL has: partitions, sequences, identity, definitions, rights, other drivers."""

import psycopg2
import pytest
import sqlalchemy as sa

import masker
from masker.engines.postgres.lent import PostgresInPlace
from masker.errors import ConfigError, MaskerError, UnsafeError
from tests.pipelines.lying import KEY, RULES, WEAK, Place, fill

DEFINITIONS = """
SELECT c.conname, c.contype::text, pg_get_constraintdef(c.oid), obj_description(c.oid), c.convalidated
  FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
 WHERE t.relnamespace = 'public'::regnamespace
UNION ALL
SELECT i.indexrelid::regclass::text, 'index', pg_get_indexdef(i.indexrelid) ||
       concat(i.indisreplident, i.indisclustered), obj_description(i.indexrelid, 'pg_class'), indisvalid
  FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid WHERE t.relnamespace = 'public'::regnamespace
UNION ALL
SELECT tgname, 'trigger', pg_get_triggerdef(oid) || tgenabled::text, NULL, true FROM pg_trigger
 WHERE NOT tgisinternal
UNION ALL
SELECT attrelid::regclass || '.' || attname, 'column', concat(attnotnull, attidentity), NULL, true
  FROM pg_attribute a JOIN pg_class t ON t.oid = a.attrelid
 WHERE t.relnamespace = 'public'::regnamespace AND t.relkind IN ('r', 'p') AND attnum > 0
ORDER BY 1, 2
"""
SETTINGS = "SELECT name, setting FROM pg_settings ORDER BY 1"


@pytest.fixture(params=["ddl", "without"])
def place(request, staging, fresh_database):
    url = fresh_database(staging, "lying").replace("postgresql://", "postgresql+psycopg://")
    engine = sa.create_engine(url)
    yield Place(engine, ddl=request.param == "ddl")
    engine.dispose()


def accepting(place, rules, table, accept=(), **options):
    with place.engine.begin() as connection:
        made = masker.Masker.from_rules(rules, key=KEY, accept=accept)
        return made.mask_table(connection, table, ddl=place.ddl, **options)


def test_every_definition_is_as_it_was(place):
    fill(place)
    place.run("""
COMMENT ON CONSTRAINT customers_pkey ON customers IS 'the number on the card';
COMMENT ON INDEX customers_email_key IS 'one each';
COMMENT ON TABLE customers IS 'people
who buy';
ALTER TABLE customers CLUSTER ON customers_pkey;
ALTER TABLE orders ADD CONSTRAINT late FOREIGN KEY (customer) REFERENCES customers (id)
  DEFERRABLE INITIALLY DEFERRED NOT VALID;
CREATE UNIQUE INDEX lower_email ON customers (lower(email)) WHERE country = 'DE';
CREATE UNIQUE INDEX named ON customers (id) INCLUDE (country) NULLS NOT DISTINCT;
CREATE INDEX plain ON customers (email text_pattern_ops);
ALTER TABLE orders ADD CONSTRAINT apart EXCLUDE (id WITH =)
""")
    before = place.rows(DEFINITIONS)
    place.mask()
    assert place.rows(DEFINITIONS) == before
    comment = place.rows("SELECT obj_description('customers'::regclass)")[0][0]
    assert comment.startswith("people\nwho buy\nmasker: {")


def test_settings_of_the_session_are_as_they_were(place):
    fill(place)
    place.run("CREATE SCHEMA other")
    with place.engine.connect() as connection:
        connection.exec_driver_sql("SET search_path = other, public")
        connection.exec_driver_sql("SET TimeZone = 'Asia/Tokyo'")
        connection.exec_driver_sql("SET DateStyle = 'German'")
        before = connection.exec_driver_sql(SETTINGS).all()
        made = masker.Masker(columns=RULES, key=KEY, accept=WEAK)
        made.mask_table(connection, "customers", ddl=place.ddl)
        assert connection.exec_driver_sql(SETTINGS).all() == before
        assert connection.exec_driver_sql("SELECT count(*) FROM pg_class WHERE relpersistence = 't' "
                                          "AND relkind = 'r'").all() == [(0,)]  # fmt: skip
        connection.rollback()
        with pytest.raises(MaskerError):
            made.mask_table(connection, "customers", where="nonsense", ddl=place.ddl)
        connection.commit()


def test_the_condition_is_read_with_the_callers_settings(place):
    place.run("CREATE TABLE t (id integer PRIMARY KEY, at timestamptz, email varchar(80));"
              "\nINSERT INTO t VALUES (1, '2024-05-01 20:00+00', 'a@web.de'), "
              "(2, '2024-05-01 10:00+00', 'b@web.de')")  # fmt: skip
    rules = {"t": {"id": "keep", "at": "keep", "email": "email"}}
    with place.engine.begin() as connection:
        connection.exec_driver_sql("SET TimeZone = 'Asia/Tokyo'")
        done = masker.Masker.from_rules(rules, key=KEY).mask_table(
            connection, "t", where="at::date = '2024-05-02'", ddl=place.ddl
        )
    assert done.rows == 1
    assert place.rows("SELECT email FROM t WHERE id = 2") == [("b@web.de",)]


def test_sequences_go_on_above_masked_keys_and_a_rollback_undoes_it(place):
    place.run("CREATE TABLE t (id serial PRIMARY KEY, name text);\n"
              "INSERT INTO t (name) VALUES ('Anna Kranz'), ('Bert Blau')")  # fmt: skip
    rules = {"t": {"id": "integer", "name": "full_name"}}
    with place.engine.connect() as connection:
        masker.Masker.from_rules(rules, key=KEY).mask_table(connection, "t", ddl=place.ddl)
        connection.rollback()
    place.run("INSERT INTO t (name) VALUES ('Carla Kranz')")
    assert place.rows("SELECT max(id) FROM t") == [(3,)]
    accepting(place, rules, "t")
    place.run("INSERT INTO t (name) VALUES ('new')")
    assert place.rows("SELECT id FROM t WHERE name = 'new'") == [(2**30,)]


def test_an_identity_that_is_always_generated(place):
    place.run("CREATE TABLE t (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "
              "twice integer GENERATED ALWAYS AS (id * 2) STORED);\n"
              "INSERT INTO t DEFAULT VALUES")  # fmt: skip
    rules = {"t": {"id": "integer"}}
    if not place.ddl:
        with pytest.raises(ConfigError) as caught:
            accepting(place, rules, "t")
        assert [each.code for each in caught.value.findings.blocking] == ["identity-always"]
        return
    before = place.rows(DEFINITIONS)
    accepting(place, rules, "t")
    ((key, twice),) = place.rows("SELECT * FROM t")
    assert key not in {0, 1}
    assert twice == key * 2
    assert place.rows(DEFINITIONS) == before


KINDS = """
CREATE TYPE mood AS ENUM ('happy', 'sad');
CREATE DOMAIN mail AS varchar(80) CHECK (VALUE LIKE '%%@%%');
CREATE TABLE kinds (
  id uuid PRIMARY KEY, mail mail UNIQUE, code char(6) UNIQUE, net inet, born date, seen timestamptz,
  yes boolean, feel mood, doc jsonb, raw bytea, many text[], price numeric(12, 3), stays tsvector,
  phone varchar(40), big bigint UNIQUE
);
CREATE TABLE refers (id integer PRIMARY KEY, kind uuid REFERENCES kinds, big bigint REFERENCES kinds (big));
INSERT INTO kinds SELECT gen_random_uuid(), 'a' || n || '@web.de', 'AB' || 100 + n, ('10.0.0.' || n)::inet,
  date '1980-01-01' + n, now(), true, 'sad'::mood, '{"name": "Anna Kranz", "n": 1}'::jsonb, '\\x00ff',
  '{a,NULL,"b c"}', n * 1.125, to_tsvector('Anna'), '+49 30 9018' || 1000 + n, n
FROM generate_series(1, 40) n;
INSERT INTO kinds (id) VALUES (gen_random_uuid());
INSERT INTO refers SELECT row_number() OVER (), id, big FROM kinds
"""


def test_every_kind_of_column(place):
    place.run(KINDS)
    rules = {"kinds": {
        "id": "uuid", "mail": "email", "code": "alphanumeric", "net": "ip",
        "born": {"use": "shift_date", "with": {"within": "30d"}},
        "seen": {"use": "shift_date", "with": {"within": "30d"}},
        "yes": "keep", "feel": {"use": "constant", "with": {"value": "happy"}},
        "doc": {"use": "json", "with": {"paths": {"$.name": "full_name"}}},
        "raw": "keep", "many": "keep", "price": "keep", "stays": "null", "phone": "phone",
        "big": "integer",
    }}  # fmt: skip
    kept = "SELECT yes, raw, many, price FROM kinds ORDER BY 4, 1"
    before, tied = (
        place.rows(kept),
        place.rows(
            "SELECT r.id, k.price FROM refers r JOIN kinds k ON k.id = r.kind AND k.big = r.big ORDER BY 1"
        ),
    )
    old = place.rows(
        "SELECT id::text, mail, code, phone, doc::text FROM kinds WHERE mail IS NOT NULL"
    )
    accepting(place, rules, "kinds")
    assert place.rows(kept) == before
    assert place.rows(
        "SELECT r.id, k.price FROM refers r JOIN kinds k ON k.id = r.kind AND k.big = r.big ORDER BY 1"
    ) == tied  # fmt: skip
    assert len(tied) == 40
    new = place.rows(
        "SELECT id::text, mail, code, phone, doc::text FROM kinds WHERE mail IS NOT NULL"
    )
    for at in range(5):
        assert not {row[at] for row in old} & {row[at] for row in new}, at
    assert place.rows("SELECT count(*) FROM kinds WHERE mail IS NULL AND born IS NULL") == [(1,)]
    assert place.rows("SELECT DISTINCT feel FROM kinds WHERE doc IS NOT NULL") == [("happy",)]
    twice = masker.Masker.from_rules(rules, key=KEY)
    assert {twice.mask_value(row[1], "mail", table="kinds") for row in old} == {
        row[1] for row in new
    }


def test_a_partitioned_table_and_one_that_refers_to_it(place):
    place.run("""
CREATE TABLE events (id integer, at date, email varchar(80), PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');
CREATE TABLE seen (id integer PRIMARY KEY, event integer, at date, FOREIGN KEY (event, at) REFERENCES events);
INSERT INTO events SELECT n, date '2024-01-01' + n, 'a' || n || '@web.de' FROM generate_series(1, 50) n;
INSERT INTO seen SELECT id, id, at FROM events
""")
    before = place.rows(DEFINITIONS)
    rules = {"events": {"id": "integer", "at": "keep", "email": "email"}}
    done = accepting(place, rules, "events")
    assert done.rows == 50
    assert place.rows(DEFINITIONS) == before
    assert place.rows("SELECT count(*) FROM seen JOIN events ON events.id = event AND events.at = seen.at "
                      "WHERE seen.id <> events.id") == [(50,)]  # fmt: skip
    assert place.rows("SELECT count(*) FROM events WHERE email LIKE '%%web.de'") == [(0,)]
    with pytest.raises(ConfigError, match="partitions go as their root does"):
        accepting(place, rules, "events_1")


def test_dates_that_divide_a_table_stay_within_its_partitions(place):
    place.run("""
CREATE TABLE visits (id integer, at date) PARTITION BY RANGE (at);
CREATE TABLE visits_1 PARTITION OF visits FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
CREATE TABLE visits_2 PARTITION OF visits FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');
INSERT INTO visits SELECT n, date '2024-01-01' + n FROM generate_series(1, 50) n
""")
    rules = {"visits": {"id": "keep", "at": {"use": "shift_date", "with": {"within": "60d"}}}}
    accepting(place, rules, "visits")
    assert place.rows("SELECT count(*) FROM visits WHERE at <> date '2024-01-01' + id") == [(50,)]


def test_a_view_on_a_key_is_told_and_goes_without_ddl(place):
    fill(place)
    place.run("CREATE VIEW totals AS SELECT c.id, c.email, sum(o.total) FROM customers c "
              "JOIN orders o ON o.customer = c.id GROUP BY c.id")  # fmt: skip
    before = place.everything()
    if place.ddl:
        with pytest.raises(ConfigError) as caught:
            place.mask()
        assert caught.value.code == "constraint-in-use"
        assert "ddl=False" in caught.value.help
        assert place.everything() == before
    else:
        place.mask()
        assert place.everything() != before


def test_a_materialised_view_is_told(place):
    fill(place)
    place.run("CREATE MATERIALIZED VIEW mails AS SELECT email FROM customers")
    done = place.mask()
    assert [each.subject for each in done.findings if each.code == "copy-remains"] == [
        "public.mails"
    ]


def test_a_role_that_does_not_own_the_table_is_told(place):
    fill(place)
    place.run(
        "CREATE ROLE guest; GRANT ALL ON ALL TABLES IN SCHEMA public TO guest".replace("; ", ";\n")
    )
    try:
        with place.engine.connect() as connection:
            connection.exec_driver_sql("SET ROLE guest")
            with pytest.raises(ConfigError) as caught:
                masker.Masker(columns=RULES, key=KEY, accept=WEAK).mask_table(
                    connection, "customers", ddl=place.ddl
                )
        assert {each.code for each in caught.value.findings.blocking} == {"not-owner"}
    finally:
        place.run("DROP OWNED BY guest;\nDROP ROLE guest")


def test_the_servers_statistics_hold_nothing_of_before(place):
    fill(place)
    place.run("UPDATE customers SET name = 'Anna Kranz';\nANALYZE customers")
    held = "SELECT count(*) FROM pg_stats WHERE most_common_vals::text LIKE '%%Kranz%%'"
    assert place.rows(held) == [(1,)]
    place.mask()
    assert place.rows(held) == [(0,)]


def test_psycopg2_will_do(place):
    fill(place)
    url = place.engine.url.set(drivername="postgresql+psycopg2")
    engine = sa.create_engine(url)
    other = Place(engine, ddl=place.ddl)
    other.mask()
    assert not [row for row in place.everything()["customers"] if "kranz" in row[1]]
    with pytest.raises(MaskerError) as caught:
        other.mask(again=True, where="(email > 'anna')::int / (length(email) - length(email)) = 1")
    assert "anna" not in str(caught.value)
    assert caught.value.sqlstate == "22012"
    engine.dispose()
    raw = psycopg2.connect(url.set(drivername="postgresql").render_as_string(hide_password=False))
    with pytest.raises(UnsafeError):
        masker.Masker(columns=RULES, key=KEY, accept=WEAK).mask_table(raw, "customers")
    raw.rollback()
    raw.autocommit = True
    with pytest.raises(ConfigError) as caught:
        masker.Masker(columns=RULES, key=KEY, accept=WEAK).mask_table(raw, "customers")
    assert caught.value.code == "no-transaction"
    raw.close()


def test_another_schema_is_found_by_name_and_by_path(place):
    place.run("CREATE SCHEMA other;\nCREATE TABLE other.people (email varchar(80));\n"
              "CREATE TABLE people (email varchar(80));\n"
              "INSERT INTO other.people VALUES ('a@web.de');\nINSERT INTO people VALUES ('b@web.de')")  # fmt: skip
    rules = {"other.people": {"email": "email"}}
    assert accepting(place, rules, "other.people").table == "other.people"
    assert place.rows("SELECT * FROM people") == [("b@web.de",)]
    with place.engine.begin() as connection:
        connection.exec_driver_sql("SET search_path = other")
        with pytest.raises(UnsafeError) as caught:
            masker.Masker.from_rules(rules, key=KEY).mask_table(connection, "people", ddl=place.ddl)
    assert [each.code for each in caught.value.findings] == ["already-masked"]


def test_a_view_is_no_table(place):
    place.run("CREATE VIEW v AS SELECT 1 AS n")
    with pytest.raises(ConfigError, match="`v` is no table"):
        accepting(place, {"v": {"n": "keep"}}, "v")


def test_rows_that_a_policy_hides_are_not_passed_over(place):
    fill(place)
    place.run("CREATE ROLE clerk; ALTER TABLE customers OWNER TO clerk; "
              "ALTER TABLE orders OWNER TO clerk; ALTER TABLE badges OWNER TO clerk; "
              "ALTER TABLE scans OWNER TO clerk; GRANT CREATE ON SCHEMA public TO clerk; "
              "ALTER TABLE customers ENABLE ROW LEVEL SECURITY; "
              "ALTER TABLE customers FORCE ROW LEVEL SECURITY; "
              "CREATE POLICY germans ON customers USING (country = 'DE')".replace("; ", ";\n"))  # fmt: skip
    try:
        for where in (None, "true"):
            with place.engine.connect() as connection:
                connection.exec_driver_sql("SET ROLE clerk")
                with pytest.raises(ConfigError) as caught:
                    masker.Masker(columns=RULES, key=KEY, accept=WEAK).mask_table(
                        connection, "customers", ddl=place.ddl, where=where
                    )
            assert caught.value.sqlstate == "42501"
    finally:
        place.run("DROP OWNED BY clerk;\nDROP ROLE clerk")


def test_checks_that_wait_are_told(place):
    fill(place)
    place.run(
        "ALTER TABLE orders ALTER CONSTRAINT orders_customer_fkey DEFERRABLE INITIALLY DEFERRED"
    )
    with place.engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO orders VALUES (900, '1', 1)")
        made = masker.Masker(columns=RULES, key=KEY, accept=WEAK)
        if place.ddl:
            with pytest.raises(ConfigError) as caught:
                made.mask_table(connection, "customers", ddl=place.ddl)
            assert caught.value.code == "constraint-in-use"
            assert "SET CONSTRAINTS ALL IMMEDIATE" in caught.value.help
            connection.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")
        assert made.mask_table(connection, "customers", ddl=place.ddl).rows == 10


def test_a_connection_that_is_lost_is_to_be_tried_again(place, monkeypatch):
    fill(place)
    before = place.everything()

    def lost(self, change, rows, masked, real=PostgresInPlace.keep):
        pid = self._session.one("SELECT pg_backend_pid()")
        place.rows(f"SELECT pg_terminate_backend({pid})")
        real(self, change, rows, masked)

    with monkeypatch.context() as patch:
        patch.setattr(PostgresInPlace, "keep", lost)
        connection = place.engine.connect()
        with pytest.raises(masker.TryAgainError):
            masker.Masker(columns=RULES, key=KEY, accept=WEAK).mask_table(
                connection, "customers", ddl=place.ddl
            )
        connection.invalidate()
        connection.close()
    assert place.everything() == before


def test_a_temporary_table_is_told(place):
    with place.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TEMPORARY TABLE t (email text)")
        with pytest.raises(ConfigError, match="is a temporary table"):
            masker.Masker.from_rules({"t": {"email": "email"}}).mask_table(connection, "t")


def test_a_rule_that_rewrites_updates_is_told(place):
    fill(place)
    place.run("CREATE TABLE history (email text);\n"
              "CREATE RULE remember AS ON UPDATE TO customers DO ALSO INSERT INTO history VALUES (old.email)")  # fmt: skip
    with pytest.raises(ConfigError) as caught:
        place.mask()
    assert [each.code for each in caught.value.findings.blocking] == ["update-rule"]
    assert place.rows("SELECT * FROM history") == []


@pytest.mark.filterwarnings("ignore")
def test_a_table_that_is_published(place):
    fill(place)
    place.run("CREATE PUBLICATION all_of_it FOR TABLE customers, orders, badges, scans")
    if place.ddl:
        with pytest.raises(ConfigError) as caught:
            place.mask()
        assert {each.code for each in caught.value.findings.blocking} == {"published-table"}
        assert "ddl=False" in str(caught.value)
    else:
        assert place.mask().rows == 10


COMPUTED = """
CREATE TABLE t (code varchar(1) PRIMARY KEY, n int,
  again varchar(1) GENERATED ALWAYS AS (code) STORED UNIQUE,
  other int GENERATED ALWAYS AS (n + 1) STORED UNIQUE);
CREATE UNIQUE INDEX twice ON t ((again || again));
INSERT INTO t SELECT n::text, n FROM generate_series(0, 9) n
"""


def test_generated_columns_under_a_key(place):
    place.run(COMPUTED)
    rules = {"t": {"code": "digits", "n": "keep"}}
    before = place.rows(DEFINITIONS)
    if place.ddl:
        accepting(place, rules, "t", accept=["weak-space:t.code"])
        rows = place.rows("SELECT code, again, n FROM t ORDER BY n")
        assert {row[0] for row in rows} == {row[1] for row in rows} == {str(n) for n in range(10)}
        assert all(row[0] == row[1] for row in rows)
        assert place.rows(DEFINITIONS) == before
    else:
        with pytest.raises(ConfigError) as caught:
            accepting(place, rules, "t", accept=["weak-space:t.code"])
        found = {(each.code, each.subject) for each in caught.value.findings.blocking}
        assert found == {("generated-key", "public.t.again")}
    place.run("CREATE TABLE k (again varchar(1) CONSTRAINT follows REFERENCES t (again));\n"
              "CREATE TABLE fine (n int REFERENCES t (other));\n"
              "INSERT INTO k SELECT again FROM t;\nINSERT INTO fine SELECT other FROM t")  # fmt: skip
    with pytest.raises(ConfigError, match="`follows`") as caught:
        accepting(place, rules, "t", accept=["weak-space:t.code"], again=True)
    assert {each.code for each in caught.value.findings.blocking} == {"generated-key"}
    assert "`fine" not in str(caught.value)

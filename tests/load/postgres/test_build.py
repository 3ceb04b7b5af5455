"""A schema with everything that makes building in parallel hard arrives as it was."""

import pytest

from masker.engines.postgres import build
from masker.engines.postgres.archive import Entry
from masker.errors import CollisionError
from tests.load.postgres.road import copy_rows, dump_schema, opened, refresh, road

DIFFICULT = r"""
CREATE SCHEMA "Odd; Type: x";
CREATE DOMAIN posint AS int CHECK (VALUE > 0);
CREATE TABLE region (id int PRIMARY KEY, name text NOT NULL, CONSTRAINT name_once UNIQUE (name) DEFERRABLE);
CREATE TABLE events (id int GENERATED ALWAYS AS IDENTITY, at date NOT NULL, region int REFERENCES region,
  kind text DEFAULT 'a', twice int GENERATED ALWAYS AS (3) STORED, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2020-01-01') TO ('2021-01-01') PARTITION BY LIST (at);
CREATE TABLE events_1_a PARTITION OF events_1 FOR VALUES IN ('2020-07-01');
CREATE TABLE events_1_b PARTITION OF events_1 DEFAULT;
CREATE TABLE events_2 PARTITION OF events DEFAULT;
CREATE INDEX ON events (kind); CREATE UNIQUE INDEX ON events (at, id);
CREATE TABLE notes (id posint PRIMARY KEY, event int, at date, body text,
  FOREIGN KEY (event, at) REFERENCES events ON DELETE CASCADE);
CREATE TABLE "Odd; Type: x"."a b; Type: y" (id int PRIMARY KEY, "B" int UNIQUE, EXCLUDE USING gist (int4range("B", "B" + 1) WITH &&));
CREATE TABLE dep (id int PRIMARY KEY, head int NOT NULL); CREATE TABLE emp (id int PRIMARY KEY, dep int NOT NULL REFERENCES dep);
ALTER TABLE dep ADD FOREIGN KEY (head) REFERENCES emp DEFERRABLE INITIALLY DEFERRED;
CREATE TABLE base (id int PRIMARY KEY); CREATE TABLE heir (extra text) INHERITS (base); ALTER TABLE heir ADD PRIMARY KEY (id);
CREATE VIEW grouped AS SELECT r.id, r.name, count(*) FROM region r JOIN events e ON e.region = r.id GROUP BY r.id;
CREATE MATERIALIZED VIEW z_first AS SELECT id FROM region; CREATE UNIQUE INDEX ON z_first (id);
CREATE VIEW between_them AS SELECT id FROM z_first;
CREATE MATERIALIZED VIEW a_second AS SELECT count(*) FROM between_them;
CREATE MATERIALIZED VIEW empty_one AS SELECT 1 AS x WITH NO DATA;
CREATE STATISTICS twin (dependencies) ON event, at FROM notes;
CREATE FUNCTION looks_like_a_header() RETURNS text LANGUAGE plpgsql AS $$BEGIN RETURN '
--
-- TOC entry 215 (class 1259 OID 16385)
-- Name: x; Type: TABLE; Schema: public; Owner: -
-- Data Pos: 0
--

SET default_tablespace = ''x'';
\restrict
'; END$$;
CREATE FUNCTION atomic() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM region GROUP BY id; END;
CREATE RULE quiet AS ON INSERT TO base DO ALSO NOTIFY base;
CREATE TRIGGER same BEFORE UPDATE ON notes FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
ALTER TABLE notes DISABLE TRIGGER same; COMMENT ON TRIGGER same ON notes IS 'off';
ALTER TABLE notes ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON notes TO PUBLIC USING (id > 1);
COMMENT ON CONSTRAINT name_once ON region IS 'it''s -- a comment'; COMMENT ON INDEX z_first_id_idx IS 'i';
CREATE AGGREGATE total (int) (SFUNC = int4pl, STYPE = int); CREATE CAST (text AS posint) WITH INOUT;
ALTER TABLE notes ADD CONSTRAINT later CHECK (body <> '') NOT VALID; ALTER TABLE events CLUSTER ON events_pkey;
INSERT INTO region SELECT i, 'r' || i FROM generate_series(1, 20) i;
INSERT INTO events (at, region, kind) SELECT date '2020-06-01' + i * 20, i, CASE WHEN i % 2 = 0 THEN 'a' ELSE 'c' END FROM generate_series(1, 20) i;
INSERT INTO notes SELECT id, id, at, 'n' FROM events;
REFRESH MATERIALIZED VIEW z_first; REFRESH MATERIALIZED VIEW a_second
"""


@pytest.fixture
def difficult(production, fresh_database):
    url = fresh_database(production, "difficult")
    script = DIFFICULT.replace("ALTER TABLE events CLUSTER ON events_pkey;", "")
    production.sql(script, database=url.rpartition("/")[2])
    return url


@pytest.mark.parametrize("workers", [1, 4])
def test_a_difficult_schema_arrives_as_it_was(
    difficult, production, staging, fresh_database, workers
):
    target = fresh_database(staging, "target")
    way = refresh(difficult, target, workers=workers, keep_previous=False)
    assert dump_schema(staging, target) == dump_schema(production, difficult)
    name = target.rpartition("/")[2]
    assert staging.sql("SELECT * FROM a_second", database=name) == "20"
    assert (
        staging.sql(
            "SELECT relispopulated FROM pg_class WHERE relname = 'empty_one'", database=name
        )
        == "f"
    )
    assert staging.sql("SELECT count(*) FROM notes", database=name) == "20"
    assert not way.found.blocking


def test_keys_are_built_in_parallel_without_deadlock(production, staging, fresh_database):
    source = fresh_database(production, "many")
    parts = ["CREATE TABLE hub (id int PRIMARY KEY, x int, y int)"]
    parts += [
        f"CREATE TABLE s{i} (id int PRIMARY KEY, hub int REFERENCES hub, x int UNIQUE);"
        f"CREATE INDEX ON s{i} (hub); CREATE INDEX ON hub (x, y, ({i} + x))"
        for i in range(12)
    ]
    parts += [f"ALTER TABLE s{i} ADD FOREIGN KEY (x) REFERENCES s{(i + 5) % 12}" for i in range(12)]
    production.sql("; ".join(parts), database=source.rpartition("/")[2])
    target = fresh_database(staging, "target")
    refresh(source, target, workers=6, keep_previous=False)
    assert dump_schema(staging, target) == dump_schema(production, source)


def test_a_failing_entry_stops_the_others(production, staging, fresh_database):
    source = fresh_database(production, "fails")
    production.sql(
        "CREATE TABLE a (x int PRIMARY KEY); CREATE TABLE b (x int PRIMARY KEY); INSERT INTO a VALUES (1)",
        database=source.rpartition("/")[2],
    )
    target = fresh_database(staging, "target")
    expected = r"constraint `public.a a_pkey` cannot be built"
    with pytest.raises(CollisionError, match=expected), road(source, target) as way:
        way.prepare()
        for _ in range(2):
            with way.swap.writer.open() as writer:
                copy_rows(way.source, writer, way.plan)
        way.swap.finish()
    with opened(target) as session:
        query = "SELECT count(*) FROM pg_stat_activity WHERE datname LIKE %s AND pid <> pg_backend_pid()"
        assert session.one(query, [target.rpartition("/")[2] + "%"]) == 0


def entry(number, kind, name, *depends, schema="s"):
    return Entry(id=number, kind=kind, schema=schema, name=name, sql="", depends=depends)


def test_a_comment_on_what_belongs_to_others_is_left_out(staging, fresh_database, loader):
    name = fresh_database(staging, "target").rpartition("/")[2]
    comment = Entry(
        id=1,
        kind="COMMENT",
        schema="",
        name="EXTENSION plpgsql",
        sql="COMMENT ON EXTENSION plpgsql IS 'ours';",
    )
    with opened(loader(name)) as session:
        (found,) = build.run_before(session, [comment])
    assert (found.code, found.subject) == ("comment-left-out", "EXTENSION plpgsql")
    assert found.message.startswith("the comment on `EXTENSION plpgsql` is not set")


BEFORE = [
    entry(1, "TABLE", "root"), entry(2, "TABLE", "leaf"), entry(3, "TABLE", "other"),
    entry(4, "TABLE ATTACH", "leaf", 1, 2),
]  # fmt: skip


@pytest.mark.parametrize(
    ("one", "two", "together"),
    [
        pytest.param(entry(10, "INDEX", "i", 1), entry(11, "INDEX", "j", 1), True, id="two indexes"),
        pytest.param(entry(10, "CONSTRAINT", "i", 1), entry(11, "INDEX", "j", 1), False, id="key and index"),
        pytest.param(entry(10, "CONSTRAINT", "i", 1), entry(11, "CONSTRAINT", "j", 2), False, id="key of a root and its leaf"),
        pytest.param(entry(10, "CONSTRAINT", "i", 2), entry(11, "CONSTRAINT", "j", 3), True, id="keys of two tables"),
        pytest.param(entry(10, "FK CONSTRAINT", "i", 2), entry(11, "CONSTRAINT", "j", 1), False, id="foreign key from a leaf"),
        pytest.param(entry(10, "INDEX", "i", 1), entry(11, "INDEX ATTACH", "j", 10), False, id="what it needs"),
    ],
)  # fmt: skip
def test_what_may_run_at_the_same_time(one, two, together):
    locks = build._locks([one, two], BEFORE)
    ready = build._ready({one.id: one, two.id: two}, [], locks, 9)
    assert [item.id for item in ready] == ([10, 11] if together else [10])

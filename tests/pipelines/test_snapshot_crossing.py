"""Snapshots of PostgreSQL loaded into SQLite: every row, every value, every foreign key."""

import sqlite3
from contextlib import closing
from decimal import Decimal
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql

from masker.errors import ConfigError, DataError, UnsafeError
from masker.pipelines.load import load_snapshot
from masker.pipelines.snapshot import snapshot
from tests.engines.test_type_matrix import EMBEDDED, SETUP
from tests.pipelines import difficult
from tests.pipelines.refreshes import KEY
from tests.pipelines.test_snapshot_sqlite import take
from tests.pipelines.test_sqlite import CHINOOK

KEEP = """
version: 1
name: keep
source: {url: "${SOURCE_URL}"}
target: {url: "${SOURCE_URL}"}
columns: {"*": {"*": keep}}
"""
TABLES = """
SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
   AND n.nspname NOT IN ('pg_catalog', 'information_schema')
"""


class Crossing:
    """A source that is kept as it is, its snapshot, and the SQLite file that was loaded from it."""

    def __init__(self, source, folder, *, policy=KEEP, format="parquet"):
        self.source, self.folder, self.file = source, folder, folder / "target.db"
        self.environ = {"SOURCE_URL": source, "MASKER_KEY": KEY}
        (folder / "keep.yaml").write_text(policy)
        self.made = snapshot(
            folder / "keep.yaml",
            folder / "snap",
            records=folder / "records",
            environ=self.environ,
            format=format,
        )

    def load(self, file=None, **options):
        return load_snapshot(
            self.folder / "snap",
            f"sqlite:///{file or self.file}",
            records=self.folder / "records",
            environ=self.environ,
            **options,
        )

    def ask(self, query):
        with closing(sqlite3.connect(self.file)) as session:
            return session.execute(query).fetchall()

    def columns(self, table):
        return [(name, kind) for _, name, kind, *_ in self.ask(f'PRAGMA table_info("{table}")')]

    def texts(self, table):
        """Return all rows of a table of the file as PostgreSQL would write them."""
        kinds = [kind for _, kind in self.columns(table)]
        return sorted(
            (tuple(map(as_text, row, kinds)) for row in self.ask(f'SELECT * FROM "{table}"')),
            key=repr,
        )

    def source_texts(self, schema, table, names, kinds):
        """Return all rows of a table of the source as the server writes them."""
        columns = sql.SQL(", ").join(map(sql.Identifier, names))
        query = sql.SQL("COPY (SELECT {} FROM {}) TO STDOUT").format(
            columns, sql.Identifier(schema, table)
        )
        with (
            psycopg.connect(self.source, options="-c TimeZone=UTC") as session,
            session.cursor().copy(query) as rows,
        ):
            found = list(rows.rows())
        return sorted((tuple(map(as_number, row, kinds)) for row in found), key=repr)


def as_text(value, kind):
    """Return a value of the file as PostgreSQL's text, a float as a number."""
    if kind == "BOOLEAN" and value is not None:
        return "ft"[value]
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    if kind.startswith("NUMERIC") and not isinstance(value, str | None):
        scale = int(kind.rstrip(")").rpartition(",")[2])
        return f"{Decimal(str(value)):.{scale}f}"
    if kind == "INTEGER" and value is not None:
        assert isinstance(value, int)
        return str(value)
    return as_number(value, kind) if isinstance(value, str | None) else value


def as_number(text, kind):
    return text if kind != "REAL" or text in {None, "NaN"} else float(text)


SAMPLES = ["chinook", *(pytest.param(name, marks=pytest.mark.long) for name in ("pagila", "hr"))]


@pytest.fixture(scope="module", params=SAMPLES)
def sample(request, production, lasting_database, tmp_path_factory):
    template = request.getfixturevalue(request.param)
    source = lasting_database(production, request.param, template=template)
    crossing = Crossing(source, tmp_path_factory.mktemp(request.param))
    crossing.name = request.param
    crossing.done = crossing.load()
    return crossing


def test_every_value_of_every_table_is_there(sample):
    with psycopg.connect(sample.source) as session:
        tables = session.execute(TABLES).fetchall()
        views = session.execute("SELECT count(*) FROM pg_views WHERE schemaname = 'public'")
        views = views.fetchone()[0]
    looked = 0
    for schema, table in tables:
        name = table if schema == "public" else f"{schema}_{table}"
        columns = sample.columns(name)
        assert columns, name
        names, kinds = zip(*columns, strict=True)
        there = sample.texts(name)
        assert there == sample.source_texts(schema, table, names, kinds), name
        looked += len(there)
        assert sample.done.run.rows.get(f"main.{name}", 0) == len(there)
    assert looked > 200
    assert looked == sum(sample.made.run.rows.values())
    told = {each.subject: each for each in sample.done.run.findings if each.code == "not-crossed"}
    assert ("views" in told) == (views > 0)
    if views:
        assert f"without: {views} (" in told["views"].message


def test_every_key_holds(sample):
    assert sample.ask("PRAGMA foreign_key_check") == []
    assert sample.ask("PRAGMA integrity_check") == [("ok",)]
    with psycopg.connect(sample.source) as session:
        links = session.execute(
            "SELECT count(*) FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid "
            "WHERE k.contype = 'f' AND NOT c.relispartition"
        ).fetchone()[0]
        keys = session.execute(
            "SELECT count(*) FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid "
            "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE i.indisprimary "
            "AND NOT c.relispartition AND n.nspname !~ '^pg_'"
        ).fetchone()[0]
    names = [name for (name,) in sample.ask("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    there = [row for name in names for row in sample.ask(f'PRAGMA foreign_key_list("{name}")')]
    assert sum(row[1] == 0 for row in there) == links
    primary = [n for n in names if any(row[5] for row in sample.ask(f'PRAGMA table_info("{n}")'))]
    assert len(primary) == keys


def test_what_foreign_keys_do_is_kept(sample):
    if sample.name != "pagila":
        pytest.skip("the others do nothing")
    does = {row[3]: row[5:7] for row in sample.ask("PRAGMA foreign_key_list(film_actor)")}
    assert does["film_id"] == ("CASCADE", "RESTRICT")


def test_chinook_is_the_chinook_that_sqlite_has(sample):
    if sample.name != "chinook":
        pytest.skip("of chinook alone there is a file")
    with closing(sqlite3.connect(CHINOOK)) as session:
        want = session.execute("SELECT * FROM InvoiceLine ORDER BY 1").fetchall()
        people = session.execute("SELECT CustomerId, FirstName, Email FROM Customer ORDER BY 1")
        people = people.fetchall()
    assert sample.ask("SELECT * FROM invoice_line ORDER BY 1") == want
    assert sample.ask("SELECT customer_id, first_name, email FROM customer ORDER BY 1") == people


def test_it_is_loaded_over_what_was_loaded_and_not_over_another(sample, tmp_path):
    before = sample.texts("customer") if sample.name != "hr" else None
    sample.load()
    if before:
        assert sample.texts("customer") == before
    mine = tmp_path / "mine.db"
    with closing(sqlite3.connect(mine)) as session:
        session.execute("CREATE TABLE t (a)")
    with pytest.raises(UnsafeError) as told:
        sample.load(mine)
    assert [each.code for each in told.value.findings.blocking] == ["unmarked-target"]


@pytest.mark.parametrize(
    "format", ["parquet", *(pytest.param(each, marks=pytest.mark.long) for each in ("sql", "csv"))]
)
def test_every_type_is_postgresql_s_own_text(production, fresh_database, tmp_path, format):
    source = fresh_database(production, "matrix")
    tables = [
        f"CREATE TABLE public.t{number} (n int PRIMARY KEY GENERATED ALWAYS AS IDENTITY, v {case.type});"
        f"INSERT INTO public.t{number} (v) VALUES {case.values}, (NULL);"
        for number, case in enumerate(EMBEDDED)
    ]
    bare = "CREATE TABLE public.bare (); INSERT INTO public.bare SELECT;"
    production.sql("\n".join([SETUP, *tables, bare]), database=urlsplit(source).path[1:])
    crossing = Crossing(source, tmp_path, format=format)
    done = crossing.load()
    for number, case in enumerate(EMBEDDED):
        kinds = [kind for _, kind in crossing.columns(f"t{number}")]
        want = crossing.source_texts("public", f"t{number}", ["n", "v"], kinds)
        assert crossing.texts(f"t{number}") == want, case.name
    told = {each.subject: each.message for each in done.run.findings}
    assert "`public.bare`" in told["tables without columns"]
    assert "types and domains" in told


DIFFICULT = r"""
CREATE SCHEMA shop;
CREATE TYPE mood AS ENUM ('good', 'bad');
CREATE TABLE people (
  id integer PRIMARY KEY, email text NOT NULL UNIQUE, "Odd ""name" text DEFAULT 'it''s',
  mood mood DEFAULT 'good', active boolean DEFAULT true NOT NULL, made timestamptz DEFAULT now(),
  balance numeric(12,2) DEFAULT 0.00, rate numeric DEFAULT 1.50, raw bytea DEFAULT '\x00ff',
  lower_email text GENERATED ALWAYS AS (lower(email)) STORED,
  CHECK (balance > -1000));
CREATE TABLE shop.people (id bigint PRIMARY KEY, person integer UNIQUE DEFERRABLE,
  FOREIGN KEY (person) REFERENCES public.people ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE visits (id integer, person_id integer REFERENCES people, day date,
  PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
CREATE TABLE visits_one PARTITION OF visits FOR VALUES FROM ('2024-01-01') TO ('2024-07-01');
CREATE TABLE visits_two (day date NOT NULL, person_id integer, id integer NOT NULL);
ALTER TABLE visits ATTACH PARTITION visits_two FOR VALUES FROM ('2024-07-01') TO ('2025-01-01');
CREATE TABLE secret (id integer PRIMARY KEY);
CREATE TABLE notes (a integer, b integer, person integer, PRIMARY KEY (b, a));
INSERT INTO notes VALUES (1, 2, 7);
ALTER TABLE notes ADD FOREIGN KEY (person) REFERENCES people NOT VALID;
CREATE UNIQUE INDEX ON people (lower(email));
CREATE INDEX ON people (mood);
CREATE VIEW good AS SELECT * FROM people WHERE mood = 'good';
CREATE FUNCTION one() RETURNS integer LANGUAGE sql RETURN 1;
COMMENT ON TABLE people IS 'who';
INSERT INTO people (id, email, "Odd ""name", rate) VALUES (1, 'A@mail.test', '', 1.10),
  (2, 'b@mail.test', NULL, '12345678901234567890.0123456789');
INSERT INTO shop.people VALUES (9007199254740993, 1), (2, NULL);
INSERT INTO visits SELECT i, 1 + i % 2, '2024-01-01'::date + i FROM generate_series(1, 300) i;
INSERT INTO secret VALUES (7);
"""


@pytest.fixture(scope="module")
def crossing(production, lasting_database, tmp_path_factory):
    source = lasting_database(production, "difficult")
    production.sql(DIFFICULT, database=urlsplit(source).path[1:])
    policy = KEEP + "tables: {secret: exclude}\n"
    made = Crossing(source, tmp_path_factory.mktemp("difficult"), policy=policy)
    made.done = made.load()
    return made


class TestDifficult:
    def test_digits_nothing_and_the_empty_text_stay(self, crossing):
        found = crossing.ask('SELECT "Odd ""name", rate, raw, active FROM people ORDER BY id')
        assert found == [
            ("", "1.10", b"\x00\xff", 1),
            (None, "12345678901234567890.0123456789", b"\x00\xff", 1),
        ]
        assert (9007199254740993, 1) in crossing.ask("SELECT * FROM shop_people")

    def test_partitions_are_one_table_whatever_the_order_of_their_columns(self, crossing):
        assert crossing.ask("SELECT count(*), min(day), max(day) FROM visits") == [
            (300, "2024-01-02", "2024-10-27")
        ]
        assert crossing.ask("SELECT * FROM visits WHERE id = 299") == [(299, 2, "2024-10-26")]

    def test_keys_constraints_and_constants_are_sqlite_s(self, crossing):
        with closing(sqlite3.connect(crossing.file, isolation_level=None)) as session:
            session.execute("PRAGMA foreign_keys = ON")
            session.execute("INSERT INTO people (email) VALUES ('c@mail.test')")
            made = session.execute('SELECT id, "Odd ""name", mood, active, balance, rate, raw '
                                   "FROM people WHERE email = 'c@mail.test'")  # fmt: skip
            assert made.fetchall() == [(3, "it's", "good", 1, 0, "1.50", b"\x00\xff")]
            for broken in (
                "INSERT INTO people (email) VALUES ('c@mail.test')",
                "INSERT INTO people (email) VALUES (NULL)",
                "INSERT INTO visits VALUES (1, 99, '2024-01-01')",
                "INSERT INTO notes VALUES (1, 2, NULL)",
                "INSERT INTO shop_people VALUES (5, 1)",
            ):
                with pytest.raises(sqlite3.IntegrityError):
                    session.execute(broken)
            session.execute("BEGIN")
            session.execute("INSERT INTO shop_people VALUES (5, 77)")  # deferred
            with pytest.raises(sqlite3.IntegrityError):
                session.execute("COMMIT")
            session.execute("ROLLBACK")
            session.execute("DELETE FROM visits WHERE person_id = 1")
            session.execute("DELETE FROM people WHERE id = 1")
            assert session.execute("SELECT count(person) FROM shop_people").fetchall() == [(0,)]

    def test_what_does_not_cross_is_told_by_kind_and_count(self, crossing):
        told = {e.subject: e.message for e in crossing.done.run.findings if e.code == "not-crossed"}
        counts = {
            kind: int(text.partition("without: ")[2].split()[0]) for kind, text in told.items()
        }
        want = {"views": 1, "functions": 1, "CHECKs": 1, "types and domains": 1, "comments": 1,
                "computed columns": 1, "keys": 1, "indexes": 1, "defaults": 1, "foreign keys": 1,
                "partitions": 2}  # fmt: skip
        assert counts == want
        assert "`public.people.made`" in told["defaults"]
        assert ("secret",) not in crossing.ask("SELECT name FROM sqlite_schema")


def test_names_that_are_one_to_sqlite_are_all_told(production, fresh_database, tmp_path):
    source = fresh_database(production, "clash")
    production.sql(
        'CREATE SCHEMA a; CREATE TABLE a.b (x int); CREATE TABLE a_b (x int); CREATE TABLE "A_B" '
        '(y int, "Y" int); CREATE TABLE sqlite_mine (x int);',
        database=urlsplit(source).path[1:],
    )
    crossing = Crossing(source, tmp_path)
    with pytest.raises(ConfigError) as told:
        crossing.load()
    found = [each for each in told.value.findings if each.code == "name-clash"]
    assert len(found) == 4
    assert "public.A_B.Y" in {each.subject for each in found}
    assert not crossing.file.exists()


def test_what_sqlite_finds_broken_is_not_published(production, fresh_database, tmp_path):
    source = fresh_database(production, "scales")
    production.sql(  # equal to PostgreSQL, two texts to SQLite
        "CREATE TABLE a (x numeric PRIMARY KEY); CREATE TABLE b (x numeric REFERENCES a);"
        "INSERT INTO a VALUES (1.50); INSERT INTO b VALUES (1.5);",
        database=urlsplit(source).path[1:],
    )
    crossing = Crossing(source, tmp_path)
    with pytest.raises(DataError) as told:
        crossing.load()
    assert {each.code for each in told.value.findings.blocking} == {"constraint-invalid"}
    assert not crossing.file.exists()


def test_there_is_no_way_back(production, tmp_path):
    take("difficult_sqlite", difficult.make(tmp_path / "source.db"), tmp_path)
    with pytest.raises(ConfigError) as told:
        load_snapshot(
            tmp_path / "snap",
            "postgresql://nobody@127.0.0.1:1/nowhere",
            records=tmp_path / "records",
            environ={"MASKER_KEY": KEY},
        )
    assert told.value.code == "other-engine"

"""Samples of real tables: random over the whole, one snapshot, and what cannot be read is told."""

import time

import pytest

from masker.catalog import TableName
from masker.engines.postgres import sample as engine
from masker.engines.postgres.address import Address
from masker.engines.postgres.session import Session, Side
from masker.engines.postgres.source import PostgresSource
from masker.survey import ROWS, Sampler, power


@pytest.fixture
def open_source():
    sessions = []

    def make(url):
        source = PostgresSource.open(Address.parse(url))
        sessions.append(source)
        return source

    yield make
    for session in sessions:
        session.close()


@pytest.fixture
def source(production, fresh_database):
    url = fresh_database(production, "sampled")
    database = url.rpartition("/")[2]

    def run(sql):
        production.sql(sql, database=database)

    run.url, run.database = url, database
    return run


def drawn(source, name, **options):
    catalog = source.catalog()
    table = catalog.table(TableName("public", name))
    return Sampler(source, catalog, **{"seed": 1} | options).of(table)


def codes(sample):
    return [(finding.code, finding.subject) for finding in sample.findings]


def test_so_many_rows_find_one_in_a_thousand():
    assert power(ROWS) >= 0.99
    assert power(ROWS - 1) < 0.99


def test_a_small_table_is_read_whole(source, open_source):
    source("CREATE TABLE t (a text, b int, c jsonb, d bytea);"
           "INSERT INTO t VALUES (E'x\\ty\\\\', 1, '{\"a\": 1}', 'x'), (NULL, 2, NULL, NULL)")  # fmt: skip
    made = drawn(open_source(source.url), "t")
    assert made.rows.rows() == [("x\ty\\", "1", '{"a": 1}'), (None, "2", None)]
    assert (made.whole, made.power, made.findings) == (True, 1.0, ())


def test_rows_come_from_all_over_a_large_table(source, open_source, monkeypatch):
    monkeypatch.setattr(engine, "BLOCKS", 64)
    source("CREATE TABLE t AS SELECT n, repeat('x', 500) filler FROM generate_series(1, 30000) n")
    session = open_source(source.url)
    made = drawn(session, "t", rows=500)
    numbers = made.rows["n"].cast(int)
    assert 400 <= made.rows.height <= 650
    assert not made.whole
    assert numbers.min() < 3000
    assert numbers.max() > 27000
    assert 12000 < numbers.mean() < 18000
    assert numbers.n_unique() == made.rows.height
    assert drawn(session, "t", rows=500, seed=2).rows["n"].sort().to_list() != sorted(numbers)


def test_more_blocks_are_drawn_where_rows_are_few(source, open_source, monkeypatch):
    monkeypatch.setattr(engine, "BLOCKS", 8)
    source("CREATE TABLE t (n int, filler char(3000)); ALTER TABLE t ALTER filler SET STORAGE PLAIN;"
           "INSERT INTO t SELECT n, 'x' FROM generate_series(1, 1000) n")  # fmt: skip
    assert 70 <= drawn(open_source(source.url), "t", rows=100).rows.height <= 140


def test_a_table_of_one_thousand_empty_blocks(source, open_source):
    source("CREATE TABLE t AS SELECT n, repeat('x', 500) f FROM generate_series(1, 50000) n;"
           "DELETE FROM t WHERE n <> 40000")  # fmt: skip
    made = drawn(open_source(source.url), "t")
    assert made.rows["n"].to_list() == ["40000"]


def test_partitions_are_sampled_through_their_root(source, open_source):
    source("CREATE TABLE t (n int, w text) PARTITION BY RANGE (n);"
           "CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);"
           "CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (10) TO (20);"
           "INSERT INTO t SELECT n, 'w' FROM generate_series(0, 19) n")  # fmt: skip
    assert drawn(open_source(source.url), "t").rows.height == 20


def test_rows_of_children_are_not_those_of_the_parent(source, open_source):
    source("CREATE TABLE t (n int); CREATE TABLE child () INHERITS (t);"
           "INSERT INTO t VALUES (1); INSERT INTO child VALUES (2)")  # fmt: skip
    assert drawn(open_source(source.url), "t").rows["n"].to_list() == ["1"]


def test_a_snapshot_does_not_see_later_rows(source, open_source):
    source("CREATE TABLE t (n int); INSERT INTO t VALUES (1)")
    session = open_source(source.url)
    assert drawn(session, "t").rows.height == 1
    source("INSERT INTO t VALUES (2)")
    assert drawn(session, "t").rows.height == 1


def test_locks_are_given_back_at_once(source, open_source):
    source("CREATE TABLE t (n int); INSERT INTO t VALUES (1)")
    drawn(open_source(source.url), "t")
    source("SET lock_timeout = '2s'; ALTER TABLE t ADD COLUMN more int")


def test_very_long_values_do_not_travel(source, open_source):
    source("CREATE TABLE t (body text, doc jsonb, short text);"
           "INSERT INTO t SELECT repeat('long ', 10000000), to_jsonb(x), 'y'"
           " FROM (SELECT string_agg(md5(n::text), '') x FROM generate_series(1, 90000) n) s")  # fmt: skip
    began = time.monotonic()
    made = drawn(open_source(source.url), "t")
    assert time.monotonic() - began < 10
    assert made.rows["body"].str.len_chars().to_list() == [engine.CHARACTERS]
    assert made.rows["doc"].to_list() == [None]
    assert codes(made) == [("long-values", "public.t.body"), ("long-values", "public.t.doc")]


def test_bytes_that_are_no_text_are_told(production, open_source):
    production.sql("DROP DATABASE IF EXISTS sampled_bytes")
    production.sql(
        "CREATE DATABASE sampled_bytes TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'"
    )
    production.sql("SET client_encoding = SQL_ASCII; CREATE TABLE t (a text, b text);"
                   r"INSERT INTO t VALUES (E'caf\351', E'caf\303\251')", database="sampled_bytes")  # fmt: skip
    session = open_source(production.url("sampled_bytes"))
    made = drawn(session, "t")
    session.close()
    production.sql("DROP DATABASE sampled_bytes")
    assert codes(made) == [("broken-text", "public.t.a")]
    assert made.rows["b"].to_list() == ["café"]


def test_a_value_that_raises_costs_its_column_only(source, open_source):
    source("CREATE FUNCTION fail(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS"
           " $$BEGIN RAISE 'secret %', $1; END$$;"
           "CREATE TYPE odd AS (a text); CREATE TABLE t (a text, b odd);"
           "CREATE FUNCTION shown(odd) RETURNS text LANGUAGE sql IMMUTABLE AS"
           " $$SELECT public.fail('Anna')$$;"
           "INSERT INTO t VALUES ('kept', ROW('Anna'));"
           "CREATE CAST (odd AS text) WITH FUNCTION shown(odd)")  # fmt: skip
    made = drawn(open_source(source.url), "t")
    assert made.rows.columns == ["a"]
    assert codes(made) == [("not-scanned", "public.t.b")]
    assert "Anna" not in str(made.findings)


def test_a_table_that_vanishes_is_told_and_the_snapshot_lives(source, open_source):
    source("CREATE TABLE gone (a text); CREATE TABLE t (a text); INSERT INTO t VALUES ('x')")
    session = open_source(source.url)
    catalog = session.catalog()
    source("DROP TABLE gone")
    sampler = Sampler(session, catalog, seed=1)
    lost, there = (sampler.of(catalog.table(TableName("public", n))) for n in ("gone", "t"))
    assert codes(lost) == [("not-scanned", "public.gone")]
    assert there.rows.height == 1


def test_a_statement_that_takes_too_long_is_given_up(source, open_source):
    source("CREATE TABLE t AS SELECT repeat('x', 3000) a FROM generate_series(1, 40000) n;")
    made = drawn(open_source(source.url), "t", rows=40000, seconds=0.001)
    assert codes(made) == [("not-scanned", "public.t")]


def test_a_table_under_lock_is_not_waited_for_long(source, open_source, production):
    source("CREATE TABLE t (a text)")
    with Session.open(Address.parse(source.url), side=Side.TARGET) as other:
        session = open_source(source.url)
        catalog = session.catalog()
        other.execute("BEGIN; LOCK TABLE public.t")
        sampler = Sampler(session, catalog, seconds=0.2, seed=1)
        made = sampler.of(catalog.table(TableName("public", "t")))
    assert codes(made) == [("not-scanned", "public.t")]


def test_without_the_right_to_read(source, open_source, production):
    source("CREATE TABLE t (a text, b text); INSERT INTO t VALUES ('x', 'y');"
           "CREATE TABLE closed (a text); CREATE TABLE mine (a text);"
           "ALTER TABLE mine ENABLE ROW LEVEL SECURITY;"
           "DROP ROLE IF EXISTS peeker; CREATE ROLE peeker LOGIN PASSWORD 'peek';"
           "GRANT SELECT (a) ON t TO peeker; GRANT SELECT ON mine TO peeker")  # fmt: skip
    host = source.url.rpartition("@")[2]
    session = open_source(f"postgresql://peeker:peek@{host}")
    try:
        assert codes(drawn(session, "t")) == [("not-scanned", "public.t.b")]
        assert drawn(session, "t").rows["a"].to_list() == ["x"]
        assert codes(drawn(session, "closed")) == [("not-scanned", "public.closed.a")]
        assert codes(drawn(session, "mine")) == [("not-scanned", "public.mine")]
    finally:
        session.close()
        source("DROP OWNED BY peeker")
        production.sql("DROP ROLE peeker")

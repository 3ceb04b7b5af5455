"""PostgreSQL as the road asks an engine: a source, outlets, codecs, inlets, the loaded database."""

import pickle

import polars as pl
import pytest

from masker.catalog import TableName
from masker.engines.part import Part
from masker.engines.postgres.engine import ENGINE
from masker.engines.postgres.inlet import PostgresWriter
from masker.engines.postgres.loaded import PostgresLoaded
from masker.engines.postgres.session import Session, Side
from masker.engines.postgres.source import of_postgres
from masker.errors import Bug, CollisionError, TryAgainError

SCHEMA = """
CREATE TABLE t (id int PRIMARY KEY, note text, low text GENERATED ALWAYS AS (lower(note)) STORED);
INSERT INTO t SELECT n, E'A\\tb\\\\' || n FROM generate_series(1, 300) n;
INSERT INTO t (id) VALUES (-5);
CREATE TABLE empty (id int);
CREATE MATERIALIZED VIEW m AS SELECT id, note FROM t WHERE id < 3;
"""
T, EMPTY, M = (TableName("public", name) for name in ("t", "empty", "m"))


@pytest.fixture
def url(production, fresh_database):
    made = fresh_database(production, "ends")
    production.sql(SCHEMA, database=made.rpartition("/")[2])
    return made


@pytest.fixture
def source(url):
    with ENGINE.open_source(ENGINE.address(url), statement_timeout=5, lock_timeout=1) as opened:
        yield opened


def columns(source, table=T):
    return [each for each in source.catalog().table(table).columns if not each.generated]


def read(outlet, codec, part):
    return list(outlet.read(part, codec, batch_bytes=1 << 10, max_duration=None))


def test_a_source_tells_bounds_and_complaints(source):
    assert source.bounds(T, "id") == (-5, 300)
    assert source.bounds(EMPTY, "id") is None
    assert source.complaint(T, "id > 3 -- all") is None
    assert "column" in source.complaint(T, "nothing > 3")
    assert source.missing_rights(source.catalog(), tables=None, encoding=None) == ()
    assert not source.closed
    assert of_postgres(source) is source
    with pytest.raises(Bug):
        of_postgres(object())


@pytest.mark.parametrize(
    ("where", "near"),
    [
        ("idd = 1", "id"),
        ("true AND t.Notte = 'idd'", "note"),
        ('"noté" IS NULL -- idd', "note"),
        ("lower($$idd$$) = unheard_of /* notes */", None),
        ("'idd''notes' = unheard_of", None),
    ],
)
def test_a_column_that_is_misspelt_is_told_with_the_nearest(source, where, near):
    told = source.complaint(T, where)
    assert told.startswith("it names a column that the table does not have")
    assert told.partition("; ")[2] == (f"did you mean `{near}`?" if near else "")


def test_limits_hold_for_the_catalog_and_not_for_rows(url):
    slow = "SELECT pg_catalog.pg_sleep(0.3)"
    with ENGINE.open_source(ENGINE.address(url), statement_timeout=0.1) as source:
        catalog = source.catalog()
        source.rows(catalog, max_duration=None, encoding=None)
        source.session.query(slow)
    hurried = ENGINE.open_source(ENGINE.address(url), statement_timeout=0.1)
    with hurried as source, pytest.raises(TryAgainError):
        source.session.query(slow)


def test_every_outlet_sees_the_snapshot(source, production, url):
    reader = pickle.loads(pickle.dumps(source.reader()))
    production.sql("DELETE FROM t WHERE id > 10", database=url.rpartition("/")[2])
    codec = ENGINE.codec(columns(source))
    with reader.open() as one, reader.open() as other:
        blocks = read(one, codec, Part(table=T))
        assert sum(map(codec.count, blocks)) == 301
        assert sum(map(codec.count, read(other, codec, Part(table=T, where="id < 4")))) == 4


def test_blocks_become_frames_and_come_back(source):
    kept = columns(source)
    codec, passed = ENGINE.codec(kept), ENGINE.codec(kept, passed_on=True)
    with source.reader().open() as outlet:
        blocks = read(outlet, codec, Part(table=T))
        same = b"".join(read(outlet, passed, Part(table=T)))
    frames = [codec.parse(block) for block in blocks]
    assert b"".join(codec.render(frame, plain=[]) for frame, _ in frames) == same
    frame, decode = frames[0]
    assert decode(frame["note"]).to_list()[0] == "A\tb\\1"
    masked = frame.with_columns(pl.lit("x\ny\\").alias("note"))
    assert codec.render(masked, plain=["note"]).startswith(b"1\tx\\ny\\\\\n")


def test_an_inlet_loads_and_the_audit_reads_it(source, staging, fresh_database):
    target = fresh_database(staging, "ends")
    staging.sql(SCHEMA + "TRUNCATE t", database=target.rpartition("/")[2])
    kept = columns(source)
    passed = ENGINE.codec(kept, passed_on=True)
    names = [column.name for column in kept]
    with source.reader().open() as outlet:
        blocks = read(outlet, passed, Part(table=T))
    writer = pickle.loads(pickle.dumps(PostgresWriter(address=ENGINE.address(target))))
    with writer.open() as inlet:
        with inlet.load(T, names) as write:
            assert sum(map(write, blocks)) == sum(map(len, blocks))
        with pytest.raises(CollisionError), inlet.load(T, names) as write:
            write(blocks[0])
    with PostgresLoaded(Session.open(ENGINE.address(target), side=Side.TARGET)) as loaded:
        catalog = loaded.catalog()
        assert loaded.count(T) == 301
        every = pl.concat(loaded.frames(T, catalog.table(T).columns))
        assert every.sort("low")["low"].to_list()[:2] == [None, "a\tb\\1"]
        assert pl.concat(loaded.view(M)).shape == (3, 2)
        assert list(loaded.broken()) == []
        assert list(loaded.frames(EMPTY, catalog.table(EMPTY).columns)) == []


def test_tables_are_divided(source):
    parts = ENGINE.parts(T, pages=2048, count=4, where="id > 0")
    assert [(part.low, part.high) for part in parts] == [
        (None, 512), (512, 1024), (1024, 1536), (1536, None)
    ]  # fmt: skip
    ids = next(iter(source.rows(source.catalog(), max_duration=None, encoding=None).scan(T))).ids
    (part,) = ENGINE.parts_by_number(T, ids, count=4)
    assert len(part.ids) == 301

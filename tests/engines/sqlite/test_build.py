"""A file is read, built anew and filled: what arrives is what was there."""

import sqlite3
import stat

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from masker.catalog import Column, TableName
from masker.engines.marker import LOADING, Marker
from masker.engines.part import Part
from masker.engines.sqlite.build import create, finish, read_schema
from masker.engines.sqlite.engine import ENGINE
from masker.engines.sqlite.files import aside_path
from masker.engines.sqlite.inlet import SqliteWriter
from masker.engines.sqlite.loaded import SqliteLoaded
from masker.engines.sqlite.marker import is_loading, read_marker
from masker.engines.sqlite.source import of_sqlite
from masker.engines.sqlite.types import resolve
from masker.errors import Bug, CollisionError, DataError, TryAgainError
from tests.engines.sqlite.conftest import VALUES, address, main, make
from tests.engines.sqlite.test_values import anything, same


def copied(path, new, *, exclude=(), batch_bytes=1 << 16, tables=None):
    """Copy a file table by table through the engine; return the findings of both steps."""
    with ENGINE.open_source(address(path)) as source:
        catalog = source.catalog()
        schema = read_schema(of_sqlite(source).session)
        findings = [*create(new, schema, exclude=exclude)]
        reader, writer = source.reader(), SqliteWriter(new)
        with reader.open() as outlet, writer.open() as inlet:
            for table in catalog.tables:
                if table.name.name in exclude or (tables and table.name.name not in tables):
                    continue
                moved = [column for column in table.columns if not column.generated]
                codec = ENGINE.codec(moved)
                with inlet.load(table.name, codec.names) as write:
                    for part in ENGINE.parts(table.name, pages=0, count=4, where=None):
                        for block in outlet.read(
                            part, codec, batch_bytes=batch_bytes, max_duration=None
                        ):
                            frame, _ = codec.parse(block)
                            assert write(codec.render(frame, plain=[])) >= 0
        assert is_loading(new)
        findings += finish(new, schema, exclude=exclude)
        return findings


def dump(path, query):
    connection = sqlite3.connect(f"file:{path.as_posix().replace('%', '%25')}?mode=ro", uri=True)
    connection.text_factory = bytes
    rows = connection.execute(query).fetchall()
    connection.close()
    return rows


def rows_of(path, table, columns):
    shown = ", ".join(f"typeof([{c}]), [{c}]" for c in columns)
    return sorted(dump(path, f'SELECT {shown} FROM "{table}"'), key=repr)


TABLES = {
    "anything": ("id", "v", "n", "r", "t", "b", "i"),
    'Odd ""Names': ("Key one", "k,2", "say"),
    "line": ("n", "a", "b", "boss"),
    "strict_one": ("code", "qty", "price", "any_one"),
    "computed": ("first", "last", "whole", "size"),
    "person": ("id", "email", "active", "born", "seen", "salary", "phone", "doc", "tag"),
    "select": ("from", "group"),
}


def test_every_value_and_definition_of_the_difficult_file_arrives(difficult_path, tmp_path):
    new = tmp_path / "new.db"
    findings = copied(difficult_path, new)
    for table, columns in TABLES.items():
        assert rows_of(new, table, columns) == rows_of(difficult_path, table, columns), table
    entries = "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite%' AND name NOT LIKE 'search%' ORDER BY 1, 2"
    assert dump(new, entries) == dump(difficult_path, entries)
    assert [(f.code, f.subject) for f in findings] == [("wire-left-out", "virtual table search")]
    assert dump(new, "PRAGMA integrity_check") == [(b"ok",)]
    assert dump(new, "SELECT name, seq FROM sqlite_sequence WHERE name = 'line'") == [(b"line", 9)]
    assert stat.S_IMODE(new.stat().st_mode) == 0o600
    assert not is_loading(new)
    assert [path.name for path in tmp_path.iterdir()] == ["new.db"]


def test_chinook_arrives_whole(chinook_path, tmp_path):
    new = tmp_path / "chinook.sqlite"
    assert copied(chinook_path, new) == []
    with SqliteLoaded.open(new) as loaded, ENGINE.open_source(address(chinook_path)) as source:
        there, here = source.catalog(), loaded.catalog()
        assert [t.name for t in here.tables] == [t.name for t in there.tables]
        assert list(loaded.broken()) == []
        for table in there.tables:
            assert loaded.count(table.name) == table.rows
            columns = [column.name for column in table.columns]
            assert rows_of(new, table.name.name, columns) == rows_of(
                chinook_path, table.name.name, columns
            )


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(anything, anything), max_size=20), st.integers(1, 400))
def test_any_values_in_any_column_arrive_as_they_are(tmp_path_factory, rows, batch_bytes):
    folder = tmp_path_factory.mktemp("values")
    definition = "CREATE TABLE t (v, n NUMERIC, t TEXT, r REAL); CREATE TABLE w (v, k INTEGER PRIMARY KEY) WITHOUT ROWID;"
    path = make(folder / "old.db", definition)
    columns = [Column(name=c, type=resolve("")) for c in ("v", "n", "t", "r")]
    codec = ENGINE.codec(columns)
    with SqliteWriter(path).open() as inlet, inlet.load(main("t"), codec.names) as write:
        write([(one, other, one, other) for one, other in rows])
    stored = read_all(path, main("t"), codec)
    assert all(same(row[0], one) for row, (one, _) in zip(stored, rows, strict=True))
    copied(path, folder / "new.db", batch_bytes=batch_bytes)
    again = read_all(folder / "new.db", main("t"), codec)
    assert len(again) == len(stored)
    assert all(
        same(a, b) for x, y in zip(again, stored, strict=True) for a, b in zip(x, y, strict=True)
    )


def read_all(path, table, codec, **more):
    with ENGINE.open_source(address(path)) as source, source.reader().open() as outlet:
        part = Part(table=table, **more)
        return [
            row
            for block in outlet.read(part, codec, batch_bytes=1 << 16, max_duration=None)
            for row in block
        ]


def test_parts_by_condition_and_by_number(difficult_path):
    with ENGINE.open_source(address(difficult_path)) as source:
        catalog = source.catalog()
        odd, line = catalog.table(main('Odd "Names')), catalog.table(main("line"))
        rows = source.rows(catalog, max_duration=None, encoding=None)
        with source.reader().open() as outlet:

            def read(part, codec):
                blocks = outlet.read(part, codec, batch_bytes=1 << 16, max_duration=5)
                return [row for block in blocks for row in block]

            codec = ENGINE.codec([line.column("n")])
            assert read(Part(table=line.name, where="n > 2 -- late"), codec) == [(3,), (9,)]
            ids = next(iter(rows.scan(line.name, where="n < 3"))).ids
            (part,) = ENGINE.parts_by_number(line.name, ids, count=4)
            assert read(part, codec) == [(1,), (2,)]
            ids = next(iter(rows.scan(odd.name, where="say = 'A'"))).ids
            (part,) = ENGINE.parts_by_number(odd.name, ids, count=4)
            assert read(part, ENGINE.codec(odd.columns)) == [(1, "a", "A")]
            with pytest.raises(Bug):
                read(Part(table=odd.name, ids=ids, where="true"), codec)
        assert source.catalog() == catalog  # the outlet left the connection open
    assert source.closed


def test_batches_are_bounded_by_bytes(tmp_path):
    path = make(
        tmp_path / "wide.db",
        "CREATE TABLE t (a TEXT)",
        rows=[("INSERT INTO t VALUES (?)", [("x" * (n % 2) * 50_000,) for n in range(2000)])],
    )
    codec = ENGINE.codec([Column(name="a", type=resolve("TEXT"))])
    with ENGINE.open_source(address(path)) as source, source.reader().open() as outlet:
        part = Part(table=main("t"))
        sizes = [
            sum(len(value) for (value,) in block)
            for block in outlet.read(part, codec, batch_bytes=1 << 20, max_duration=None)
        ]
    assert sum(sizes) == 50_000_000
    # One step, which began when rows were still small, may be larger.
    assert sorted(sizes)[-2] < 1.2 * (1 << 20)


def test_what_is_excluded_takes_its_dependents_along(difficult_path, tmp_path):
    new = tmp_path / "new.db"
    findings = copied(difficult_path, new, exclude={"person"})
    assert {(f.code, f.subject) for f in findings} == {
        ("wire-left-out", "virtual table search"),
        ("dependent-left-out", "view grown"),
        ("dependent-left-out", "view over"),
    }
    names = {name for (name,) in dump(new, "SELECT name FROM sqlite_schema")}
    assert not names & {b"person", b"some", b"late", b"grown", b"over", b"into_view", b"search"}
    assert {b"line", b"seen_it"} <= names


def test_a_trigger_that_writes_to_what_is_left_out_is_left_out(tmp_path):
    path = make(
        tmp_path / "log.db",
        "CREATE TABLE t (a); CREATE TABLE log (a);"
        "CREATE TRIGGER logged AFTER INSERT ON t BEGIN INSERT INTO Log VALUES (new.a); END;"
        "CREATE TRIGGER plain AFTER INSERT ON t BEGIN SELECT 1; END",
    )
    findings = copied(path, tmp_path / "new.db", exclude={"log"})
    assert [(f.code, f.message) for f in findings] == [
        ("dependent-left-out", "trigger `logged` is left out, because it needs `log`")
    ]


def test_the_header_and_the_statistics_are_the_source_s(tmp_path):
    path = make(
        tmp_path / "utf16.db",
        "PRAGMA page_size = 8192; PRAGMA encoding = 'UTF-16le'; PRAGMA auto_vacuum = FULL;"
        "PRAGMA user_version = 7; PRAGMA application_id = 252006673; PRAGMA journal_mode = WAL;"
        "CREATE TABLE t (a TEXT); INSERT INTO t VALUES ('ünï'); CREATE INDEX i ON t (a); ANALYZE",
    )
    new = aside_path(tmp_path / "target.db", "run1")
    copied(path, new)
    for pragma in ("page_size", "encoding", "auto_vacuum", "user_version", "application_id"):
        assert dump(new, f"PRAGMA {pragma}") == dump(path, f"PRAGMA {pragma}"), pragma
    assert dump(new, "SELECT a FROM t") == [("ünï".encode(),)]
    assert dump(new, "SELECT tbl, idx, stat FROM sqlite_stat1") == [(b"t", b"i", b"1 1")]
    assert read_marker(new) == Marker(target="target.db", run="run1", state=LOADING)


def test_autoincrement_goes_on_above_every_number(tmp_path):
    path = make(
        tmp_path / "auto.db",
        "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT); INSERT INTO t VALUES (5)",
    )
    new = tmp_path / "new.db"
    with ENGINE.open_source(address(path)) as source:
        schema = read_schema(of_sqlite(source).session)
    create(new, schema)
    with SqliteWriter(new).open() as inlet, inlet.load(main("t"), ["id"]) as write:
        write([(9,), (7,)])
    finish(new, schema)
    connection = sqlite3.connect(new)
    assert connection.execute("INSERT INTO t DEFAULT VALUES RETURNING id").fetchone() == (10,)
    connection.close()


def test_rows_that_are_not_unique_name_the_index(tmp_path):
    path = make(tmp_path / "old.db", "CREATE TABLE t (a); CREATE UNIQUE INDEX [one a] ON t (a)")
    new = tmp_path / "new.db"
    with ENGINE.open_source(address(path)) as source:
        schema = read_schema(of_sqlite(source).session)
    create(new, schema)
    with SqliteWriter(new).open() as inlet, inlet.load(main("t"), ["a"]) as write:
        write([("secret",), ("secret",)])
    with pytest.raises(CollisionError) as raised:
        finish(new, schema)
    assert raised.value.constraint == "one a"
    assert "secret" not in str(raised.value)


def test_a_row_that_breaks_a_constraint_is_told_without_its_values(tmp_path):
    path = make(tmp_path / "t.db", "CREATE TABLE t (a TEXT NOT NULL, b INT CHECK (b > 0))")
    with (
        pytest.raises(DataError, match=r"t\.a") as raised,
        SqliteWriter(path).open() as inlet,
        inlet.load(main("t"), ["a", "b"]) as write,
    ):
        write([("secret", 1), (None, 4711)])
    assert "secret" not in str(raised.value)
    assert "4711" not in str(raised.value)


def test_a_file_is_never_made_over_another(tmp_path, difficult_path):
    with ENGINE.open_source(address(difficult_path)) as source:
        schema = read_schema(of_sqlite(source).session)
    (tmp_path / "new.db").write_text("somebody's")
    with pytest.raises(TryAgainError, match="cannot be made"):
        create(tmp_path / "new.db", schema)
    assert (tmp_path / "new.db").read_text() == "somebody's"


# -- what the audit reads --------------------------------------------------------------------------


def test_the_audit_reads_plain_text_and_generated_columns(difficult_path):
    with SqliteLoaded.open(difficult_path) as loaded:
        catalog = loaded.catalog()
        computed = catalog.table(main("computed"))
        (frame,) = loaded.frames(computed.name, computed.columns)
        assert frame.schema == dict.fromkeys(("first", "last", "whole", "size"), pl.String)
        assert frame.rows() == [("Ada", "L", "Ada L", "3"), ("Alan", "T", "Alan T", "4")]
        anything_at_all = catalog.table(main("anything"))
        assert loaded.count(anything_at_all.name) == len(VALUES) + 1
        assert list(loaded.broken()) == []


BAD = {
    "check": (
        """CREATE TABLE p (a INT CHECK (a > 0 -- so
        ), b TEXT); PRAGMA ignore_check_constraints = ON; INSERT INTO p VALUES (-1, 'secret')""",
        [("check", main("p"), "p_check_1")],
    ),
    "index": (
        """CREATE TABLE p (a INT, b TEXT); CREATE INDEX ib ON p (b);
        INSERT INTO p VALUES (-1, 'secret'); PRAGMA writable_schema = ON;
        UPDATE sqlite_schema SET sql = 'CREATE INDEX ib ON p (a)' WHERE name = 'ib'""",
        [("index", main("p"), "ib")],
    ),
    "null": (
        """CREATE TABLE p (a INT, b TEXT); INSERT INTO p VALUES (NULL, 'secret');
        PRAGMA writable_schema = ON;
        UPDATE sqlite_schema SET sql = 'CREATE TABLE p (a INT NOT NULL, b TEXT)'""",
        [("not null", main("p"), "p")],
    ),
}


@pytest.mark.parametrize(("statements", "told"), BAD.values(), ids=BAD)
def test_what_does_not_hold_is_told_by_name(tmp_path, statements, told):
    path = make(tmp_path / "bad.db", statements)
    with SqliteLoaded.open(path) as loaded:
        assert list(loaded.broken()) == told


def test_a_damaged_file_is_told_whatever_the_damage_is(tmp_path):
    path = make(
        tmp_path / "bad.db",
        "CREATE TABLE p (a TEXT)",
        rows=[("INSERT INTO p VALUES (?)", [(f"secret {n}" * 50,) for n in range(200)])],
    )
    pages = bytearray(path.read_bytes())
    pages[5 * 4096 : 5 * 4096 + 60] = b"\xff" * 60
    path.write_bytes(pages)
    with SqliteLoaded.open(path) as loaded:
        assert list(loaded.broken()) == [("file", TableName("", "bad.db"), "")]


def test_broken_foreign_keys_are_told_once_by_the_catalog(tmp_path):
    path = make(
        tmp_path / "bad.db",
        "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (p INT REFERENCES p);"
        "CREATE TABLE d (p INT REFERENCES p, q INT REFERENCES nowhere);"
        "INSERT INTO c VALUES (1); INSERT INTO d VALUES (NULL, 1)",
    )
    with SqliteLoaded.open(path) as loaded:
        assert list(loaded.broken()) == []
        links = [k for t in loaded.catalog().tables for k in t.foreign_keys]
    assert [(k.table.name, k.validated) for k in links] == [("c", False), ("d", True)]

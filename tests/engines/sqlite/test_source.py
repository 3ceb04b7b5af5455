"""What a plan and a scan ask of a source."""

import sqlite3
import threading
import time

import pytest

from masker.engines.sqlite import sample as sampling
from masker.engines.sqlite.catalog import read_catalog
from masker.engines.sqlite.engine import ENGINE
from masker.engines.sqlite.places import Places
from masker.engines.sqlite.source import of_sqlite
from masker.errors import Bug, TryAgainError
from tests.engines.sqlite.conftest import address, main, make


@pytest.fixture
def source(difficult_path):
    with ENGINE.open_source(ENGINE.address(str(address(difficult_path)).replace("%", "%25"))) as it:
        yield it


def test_the_engine_is_in_the_list():
    from masker.engines.registry import engine_of

    assert engine_of("sqlite:///a.db") is ENGINE
    assert (ENGINE.name, ENGINE.title, ENGINE.lanes) == ("sqlite", "SQLite", 1)


def test_a_source_of_another_engine_is_a_mistake_of_ours(source):
    assert of_sqlite(source) is source
    with pytest.raises(Bug):
        of_sqlite(object())


def test_the_snapshot_is_fixed_when_the_source_is_opened(tmp_path):
    path = make(tmp_path / "t.db", "PRAGMA journal_mode = WAL; CREATE TABLE t (a)")
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("INSERT INTO t VALUES (1)")
    with ENGINE.open_source(address(path)) as source:
        writer.execute("INSERT INTO t VALUES (2)")
        writer.execute("CREATE TABLE later (a)")
        catalog = source.catalog()
        assert [table.name for table in catalog.tables] == [main("t")]
        assert catalog.table(main("t")).rows == 1
    writer.close()


@pytest.mark.parametrize(
    ("table", "column", "bounds"),
    [("line", "n", (1, 9)), ("line", "boss", (1, 3)), ("anything", "v", (-(2**63), 2**63 - 1)),
     ("anything", "n", (-(2**63), 2**63 - 1)), ("computed", "first", None)],
)  # fmt: skip
def test_bounds_are_those_of_the_integers(source, table, column, bounds):
    assert source.bounds(main(table), column) == bounds


def test_an_encoding_means_nothing_here(source):
    catalog = source.catalog()
    assert source.missing_rights(catalog, tables=None, encoding=None) == ()
    (finding,) = source.missing_rights(catalog, tables=None, encoding="LATIN1")
    assert finding.code == "encoding"
    assert source.grants(catalog, role="r", loaded=[], dumped=[]) == ()


FOREIGN = {
    "collation": ("CREATE TABLE t (a TEXT COLLATE house)", ["table `t`"]),
    "key": ("CREATE TABLE t (a TEXT COLLATE house UNIQUE)", ["table `t`"]),
    "index": ("CREATE TABLE t (a); CREATE INDEX i ON t (a COLLATE house)", ["index `i`"]),
    "check": ("CREATE TABLE t (a CHECK (ours(a))); CREATE INDEX i ON t (a)", ["table `t`"]),
    "generated": ("CREATE TABLE t (a, g AS (ours(a)))", ["table `t`"]),
    "expression": ("CREATE TABLE t (a); CREATE INDEX i ON t (ours(a))", ["index `i`"]),
    "view": ("CREATE TABLE t (a); CREATE VIEW v AS SELECT ours(a) FROM t", []),
}


@pytest.mark.parametrize(("statements", "told"), FOREIGN.values(), ids=FOREIGN)
def test_what_only_the_application_knows_is_found_before_anything_is_read(
    tmp_path, statements, told
):
    connection = sqlite3.connect(tmp_path / "t.db", isolation_level=None)
    connection.create_collation("house", lambda one, other: (one > other) - (one < other))
    connection.create_function("ours", 1, lambda _: 1, deterministic=True)
    connection.executescript(statements)
    connection.close()
    with ENGINE.open_source(address(tmp_path / "t.db")) as source:
        catalog = source.catalog()
        found = source.missing_rights(catalog, tables=None, encoding=None)
        assert [(f.code, f.subject) for f in found] == [("needs-application", "main.t")] * len(told)
        assert all(word in f.message for f, word in zip(found, told, strict=True))
        assert source.missing_rights(catalog, tables=set(), encoding=None) == ()


COMPLAINTS = {
    "right": ("email LIKE '%x' AND born < '2000-01-01' -- so", None),
    "right with a subquery": ('id IN (SELECT n FROM line WHERE line."boss" = 1)', None),
    "missing column": ("emial = 'secret'", "did you mean `email`"),
    "missing column without a near one": ("zzz = 'secret'", "does not have"),
    "not SQL": ("email = = 'secret'", "not SQL"),
    "open": ("email = 'secret", "not SQL"),
    "two": ("true); DELETE FROM person; SELECT (true", "not SQL"),
    "function": ("nowhere('secret')", "function"),
    "arguments": ("length(email, 'secret')", "arguments"),
    "aggregate": ("count(*) > 1", "counts or sums"),
    "table": ("id IN (SELECT id FROM secret)", "table"),
    "a parameter": ("email = ?", "`?`"),
    "double quotes": ('email = "secret"', "single quotes"),
}  # fmt: skip


@pytest.mark.parametrize(("where", "said"), COMPLAINTS.values(), ids=COMPLAINTS)
def test_a_condition_is_asked_about_and_never_run(source, where, said):
    found = source.complaint(main("person"), where)
    if said is None:
        assert found is None
    else:
        assert said in found
        assert "secret" not in found


def test_complaints_raise_what_is_no_fault_of_the_condition(tmp_path):
    path = make(tmp_path / "t.db", "CREATE TABLE t (a)")
    with ENGINE.open_source(address(path)) as source:
        source.session.close()
        with pytest.raises(TryAgainError):
            source.complaint(main("t"), "a = 1")


# -- samples ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("without", ["", " WITHOUT ROWID"])
@pytest.mark.parametrize("listed", [1 << 20, 10], ids=["listed", "drawn"])
def test_a_sample_comes_from_the_whole_table(tmp_path, monkeypatch, without, listed):
    monkeypatch.setattr(sampling, "LISTED", listed)
    path = make(
        tmp_path / "t.db",
        f"CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT){without}",
        rows=[("INSERT INTO t VALUES (?, ?)", [(n, f"v{n}") for n in range(10_000)])],
    )
    with ENGINE.open_source(address(path)) as source:
        catalog = source.catalog()
        table = catalog.table(main("t"))
        asked = {"rows": 500, "seconds": 10}
        one, same, other = (
            source.sample(catalog, table, table.columns, seed=seed, **asked) for seed in (1, 1, 2)
        )
        every = source.sample(catalog, table, table.columns, rows=10_000, seed=1, seconds=10)
    assert one.rows.height == 500
    assert not one.whole
    assert one.rows.equals(same.rows)
    assert not one.rows.equals(other.rows)
    thirds = [int(value) // 3334 for value in one.rows["id"]]
    assert all(thirds.count(third) > 120 for third in range(3))
    if listed > 10 or without:
        assert every.whole
        assert every.rows.height == 10_000


def test_a_sample_says_what_is_long_or_no_text(difficult):
    catalog = read_catalog(difficult)
    table = catalog.table(main("anything"))
    found = sampling.sample(difficult, Places(difficult), table, table.columns, rows=1000, seed=0)
    assert found.whole
    assert found.broken == {"v", "t"}
    assert found.rows["t"].str.len_chars().max() == 2000
    assert "NUL \0 in it" in found.rows["t"].to_list()
    assert "9223372036854775807" in found.rows["i"].to_list()
    assert found.long == frozenset()


def test_long_texts_are_cut_and_long_documents_left(tmp_path):
    path = make(
        tmp_path / "t.db",
        "CREATE TABLE t (a TEXT, d JSON)",
        rows=[("INSERT INTO t VALUES (?, ?)", [("é" * 600_000, "{" + " " * 1_000_000 + "}")])],
    )
    with ENGINE.open_source(address(path)) as source:
        catalog = source.catalog()
        table = catalog.table(main("t"))
        found = source.sample(catalog, table, table.columns, rows=9, seed=0, seconds=9)
    assert found.rows.rows() == [("é" * 2000, None)]
    assert found.long == {"a", "d"}


def test_an_empty_table_gives_an_empty_sample(tmp_path):
    path = make(tmp_path / "t.db", "CREATE TABLE t (a TEXT)")
    with ENGINE.open_source(address(path)) as source:
        catalog = source.catalog()
        table = catalog.table(main("t"))
        found = source.sample(catalog, table, table.columns, rows=9, seed=0, seconds=9)
    assert found.whole
    assert found.rows.shape == (0, 1)


def test_reading_can_be_cancelled_and_has_its_time(tmp_path):
    path = make(
        tmp_path / "t.db",
        "CREATE TABLE t (a TEXT)",
        rows=[("INSERT INTO t VALUES (?)", [("x" * 100,) for _ in range(200_000)])],
    )
    with ENGINE.open_source(address(path)) as source, source.reader().open() as outlet:
        codec = ENGINE.codec(source.catalog().table(main("t")).columns)
        (part,) = ENGINE.parts(main("t"), pages=0, count=1, where=None)
        blocks = outlet.read(part, codec, batch_bytes=1 << 16, max_duration=0.05)
        next(blocks)
        time.sleep(0.1)
        with pytest.raises(TryAgainError, match="took longer") as raised:
            list(blocks)
        assert raised.value.code == "max-duration"
        blocks = outlet.read(part, codec, batch_bytes=1 << 16, max_duration=None)
        next(blocks)
        thread = threading.Thread(target=outlet.cancel)
        thread.start()
        thread.join()
        with pytest.raises(TryAgainError, match="cancelled"):
            list(blocks)
        assert source.catalog().table(main("t")).rows is None

"""SQLite files that went the whole road: chinook, and one with everything that a file may hold."""

import sqlite3
from contextlib import closing

import pytest

from masker.pipelines.rollback import rollback
from masker.pipelines.run import run
from tests.conftest import SAMPLES
from tests.pipelines import difficult
from tests.pipelines.difficult import pragma, rows, schema, stored
from tests.pipelines.refreshes import KEY, POLICIES

CHINOOK = SAMPLES / "chinook" / "chinook.sqlite"


def environ(source, target):
    return {
        "SOURCE_URL": f"sqlite:///{source}",
        "TARGET_URL": f"sqlite:///{target}",
        "MASKER_KEY": KEY,
    }


def go(policy, source, target, **options):
    return run(
        POLICIES / f"{policy}.yaml",
        records=target.parent / "records",
        environ=environ(source, target),
        **options,
    )


@pytest.fixture(scope="module")
def chinook_file(tmp_path_factory):
    target = tmp_path_factory.mktemp("chinook") / "staging.db"
    return target, go("chinook_sqlite", CHINOOK, target)


@pytest.fixture(scope="module", params=["delete", "wal of UTF-16"])
def refreshed(request, tmp_path_factory):
    """Return source, target and run of the difficult file, in each way that a file is kept."""
    folder = tmp_path_factory.mktemp(request.param)
    source = difficult.make(
        folder / "source.db",
        wal=request.param.startswith("wal"),
        pragmas="PRAGMA encoding = 'UTF-16le';" if request.param.endswith("16") else "",
    )
    target = folder / "staging.db"
    return source, target, go("difficult_sqlite", source, target)


def test_chinook_is_published_whole(chinook_file):
    target, done = chinook_file
    assert done.outcome == "published"
    assert done.audit.passed
    assert schema(target) == schema(CHINOOK)
    for (table,) in rows(CHINOOK, "SELECT name FROM sqlite_schema WHERE type = 'table'"):
        name = table.decode()
        count = f"SELECT count(*) FROM {name}"
        assert rows(target, count) == rows(CHINOOK, count)
    assert rows(target, "PRAGMA integrity_check") == [(b"ok",)]
    assert rows(target, "PRAGMA foreign_key_check") == []
    assert stored(target, "Track", "Name", "Composer", "Bytes", "UnitPrice") == stored(
        CHINOOK, "Track", "Name", "Composer", "Bytes", "UnitPrice"
    )


def test_no_masked_value_of_chinook_is_left(chinook_file):
    target, _ = chinook_file
    for column in ("Email", "Address", "Phone"):
        query = f"SELECT CustomerId, {column} FROM Customer WHERE {column} IS NOT NULL"
        assert not set(rows(target, query)) & set(rows(CHINOOK, query))
    joined = "SELECT count(*) FROM Customer JOIN Invoice ON Address = BillingAddress"
    assert rows(target, joined) == rows(CHINOOK, joined)


def test_both_engines_write_the_same_fakes(chinook_file, refreshed_of):
    target, _ = chinook_file
    server = refreshed_of("chinook")
    names = ["first_name", "last_name", "address", "city", "postal_code", "phone"]
    with server.both() as session:
        there = session.execute(
            f"SELECT customer_id, {', '.join(names)} FROM customer ORDER BY 1"
        ).fetchall()
    camel = ["".join(word.capitalize() for word in name.split("_")) for name in names]
    with closing(sqlite3.connect(target)) as db:
        here = db.execute(
            f"SELECT CustomerId, {', '.join(camel)} FROM Customer ORDER BY 1"
        ).fetchall()
    assert here == there


def test_every_definition_is_the_sources(refreshed):
    source, target, _ = refreshed
    assert schema(target) == schema(source)
    for name in ("page_size", "encoding", "user_version", "application_id", "journal_mode"):
        assert pragma(target, name) == pragma(source, name)
    assert rows(target, "SELECT tbl FROM sqlite_stat1") != []


def test_kept_values_keep_class_and_bytes(refreshed):
    source, target, _ = refreshed
    for table, columns in {
        "mixed": ("id", "anything", "ratio", "flag", "raw"),
        "pairs": ("a", "b", "note"),
        "tight": ("id", "n", "r", "b", "x"),
        "links": ("a", "b", "who"),
        "staff": ("id", "boss"),
        "log": ("what",),
        '"odd ""name; --"': ('"sel\'ect"',),
    }.items():
        assert stored(target, table, *columns) == stored(source, table, *columns), table


def test_masked_values_are_stored_as_their_column_stores(refreshed):
    source, target, _ = refreshed
    classes = (  # a masked 12.25 may be 47.00, which SQLite stores as an integer
        "SELECT typeof(amount) IN ('integer', 'real'), typeof(born), typeof(name), count(*) "
        "FROM mixed GROUP BY 1, 2, 3"
    )
    assert rows(target, classes) == rows(source, classes)
    assert rows(target, "SELECT count(*) FROM mixed WHERE name = ''") == [(1,)]
    assert rows(target, "SELECT count(*) FROM staff WHERE label = lower(email)") == [(75,)]
    for column in ("name", "phone", "born"):
        query = f"SELECT id, {column} FROM mixed WHERE {column} <> '' AND {column} <> 'unknown'"
        assert not set(rows(target, query)) & set(rows(source, query))


def test_the_file_is_sound_and_goes_on_where_the_source_does(refreshed):
    source, target, _ = refreshed
    assert rows(target, "PRAGMA integrity_check") == [(b"ok",)]
    assert rows(target, "PRAGMA foreign_key_check") == rows(source, "PRAGMA foreign_key_check")
    last = "SELECT seq FROM sqlite_sequence WHERE name = 'staff'"
    assert rows(target, last) == rows(source, last) == [(79,)]


def test_what_is_left_out_is_told(refreshed):
    *_, done = refreshed
    told = {finding.id for finding in done.findings}
    assert {"wire-left-out:virtual table notes", "dependent-left-out:view found"} <= told


def test_a_second_run_replaces_the_first_and_rolls_back(tmp_path):
    source, target = difficult.make(tmp_path / "s.db"), tmp_path / "t.db"
    first = go("difficult_sqlite", source, target)
    before = target.read_bytes()
    target.chmod(0o640)
    second = go("difficult_sqlite", source, target, workers=3)
    assert {"one-lane:workers"} <= {finding.id for finding in second.findings}
    assert target.stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "t.db_masker_previous").read_bytes() == before
    back = rollback(
        POLICIES / "difficult_sqlite.yaml",
        records=tmp_path / "records",
        environ=environ(source, target),
    )
    assert (back.now, back.previous) == (first.id, "t.db_masker_previous")
    assert target.read_bytes() == before
    again = rollback(
        POLICIES / "difficult_sqlite.yaml",
        records=tmp_path / "records",
        environ=environ(source, target),
    )
    assert again.now == second.id
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "records", "s.db", "t.db", "t.db_masker_previous"
    ]  # fmt: skip


DECLARED = (
    "", "TEXT", "STRING", "NUMERIC", "DECIMAL(10,2)", "REAL", "INTEGER", "BLOB", "DATE", "DATETIME",
    "BOOLEAN", "UUID", "VARCHAR(10)", "TIME", "INET",
)  # fmt: skip
USES = ("scramble", "email")


def test_any_value_in_a_column_of_any_type_is_masked_and_proved(tmp_path):
    source, target = tmp_path / "s.db", tmp_path / "t.db"
    tables = {f"t{n}_{use}": name for n, name in enumerate(DECLARED) for use in USES}
    with closing(sqlite3.connect(source)) as db:
        for table, declared in tables.items():
            db.execute(f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, v {declared})")
            some = [(value,) for value in difficult.ANYTHING if value != difficult.HUGE]
            db.executemany(f"INSERT INTO {table} (v) VALUES (?)", some)
            db.execute(f"INSERT INTO {table} (v) VALUES (CAST(? AS TEXT))", [difficult.BROKEN])
        db.commit()
    policy = tmp_path / "any.yaml"
    verdicts = [f"  {table}: {{id: keep, v: {table.split('_')[1]}}}" for table in tables]
    policy.write_text(
        "version: 1\nname: any\nsource: {url: '${SOURCE_URL}'}\ntarget: {url: '${TARGET_URL}'}\n"
        "columns:\n" + "\n".join(verdicts)
    )
    done = run(policy, records=tmp_path / "records", environ=environ(source, target))
    assert done.audit.passed
    for table in tables:
        count = f"SELECT count(*), count(v) FROM {table}"
        assert rows(target, count) == rows(source, count)
        for telling in ("CAST('text' AS TEXT)", "CAST('text' AS BLOB)", "'ünïcödé ✓'"):
            assert rows(target, f"SELECT id FROM {table} WHERE v = {telling}") == []


def test_tables_are_left_empty_left_out_or_thinned(tmp_path):
    source, target = difficult.make(tmp_path / "s.db"), tmp_path / "t.db"
    policy = tmp_path / "thin.yaml"
    policy.write_text(
        (POLICIES / "difficult_sqlite.yaml").read_text()
        + "tables: {hollow: empty, log: exclude, tight: {where: id <= 10}}\n"
    )
    done = run(policy, records=tmp_path / "records", environ=environ(source, target))
    tables = {name for _, name, *_ in schema(target)}
    assert b"log" not in tables
    assert b"hired" not in tables  # a trigger that writes there
    assert "dependent-left-out:trigger hired" in {finding.id for finding in done.findings}
    assert rows(target, "SELECT count(*), max(id) FROM tight") == [(10, 10)]
    assert rows(target, "SELECT count(*) FROM staff") == [(75,)]


class _Meddler:
    """Write to the source when the first rows arrive in the new file."""

    def __init__(self, source):
        self.source = source
        self.met = ""

    def phase(self, name):
        pass

    def planned(self, plan):
        pass

    def moved(self, table, rows, size):
        if self.met:
            return
        with closing(sqlite3.connect(self.source, timeout=0.1)) as db:
            try:
                db.execute("INSERT INTO staff (email) VALUES ('late@firm.example')")
                db.commit()
                self.met = "written"
            except sqlite3.OperationalError as refused:
                self.met = str(refused)


@pytest.mark.parametrize(("wal", "met"), [(True, "written"), (False, "database is locked")])
def test_all_rows_are_of_one_moment(tmp_path, wal, met):
    source, target = difficult.make(tmp_path / "s.db", wal=wal), tmp_path / "t.db"
    meddler = _Meddler(source)
    go("difficult_sqlite", source, target, watch=meddler)
    assert meddler.met == met
    assert rows(source, "SELECT count(*) FROM staff") == [(76 if wal else 75,)]
    assert rows(target, "SELECT count(*) FROM staff") == [(75,)]


def test_a_subset_is_closed_under_foreign_keys(tmp_path):
    target = tmp_path / "t.db"
    done = go("chinook_sqlite", CHINOOK, target, roots=["Customer where CustomerId = 42"])
    assert done.outcome == "published"
    assert rows(target, "SELECT CustomerId FROM Customer") == [(42,)]
    assert rows(target, "PRAGMA foreign_key_check") == []
    kept = "SELECT count(*) FROM Invoice WHERE CustomerId = 42"
    assert rows(target, kept) == rows(CHINOOK, kept)

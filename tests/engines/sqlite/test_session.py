import shutil
import sqlite3
import threading
import time

import pytest

from masker.engines.sqlite.address import Address
from masker.engines.sqlite.errors import CODES, Fault, mapped, tell
from masker.engines.sqlite.session import Session, Side
from masker.errors import CollisionError, ConfigError, DataError, TryAgainError
from tests.engines.sqlite.conftest import BROKEN, address, make

SECRET = "ann@example.org"


# -- addresses -------------------------------------------------------------------------------------


def test_a_path_from_the_root_and_a_relative_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "link.db").symlink_to("real.db")
    assert Address.parse(f"sqlite:///{tmp_path}/a b.db").path == tmp_path / "a b.db"
    assert Address.parse("sqlite:///a.db").path == tmp_path / "a.db"
    assert Address.parse("sqlite+pysqlite:///link.db").path == tmp_path / "real.db"
    assert str(Address.parse("sqlite:///a.db")) == f"sqlite:///{tmp_path}/a.db"
    assert Address.parse("sqlite:///a.db").database == "a.db"


@pytest.mark.parametrize(
    "url",
    ["sqlite://", "sqlite:///", "sqlite:///:memory:", "sqlite://host/a.db", "sqlite:///file:a.db",
     "sqlite:///a.db?mode=rw", "sqlite+aiosqlite:///a.db", "mysql:///a.db", "nonsense"],
)  # fmt: skip
def test_what_is_no_file_is_refused_with_help(url):
    with pytest.raises(ConfigError, match=r"SQLite URL|database URL") as refused:
        Address.parse(url)
    assert refused.value.code == "bad-url"
    assert "sqlite:///" in refused.value.help


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("missing.db", "no-database", "does not exist"),
        ("no/folder.db", "no-database", "lies in no folder"),
        (".", "no-database", "is a folder"),
        ("text.db", "sqlite-notadb", "no SQLite database"),
    ],
)
def test_what_is_no_database_is_told(tmp_path, name, code, said):
    (tmp_path / "text.db").write_text("no database at all " * 100)
    with pytest.raises(ConfigError, match=said) as refused:
        Session.open(address(tmp_path / name), side=Side.SOURCE)
    assert refused.value.code == code
    assert [p.name for p in tmp_path.iterdir()] == ["text.db"]


# -- sessions --------------------------------------------------------------------------------------


@pytest.fixture
def path(tmp_path):
    return make(
        tmp_path / "it's %20?#.db",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, mail TEXT UNIQUE NOT NULL, n INT CHECK (n > 0));"
        f"INSERT INTO t VALUES (1, '{SECRET}', 1)",
    )


def test_a_source_cannot_be_written(path):
    with (
        Session.open(address(path), side=Side.SOURCE) as session,
        pytest.raises(ConfigError, match="cannot be written"),
    ):
        session.execute("DELETE FROM t")


def test_a_transaction_sees_one_state_of_a_database_in_wal_mode(path):
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("PRAGMA journal_mode = WAL")
    with Session.open(address(path), side=Side.SOURCE) as session:
        session.execute("BEGIN")
        assert session.one("SELECT count(*) FROM t") == 1
        writer.execute("INSERT INTO t VALUES (2, 'b', 2)")
        assert session.one("SELECT count(*) FROM t") == 1
    writer.close()


def test_bytes_that_are_no_text_arrive_and_raise_nothing(difficult):
    (text,) = difficult.query("SELECT t FROM anything WHERE id = 100")[0]
    assert text.encode("utf-8", "surrogateescape") == BROKEN


def test_a_lock_of_another_is_waited_for_and_then_told(path):
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("BEGIN EXCLUSIVE")
    with pytest.raises(TryAgainError, match="another connection") as refused:
        Session.open(address(path), side=Side.SOURCE, busy=0.1)
    assert refused.value.code == "sqlite-busy"
    writer.close()


def test_a_journal_that_a_crash_left_is_told_and_stays(tmp_path):
    path = make(
        tmp_path / "t.db",
        "CREATE TABLE t (a)",
        rows=[("INSERT INTO t VALUES (?)", [("x" * 1000,) for _ in range(100)])],
    )
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("PRAGMA cache_size = 5")
    writer.execute("BEGIN")
    writer.execute("UPDATE t SET a = 'spoiled'")
    crashed = tmp_path / "crashed.db"
    shutil.copy(path, crashed)
    shutil.copy(tmp_path / "t.db-journal", tmp_path / "crashed.db-journal")
    writer.close()
    before = crashed.read_bytes()
    with pytest.raises(TryAgainError, match="crash left a journal") as refused:
        Session.open(address(crashed), side=Side.SOURCE)
    assert refused.value.code == "sqlite-readonly-rollback"
    assert crashed.read_bytes() == before


ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"


def test_cancel_stops_what_runs(path):
    with Session.open(address(path), side=Side.SOURCE) as session:
        timer = threading.Timer(0.1, session.cancel)
        timer.start()
        with pytest.raises(TryAgainError, match="cancelled"):
            session.query(ENDLESS)
        timer.join()
        assert session.one("SELECT 1") == 1


def test_a_block_may_take_so_long(path):
    began = time.monotonic()
    with Session.open(address(path), side=Side.SOURCE) as session:
        with (
            pytest.raises(TryAgainError, match=r"took longer than 0\.1 s") as refused,
            session.limited("reading t", 0.1),
        ):
            session.query(ENDLESS)
        assert refused.value.code == "max-duration"
        with session.limited("reading t", 5):
            assert session.one("SELECT 1") == 1
    assert time.monotonic() - began < 5


# -- errors ----------------------------------------------------------------------------------------

SAID = {
    "unique": (f"INSERT INTO t VALUES (2, '{SECRET}', 1)", CollisionError, "t.mail"),
    "primary": ("INSERT INTO t VALUES (1, 'b', 1)", CollisionError, "t.id"),
    "null": ("INSERT INTO t VALUES (2, NULL, 1)", DataError, "t.mail"),
    "check": (f"INSERT INTO t VALUES (2, '{SECRET}2', -1)", DataError, "CHECK"),
    "index": (f"INSERT INTO e VALUES ('{SECRET}')", CollisionError, "by lower"),
    "trigger": (f"INSERT INTO r VALUES ('{SECRET}')", DataError, "trigger"),
    "strict": (f"INSERT INTO s VALUES ('{SECRET}')", DataError, "s.n"),
    "rowid": (f"INSERT INTO t (id) VALUES ('{SECRET}')", DataError, "type"),
    "syntax": (f"SELECT '{SECRET}' FROM FROM", ConfigError, "statement"),
    "unknown": (f"SELECT [{SECRET}] FROM t", ConfigError, "statement"),
    "json": (f"SELECT json_extract('{SECRET}', '$.a')", ConfigError, "statement"),
    "two": (f"SELECT '{SECRET}'; SELECT 2", ConfigError, "statement"),
    "text": (f"SELECT CAST(CAST('{SECRET}' AS BLOB) || x'ff' AS TEXT)", ConfigError, "value"),
}  # fmt: skip


@pytest.mark.parametrize(("sql", "kind", "named"), SAID.values(), ids=SAID)
def test_an_error_names_names_and_never_a_value(sql, kind, named):
    connection = sqlite3.connect(":memory:", isolation_level=None)  # text as sqlite3 makes it
    connection.executescript(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, mail TEXT UNIQUE NOT NULL, n INT CHECK (n > 0));"
        "CREATE TABLE e (m TEXT); CREATE UNIQUE INDEX [by lower] ON e (lower(m));"
        "CREATE TABLE r (m TEXT); CREATE TABLE s (n INT) STRICT;"
        "CREATE TRIGGER no BEFORE INSERT ON r"
        f" BEGIN SELECT RAISE(ABORT, '{SECRET}'); END;"
        f"INSERT INTO t VALUES (1, '{SECRET}', 1); INSERT INTO e VALUES ('{SECRET}')"
    )
    with pytest.raises(kind, match=named) as raised, mapped("here"):
        connection.execute(sql).fetchall()
    error = raised.value
    assert SECRET not in f"{error} {error.findings.items} {vars(error)}"
    assert error.__cause__ is None
    assert error.__suppress_context__


def test_a_number_of_more_than_64_bits_is_told(path):
    with (
        Session.open(address(path), side=Side.TARGET) as session,
        pytest.raises(DataError, match="64 bits"),
    ):
        session.query("SELECT ?", [2**64])


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_code_has_a_sentence(code):
    kind, sentence, _ = CODES[code]
    told = tell(Fault(code=f"{code}_OF_LATER"), "where")
    assert isinstance(told, kind)
    assert sentence in str(told)

"""SQLite files: the difficult one, made here, and chinook from the sample databases."""

import sqlite3
from pathlib import Path

import pytest

from masker.catalog import TableName
from masker.engines.sqlite.address import Address
from masker.engines.sqlite.session import Session, Side
from tests.conftest import SAMPLES

DIFFICULT = """
CREATE TABLE anything (id INTEGER PRIMARY KEY, v, n NUMERIC, r REAL, t TEXT, b BLOB, i INT);
CREATE TABLE "Odd ""Names" (
    "Key one" INT NOT NULL, [k,2] TEXT COLLATE NOCASE NOT NULL, `say` TEXT DEFAULT 'it''s',
    CONSTRAINT "odd pk" PRIMARY KEY ("Key one", [k,2])
) WITHOUT ROWID;
CREATE TABLE line (
    n INTEGER PRIMARY KEY AUTOINCREMENT, a INT, b TEXT, boss INT REFERENCES line,
    CONSTRAINT odd FOREIGN KEY (a, b) REFERENCES "Odd ""Names" DEFERRABLE INITIALLY DEFERRED
);
CREATE TABLE strict_one (
    code TEXT PRIMARY KEY, qty INTEGER NOT NULL CHECK (qty > 0), price REAL, any_one ANY,
    CONSTRAINT cheap CHECK (price < 100 OR qty = 1 /* code ' */)
) STRICT;
CREATE TABLE computed (
    first TEXT NOT NULL, last TEXT NOT NULL,
    whole TEXT GENERATED ALWAYS AS (first || ' ' || last) STORED,
    size INT AS (length(first)) VIRTUAL
);
CREATE TABLE person (
    id INTEGER PRIMARY KEY, email VARCHAR(60) UNIQUE COLLATE NOCASE, active BOOLEAN,
    born DATE, seen DATETIME, salary DECIMAL(10, 2), phone PHONE, doc JSON, tag UUID
); -- somebody's remark
CREATE TABLE "select" ("from" TEXT REFERENCES person (email), "group" TEXT);
CREATE VIRTUAL TABLE search USING fts5 (body);
CREATE INDEX some ON person (lower(email)) WHERE active;
CREATE UNIQUE INDEX late ON person (seen, born) WHERE seen IS NOT NULL;
CREATE UNIQUE INDEX folded ON person (lower(phone));
CREATE VIEW grown AS SELECT id, email FROM person WHERE born < '2000-01-01';
CREATE VIEW "over" AS SELECT * FROM grown JOIN line ON line.n = grown.id;
CREATE TRIGGER seen_it BEFORE INSERT ON line BEGIN SELECT RAISE(IGNORE) WHERE new.n < 0; END;
CREATE TRIGGER into_view INSTEAD OF INSERT ON grown BEGIN INSERT INTO person (id) VALUES (new.id); END;
"""

BROKEN = b"caf\xe9 \x00 \xed\xa0\x80"  # Latin-1, a NUL, an encoded surrogate
VALUES = (
    None, "", "plain", "ünï \U0001f600", "NUL \0 in it", "x" * 100_000, b"", b"\0\xff", b"text",
    0, 1, -1, 2**63 - 1, -(2**63), 0.1, -0.0, 1e300, 5e-324, float("inf"), float("-inf"), 1.0,
    "1", "1.0", "0123", " 7", "\\x41",
)  # fmt: skip


def main(name):
    return TableName("main", name)


def address(path):
    return Address(Path(path))


def make(path, *statements, rows=()):
    """Make a file from scripts and, for (statement, rows), inserted rows."""
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in statements:
        connection.executescript(statement)
    connection.execute("BEGIN")
    for statement, params in rows:
        connection.executemany(statement, params)
    connection.execute("COMMIT")
    connection.close()
    return path


@pytest.fixture(scope="session")
def difficult_path(tmp_path_factory):
    path = tmp_path_factory.mktemp("sqlite") / "difficult file's.db"
    anything = [(n, *[value] * 6) for n, value in enumerate(VALUES, start=-5)]
    return make(
        path,
        DIFFICULT,
        rows=[
            ("INSERT INTO anything VALUES (?, ?, ?, ?, ?, ?, ?)", anything),
            ("INSERT INTO anything (id, v, t) VALUES (?, CAST(? AS TEXT), CAST(? AS TEXT))",
             [(100, BROKEN, BROKEN)]),
            ('INSERT INTO "Odd ""Names" VALUES (?, ?, ?)',
             [(1, "a", "A"), (1, "b", None), (2, "a", "?"), (-7, "Ä", "Ä")]),
            ("INSERT INTO line VALUES (?, ?, ?, ?)",
             [(1, 1, "A", None), (2, 1, "b", 1), (9, None, "b", 2), (3, 2, None, 3)]),
            ("INSERT INTO strict_one VALUES (?, ?, ?, ?)", [("c", 1, 200.0, 1), ("d", 2, 1.5, "1")]),
            ("INSERT INTO computed VALUES (?, ?)", [("Ada", "L"), ("Alan", "T")]),
            ("INSERT INTO person VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
             [(7, "Ann@X.example", True, "1990-01-01", "2020-02-02 10:00:00", 10.5, "0123", "{}",
               "0b5c6f2e-0000-4000-8000-000000000001"),
              (8, None, False, None, None, None, None, None, None)]),
            ('INSERT INTO "select" VALUES (?, ?)', [("ANN@x.example", "g"), (None, "h")]),
            ("INSERT INTO search VALUES (?)", [("some words",)]),
        ],
    )  # fmt: skip


@pytest.fixture
def difficult(difficult_path):
    with Session.open(address(difficult_path), side=Side.SOURCE) as session:
        session.execute("BEGIN")
        yield session


@pytest.fixture(scope="session")
def chinook_path() -> Path:
    path = SAMPLES / "chinook" / "chinook.sqlite"
    if not path.is_file():
        pytest.skip("the sample database chinook is not there (../shared/data/chinook)")
    return path.resolve()

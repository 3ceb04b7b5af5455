"""A SQLite file with everything that a file may hold, and what a file shows of itself."""

import sqlite3
from contextlib import closing
from pathlib import Path

SCHEMA = """
CREATE TABLE mixed (
  id INTEGER PRIMARY KEY, anything, name TEXT, phone STRING, amount NUMERIC, ratio REAL,
  flag BOOLEAN, born DATE, raw BLOB, CHECK (id > 0)
);
CREATE TABLE pairs (
  a TEXT, b INTEGER, note TEXT DEFAULT 'none', PRIMARY KEY (a, b DESC)
) WITHOUT ROWID;
CREATE TABLE staff (
  id INTEGER PRIMARY KEY AUTOINCREMENT, boss INTEGER REFERENCES staff, email TEXT UNIQUE COLLATE NOCASE,
  label TEXT GENERATED ALWAYS AS (lower(email)) STORED, short TEXT AS (substr(email, 1, 1)) VIRTUAL
);
CREATE TABLE tight (id INTEGER PRIMARY KEY, name TEXT NOT NULL, n INT, r REAL, b BLOB, x ANY) STRICT;
CREATE TABLE links (
  a TEXT, b INTEGER, who INTEGER REFERENCES staff (id),
  FOREIGN KEY (a, b) REFERENCES pairs (a, b) DEFERRABLE INITIALLY DEFERRED
);
CREATE TABLE log (what TEXT, author TEXT REFERENCES staff (email));
CREATE TABLE "odd ""name; --" ("a column" TEXT, "sel'ect" TEXT);
CREATE TABLE hollow (x);
CREATE INDEX expression ON mixed (lower(name));
CREATE INDEX partial ON mixed (amount) WHERE amount > 5;
CREATE UNIQUE INDEX one_pair ON links (who, a);
CREATE VIEW contacts AS SELECT id, email FROM staff;
CREATE VIEW of_view AS SELECT email FROM contacts;
CREATE TRIGGER hired AFTER INSERT ON staff BEGIN INSERT INTO log (what) VALUES ('hired ' || new.id); END;
CREATE TRIGGER through INSTEAD OF INSERT ON contacts BEGIN
  INSERT INTO staff (email) VALUES (new.email); END;
CREATE VIRTUAL TABLE notes USING fts5 (body);
CREATE VIEW found AS SELECT body FROM notes;
"""
HUGE = "x" * 3_000_000
# Every class in one column, and what is easily lost: signs, zeros, limits, NULs, no UTF-8.
ANYTHING = [
    None, "", " ", 0, -1, 2**63 - 1, -(2**63), 1.5, -0.0, 1e300, 5e-324, float("inf"),
    float("-inf"), "0123", "1e3", "text", "a\tb\nc\\N", "a\0b", "ünïcödé ✓", "\ufeffmark",
    b"", b"\0\xff", b"text", "\\x00", HUGE,
]  # fmt: skip
BROKEN = b"caf\xe9 \xff"  # Latin-1, kept as text


def make(path: Path, *, wal: bool = False, pragmas: str = "") -> Path:
    """Make the file with rows in all of its tables."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.executescript(pragmas + "PRAGMA user_version = 7; PRAGMA application_id = 4711;")
        if wal:
            db.execute("PRAGMA journal_mode = WAL")
        db.executescript(SCHEMA)
        db.execute("BEGIN")
        rows = [
            (n + 1, value, f"Person{n} Family{n % 7}", f"0171 55{n:05}", n / 4, n / 3, n % 2,
             f"19{50 + n % 50}-01-{1 + n % 28:02}", bytes([n % 256]))
            for n, value in enumerate(ANYTHING * 8)
        ]  # fmt: skip
        marks = ",".join("?" * 9)
        db.executemany(f"INSERT INTO mixed VALUES ({marks})", rows)
        db.execute("INSERT INTO mixed (anything) VALUES (CAST(? AS TEXT))", [BROKEN])
        db.execute("INSERT INTO mixed (name, phone, born) VALUES ('', 491715500, 'unknown')")
        db.executemany(
            "INSERT INTO pairs VALUES (?, ?, ?)", [(f"k{n % 5}", n, None) for n in range(60)]
        )
        db.executemany(
            "INSERT INTO staff (id, boss, email) VALUES (?, ?, ?)",
            [(n, n // 3 or None, f"Worker.{n}@firm.example") for n in range(1, 80)],
        )
        db.execute("DELETE FROM staff WHERE id > 75")
        db.executemany(
            "INSERT INTO tight VALUES (?, ?, ?, ?, ?, ?)",
            [(n, f"Smith{n}", n, n / 2, b"b", ANYTHING[n % 20]) for n in range(1, 40)],
        )
        db.executemany(
            "INSERT INTO links VALUES (?, ?, ?)",
            [(f"k{n % 5}", n, n + 1) for n in range(60)]
            + [(None, None, None), ("k9", None, 3), ("k1", 1, 999)],
        )
        db.execute("""INSERT INTO "odd ""name; --" VALUES ('one@mail.example', 'kept')""")
        db.execute("INSERT INTO notes VALUES ('words of an index')")
        db.execute("COMMIT")
        db.execute("ANALYZE")
    return path


def rows(path: Path, query: str) -> list[tuple]:
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as db:
        db.text_factory = bytes
        return db.execute(query).fetchall()


def stored(path: Path, table: str, *columns: str) -> list[tuple]:
    """Return class and bytes of the values of some columns, row by row."""
    shown = ", ".join(f"typeof({c}), CAST({c} AS BLOB), {c}" for c in columns)
    return sorted(rows(path, f"SELECT {shown} FROM {table}"), key=repr)


def schema(path: Path) -> set[tuple]:
    """Return all definitions but the tables that SQLite keeps for itself."""
    return {
        tuple(row)
        for row in rows(
            path,
            "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' "
            "ESCAPE '\\' AND name NOT LIKE 'notes%' AND name <> 'found'",
        )
    }


def pragma(path: Path, name: str) -> object:
    ((value,),) = rows(path, f"PRAGMA {name}")
    return value

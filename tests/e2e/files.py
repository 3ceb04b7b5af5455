"""A small world of two SQLite files, and what the users of the target see of it."""

import hashlib
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from masker.pipelines.record import Run
from masker.pipelines.run import run
from tests.e2e.world import KEY, ROOT

ROWS = 400
SCHEMA = """
CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL UNIQUE,
  phone TEXT NOT NULL, notes TEXT);
CREATE TABLE orders (id INTEGER PRIMARY KEY, person_id INTEGER NOT NULL REFERENCES people,
  total NUMERIC);
CREATE INDEX of_person ON orders (person_id);
"""
PIPELINE = """version: 1
name: files
source: {url: "${SOURCE_URL}"}
target: {url: "${TARGET_URL}"}
columns:
  people:
    id: keep
    name: full_name
    email: email
    phone: {use: phone, with: {range: format}}
    notes: keep
  orders: {"*": keep}
accept: ["live-range:main.people.phone"]
"""
FIRST = ("Anna", "Omar", "Lena", "Igor", "Mara", "Yuki", "Paul", "Rosa")
LAST = ("Adler", "Brandt", "Conti", "Duarte", "Engel")


@dataclass(frozen=True)
class Files:
    """One source, one target, one folder from which masker is called."""

    folder: Path

    def __post_init__(self) -> None:
        self.folder.joinpath("files.yaml").write_text(PIPELINE)
        with closing(sqlite3.connect(self.source)) as db:
            db.executescript(SCHEMA)
            people = [
                (n, f"{FIRST[n % 8]} {LAST[n % 5]}", f"{FIRST[n % 8]}{n}@mail{n % 7}.test".lower(),
                 f"+1 415 {1_000_000 + n * 7_654_321 % 8_999_993:07}", f"called {n % 9} times")
                for n in range(1, ROWS + 1)
            ]  # fmt: skip
            db.executemany("INSERT INTO people VALUES (?, ?, ?, ?, ?)", people)
            orders = [(n, 1 + n % ROWS, n / 4) for n in range(ROWS)]
            db.executemany("INSERT INTO orders VALUES (?, ?, ?)", orders)
            db.commit()

    @property
    def source(self) -> Path:
        return self.folder / "origin.db"

    @property
    def target(self) -> Path:
        return self.folder / "staging.db"

    @property
    def environ(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "LC_ALL": "C.UTF-8",
            "SOURCE_URL": f"sqlite:///{self.source}",
            "TARGET_URL": f"sqlite:///{self.target}",
            "MASKER_KEY": KEY,
        }

    def refresh(self, *, key: str = KEY) -> Run:
        return run(
            self.folder / "files.yaml",
            records=self.folder / "masker-records",
            environ={**self.environ, "MASKER_KEY": key},
        )

    def strike(self, moment: str, *, key: str, how: str = "kill") -> int:
        """Call masker, strike it at a moment and return how it ended."""
        done = subprocess.run(
            [sys.executable, "-m", "tests.e2e.moments", how, moment, "run", "files.yaml"],
            cwd=self.folder,
            env={**self.environ, "MASKER_KEY": key},
            capture_output=True,
            timeout=120,
            check=False,
        )
        assert how != "kill" or done.returncode == -signal.SIGKILL, done.stderr
        return done.returncode

    def sql(self, statement: str) -> None:
        with closing(sqlite3.connect(self.source)) as db:
            db.executescript(statement)

    def seen(self) -> str:
        """Return a digest of all that users of the target see; the file must be whole."""
        with closing(sqlite3.connect(f"{self.target.as_uri()}?mode=ro", uri=True)) as db:
            assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert db.execute("PRAGMA foreign_key_check").fetchall() == []
            everything = [
                db.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()
                for table in ("people", "orders", "sqlite_schema")
            ]
        assert len(everything[0]) == len(everything[1]) == ROWS
        return hashlib.sha256(repr(everything).encode()).hexdigest()

    def beside(self) -> set[str]:
        """Return what lies beside the target, less its name and the source."""
        return {
            path.name.removeprefix("staging.db")
            for path in self.folder.iterdir()
            if path.name.startswith("staging.db")
        }

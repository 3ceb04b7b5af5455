"""Files that are loaded themselves: replaced, added to, updated, each in one transaction."""

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from masker.engines.marker import SHARED
from masker.engines.sqlite.marker import read_marker
from masker.errors import (
    CollisionError,
    ConfigError,
    DataError,
    LeakError,
    TryAgainError,
    UnsafeError,
)
from masker.load.sqlite.transaction import Transaction
from tests.pipelines.in_place import World
from tests.pipelines.refreshes import KEY, refresh

SCHEMA = """
CREATE TABLE teams (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL, lead INTEGER NOT NULL REFERENCES people (id),
  made TEXT
);
CREATE TABLE people (
  id INTEGER PRIMARY KEY AUTOINCREMENT, team INTEGER NOT NULL REFERENCES teams (id),
  boss INTEGER REFERENCES people (id), email TEXT NOT NULL UNIQUE, phone TEXT,
  shout TEXT AS (upper(email)) STORED
);
CREATE TABLE seats (
  room INTEGER, place INTEGER, person INTEGER REFERENCES people (id), label TEXT,
  PRIMARY KEY (room, place)
) WITHOUT ROWID;
CREATE UNIQUE INDEX seats_label ON seats (label);
CREATE TABLE visits (
  person INTEGER NOT NULL REFERENCES people (id), at TEXT NOT NULL, note TEXT,
  PRIMARY KEY (person, at)
);
CREATE VIEW leads AS SELECT t.name, p.email FROM teams t JOIN people p ON p.id = t.lead;
"""
OWN = """
CREATE TRIGGER stamp AFTER INSERT ON teams BEGIN
  UPDATE teams SET made = '1999-01-01' WHERE id = new.id;
END;
CREATE TABLE badges (id INTEGER PRIMARY KEY, person INTEGER REFERENCES people (id), owner TEXT);
INSERT INTO teams VALUES (9, 'own team', 100, 'then');
INSERT INTO people (id, team, email) VALUES (100, 9, 'own.one@example.org');
INSERT INTO seats VALUES (50, 1, 100, 'mine');
"""
MET = """
INSERT INTO people (id, team, email) VALUES (1, 9, 'old.one@example.org');
INSERT INTO badges VALUES (1, 1, 'staging');
"""
BOTH = pytest.mark.parametrize("files", ["delete", "wal"], indirect=True)
TABLES = ("teams", "people", "seats", "visits", "badges", "leads")


class Files(World):
    """Two files and a folder."""

    @property
    def path(self) -> Path:
        return self.folder / "target.db"

    def at(self, name, sql):
        with closing(sqlite3.connect(self.folder / name, isolation_level=None)) as session:
            return session.execute(sql).fetchall()

    def at_target(self, sql):
        return self.at("target.db", sql)

    def at_source(self, sql):
        return self.at("source.db", sql)

    def everything(self):
        found = {name: sorted(self.at_target(f"SELECT * FROM {name}"), key=repr) for name in TABLES}
        found["schema"] = sorted(
            self.at_target("SELECT name, sql FROM sqlite_schema WHERE name <> 'sqlite_masker'"),
            key=repr,
        )
        found["sequence"] = self.at_target("SELECT * FROM sqlite_sequence")
        found["mark"] = read_marker(self.path)
        return found


def script(path, *texts):
    with closing(sqlite3.connect(path, isolation_level=None)) as session:
        for text in texts:
            session.executescript(text)


@pytest.fixture
def files(request, tmp_path):
    made = Files(f"sqlite:///{tmp_path}/source.db", f"sqlite:///{tmp_path}/target.db", tmp_path)
    script(tmp_path / "source.db", SCHEMA)
    with closing(sqlite3.connect(tmp_path / "source.db")) as source:
        many = range(1, 41)
        source.executemany(
            "INSERT INTO teams VALUES (?, ?, ?, '2025')",
            [(n, f"team {n}", n) for n in range(1, 5)],
        )
        source.executemany(
            "INSERT INTO people (id, team, boss, email, phone) VALUES (?, ?, ?, ?, ?)",
            [
                (n, 1 + n % 4, n - 4 if n > 4 else None, f"anna.kranz{n}@web.de", f"+49 309018{n}")
                for n in many
            ],
        )
        source.executemany(
            "INSERT INTO seats VALUES (?, ?, ?, ?)",
            [(n // 10, n % 10, n, f"seat {n}") for n in many],
        )
        source.executemany("INSERT INTO visits VALUES (?, '2025', 'ok')", [(n,) for n in many])
        source.execute("UPDATE sqlite_sequence SET seq = 70")
        source.commit()
    mode = f"PRAGMA journal_mode = {getattr(request, 'param', 'delete')};"
    script(tmp_path / "target.db", mode, SCHEMA, OWN)
    return made


def codes(failure):
    return {finding.code for finding in failure.value.findings}


@BOTH
def test_replace_fills_the_files_own_tables(files):
    script(files.path, MET)
    before = files.everything()
    assert files.run("replace").outcome == "published"
    after = files.everything()
    assert after["schema"] == before["schema"]
    assert after["badges"] == before["badges"]
    for table in ("teams", "seats", "visits"):  # the trigger would have changed teams
        assert after[table] == sorted(files.at_source(f"SELECT * FROM {table}"), key=repr)
    assert len(after["people"]) == 40
    emails = {row[0] for row in files.at_source("SELECT email FROM people")}
    assert not {row[3] for row in after["people"]} & emails
    assert all(row[5] == row[3].upper() for row in after["people"])
    assert after["sequence"] == [("people", 100)]  # never back
    assert after["mark"].state == SHARED
    files.at_target("INSERT INTO teams VALUES (50, 'new', 1, NULL)")
    assert files.at_target("SELECT made FROM teams WHERE id = 50") == [("1999-01-01",)]


@BOTH
def test_readers_see_the_old_rows_until_the_commit(files, monkeypatch):
    seen = []
    publish = Transaction.publish

    def look(self, **options):
        seen.append(files.at_target("SELECT email FROM people"))
        return publish(self, **options)

    monkeypatch.setattr(Transaction, "publish", look)
    files.run("replace")
    assert seen == [[("own.one@example.org",)]]


def test_append_adds_rows_once(files):
    before = files.everything()
    done = files.run("append")
    assert done.outcome == "published"
    assert done.audit.rows == sum(done.rows.values()) == 124
    after = files.everything()
    assert len(after["people"]) == 41
    assert set(before["people"]) < set(after["people"])
    with pytest.raises(CollisionError) as failure:
        files.run("append")
    assert failure.value.exit_code == 5
    assert failure.value.code == "key-taken"
    assert "kranz" not in str(failure.value)
    assert files.everything() == after


def test_upsert_updates_and_adds_and_can_be_repeated(files):
    script(files.path, MET)
    assert files.run("upsert").outcome == "published"
    first = files.everything()
    assert len(first["people"]) == 41
    assert (50, 1, 100, "mine") in first["seats"]
    assert files.at_target("SELECT made FROM teams WHERE id = 1") == [("2025",)]
    assert files.run("upsert").rows["main.people"] == 40
    assert {**files.everything(), "mark": None} == {**first, "mark": None}


@pytest.mark.parametrize(
    ("prepared", "mode", "kind"),
    [
        pytest.param("INSERT INTO badges VALUES (2, 100, 'x')", "replace", DataError,
                     id="a reference from outside"),
        pytest.param("UPDATE seats SET label = 'seat 7'", "upsert", CollisionError,
                     id="a unique value of another row"),
        pytest.param("INSERT INTO visits VALUES (1, '2025', 'x')", "append", CollisionError,
                     id="a key that is there"),
    ],
)  # fmt: skip
def test_what_breaks_a_constraint_changes_nothing(files, prepared, mode, kind):
    script(files.path, prepared)
    before = files.everything()
    with pytest.raises(kind) as failure:
        files.run(mode)
    assert failure.value.exit_code == 5
    assert files.everything() == before


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        pytest.param(
            "INSERT INTO badges VALUES (7, 7, 'Anna.Kranz7@web.de')", LeakError, id="leak"
        ),
        pytest.param("INSERT INTO badges VALUES (3, 4711, 'x')", DataError, id="dangling"),
        pytest.param("UPDATE teams SET name = 'x';\nCOMMIT;", ConfigError, id="commits"),
    ],
)
def test_statements_that_may_not_be_change_nothing(files, text, kind):
    before = files.everything()
    (files.folder / "after.sql").write_text(text)
    with pytest.raises(kind):
        files.run("replace", rest="after: ./after.sql")
    assert files.everything() == before


def test_statements_run_inside(files):
    (files.folder / "after.sql").write_text(
        "UPDATE people SET email = 'tester@staging.test' WHERE id = 1;\n"
        "CREATE TABLE flags (name TEXT); INSERT INTO flags VALUES ('on');"
    )
    assert files.run("upsert", rest="after: ./after.sql").outcome == "published"
    assert files.at_target("SELECT name FROM flags") == [("on",)]
    assert files.at_target("SELECT email FROM leads WHERE name = 'team 1'") == [
        ("tester@staging.test",)
    ]


KILLED = """
import os, signal, sys
from masker.load.sqlite.transaction import Transaction
from masker.pipelines.run import run
def strike(self, *args, **options):
    os.kill(os.getpid(), signal.SIGKILL)
setattr(Transaction, "publish", strike)
run(sys.argv[1], records=sys.argv[2], environ=os.environ)
"""


@pytest.mark.parametrize(
    "files", [pytest.param("delete", marks=pytest.mark.long), "wal"], indirect=True
)
def test_a_killed_run_changes_nothing_and_the_next_one_goes(files):
    before = files.everything()
    environ = {"SOURCE_URL": files.source, "TARGET_URL": files.target, "MASKER_KEY": KEY}
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(files.pipeline("replace")), str(files.folder / "r")],
        env={**os.environ, **environ},
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    assert files.everything() == before
    assert files.run("replace").outcome == "published"


def test_what_does_not_fit_is_told_before_anything_is_touched(files, monkeypatch):
    script(
        files.path,
        "DROP INDEX seats_label; DROP TABLE seats; ALTER TABLE people DROP COLUMN phone;"
        "DROP TABLE visits; CREATE TABLE visits (person INTEGER, at TEXT, note TEXT);",
    )
    monkeypatch.setattr(Transaction, "prepare", None)
    with pytest.raises(ConfigError) as failure:
        files.run("upsert")
    assert codes(failure) >= {"table-missing", "column-missing", "no-upsert-key"}


@pytest.mark.parametrize("mode", ["replace", "append", "upsert"])
def test_a_column_to_recompute_is_told_once(files, mode):
    path = files.pipeline(mode)
    path.write_text(path.read_text().replace('teams: {"*"', 'teams: {name: recompute, "*"'))
    with pytest.raises(ConfigError) as failure:
        refresh(path, source=files.source, target=files.target, records=files.folder / "records")
    assert [(each.code, each.subject) for each in failure.value.findings.blocking] == [
        ("recompute-without-trigger", "main.teams.name")
    ]


def test_a_writer_is_waited_for_and_a_shared_file_is_not_swapped_away(files):
    with pytest.raises(UnsafeError, match="rows are added"):
        files.run("append", allow="")
    with closing(sqlite3.connect(files.path, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        with pytest.raises(TryAgainError):
            files.run("append", rest="publish: {wait: 1s}")
    files.run("append")
    with pytest.raises(UnsafeError, match="not empty"):
        files.run("swap", allow="")


def test_clear_by_truncate_means_nothing(files):
    with pytest.raises(ConfigError, match="has no TRUNCATE"):
        files.run("replace", more=", clear: truncate")

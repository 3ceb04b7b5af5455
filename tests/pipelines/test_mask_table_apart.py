"""Callers who come at once, and transactions that see less than there is: no row is left, none
masked twice."""

import sqlite3
import threading
import time
from contextlib import closing

import psycopg
import pytest

import masker
from masker.engines.postgres.lent import PostgresInPlace
from masker.errors import ConfigError, MaskerError, TryAgainError, UnsafeError
from tests.pipelines.lying import KEY

RULES = {"people": {"id": "keep", "email": "email"}}
SCHEMA = """
CREATE TABLE people (id int PRIMARY KEY, email text);
CREATE TABLE copies (id int, email text);
INSERT INTO people VALUES (1, 'anna@web.de')
"""


def masking():
    return masker.Masker(columns=RULES, key=KEY)


FAKE = masking().mask_value("anna@web.de", "email", table="people")


@pytest.fixture
def url(staging, fresh_database):
    made = fresh_database(staging, "apart")
    staging.sql(SCHEMA, database=made.rpartition("/")[2])
    return made


def waiting(url):
    """Wait until somebody waits for a lock."""
    with psycopg.connect(url, autocommit=True) as watch:
        for _ in range(500):
            if watch.execute(
                "SELECT count(*) FROM pg_stat_activity "
                "WHERE wait_event_type = 'Lock' AND datname = current_database()"
            ).fetchone() != (0,):
                return
            time.sleep(0.02)
    raise AssertionError("nobody waits")


def second(url, call):
    """Run a call on a connection of its own; return its thread and where its end will stand."""
    ends = []

    def run():
        with psycopg.connect(url) as mine:
            try:
                ends.append(call(mine).rows)
            except MaskerError as failure:
                ends.append(failure)
                mine.rollback()

    thread = threading.Thread(target=run)
    thread.start()
    return thread, ends


@pytest.mark.parametrize("ddl", [True, False], ids=["ddl", "without"])
def test_who_comes_second_masks_nothing(url, ddl):
    with psycopg.connect(url) as first:
        masking().mask_table(first, "people", ddl=ddl)
        thread, ends = second(url, lambda mine: masking().mask_table(mine, "people", ddl=ddl))
        waiting(url)
        first.commit()
        thread.join()
        assert isinstance(ends[0], UnsafeError)
        assert ends[0].code == "already-masked"
        assert first.execute("SELECT email FROM people").fetchall() == [(FAKE,)]


def test_who_comes_second_copies_nothing(url):
    def copy(mine):
        return masking().copy_table(mine, "people", into="copies")

    with psycopg.connect(url) as first:
        copy(first)
        with psycopg.connect(url) as other:  # others go on reading and writing
            other.execute("INSERT INTO copies VALUES (7, 'own@shop.example')")
        thread, ends = second(url, copy)
        waiting(url)
        first.commit()
        thread.join()
        assert isinstance(ends[0], UnsafeError)
        assert ends[0].code == "already-masked"
        assert first.execute("SELECT id, email FROM copies ORDER BY id").fetchall() == [
            (1, FAKE),
            (7, "own@shop.example"),
        ]


def test_who_comes_after_a_failure_masks(url):
    with psycopg.connect(url) as first:
        masking().mask_table(first, "people")
        thread, ends = second(url, lambda mine: masking().mask_table(mine, "people"))
        waiting(url)
        first.rollback()
        thread.join()
        assert ends == [1]
        assert first.execute("SELECT email FROM people").fetchall() == [(FAKE,)]


def test_a_column_that_comes_while_masker_waits_is_not_left_as_it_is(url, monkeypatch):
    real = PostgresInPlace.choose

    def late(self, changes, **options):
        with psycopg.connect(url) as other:
            other.execute("ALTER TABLE people ADD phone text DEFAULT '+49 30 901820'")
        real(self, changes, **options)

    monkeypatch.setattr(PostgresInPlace, "choose", late)
    with psycopg.connect(url) as mine:
        with pytest.raises(TryAgainError) as caught:
            masking().mask_table(mine, "people")
        assert caught.value.code == "table-altered"
        assert mine.execute("SELECT email FROM people").fetchall() == [("anna@web.de",)]


@pytest.mark.parametrize("level", ["REPEATABLE_READ", "SERIALIZABLE"])
def test_a_transaction_that_does_not_see_all_rows_is_refused(url, level):
    with psycopg.connect(url) as mine:
        mine.isolation_level = psycopg.IsolationLevel[level]
        mine.execute("SELECT 1 FROM people")
        with psycopg.connect(url) as other:
            other.execute("INSERT INTO people VALUES (2, 'late@web.de')")
        for call in (
            lambda: masking().mask_table(mine, "people"),
            lambda: masking().copy_table(mine, "people", into="copies"),
        ):
            with pytest.raises(ConfigError) as caught:
                call()
            assert caught.value.code == "isolation-level"
            assert "READ COMMITTED" in caught.value.help
        mine.rollback()
        mine.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
        assert masking().mask_table(mine, "people").rows == 2


def test_a_source_may_be_read_as_it_was(url):
    with psycopg.connect(url) as source, psycopg.connect(url) as mine:
        source.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        source.execute("SELECT 1 FROM people")
        assert masking().copy_table(mine, "people", into="copies", source=source).rows == 1


@pytest.mark.parametrize("journal", ["wal", "delete"])
def test_sqlite_lets_nobody_mask_rows_that_others_masked(tmp_path, journal):
    (tmp_path / "files").mkdir()
    path = tmp_path / "files" / "app.db"
    with (
        closing(sqlite3.connect(path, timeout=0)) as first,
        closing(sqlite3.connect(path, timeout=0)) as late,
    ):
        first.execute(f"PRAGMA journal_mode = {journal}")
        first.executescript(SCHEMA)
        late.execute("BEGIN")
        late.execute("SELECT * FROM people").fetchall()
        masking().mask_table(first, "people")
        if journal == "wal":  # else who reads holds off who commits
            first.commit()
        with pytest.raises(TryAgainError):
            masking().mask_table(late, "people")
        late.rollback()
        first.commit()
        with pytest.raises(UnsafeError):
            masking().mask_table(late, "people")
        assert late.execute("SELECT email FROM people").fetchall() == [(FAKE,)]

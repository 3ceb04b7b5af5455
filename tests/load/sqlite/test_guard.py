"""Files that are not touched, and why."""

import sqlite3
from contextlib import closing

import pytest

from masker.load.guard import ALLOWABLE
from masker.load.sqlite.guard import guard


@pytest.fixture
def folder(tmp_path):
    for name in ("source.db", "target.db"):
        with closing(sqlite3.connect(tmp_path / name)) as db:
            db.execute("CREATE TABLE t (x)")
    (tmp_path / "empty.db").touch()
    return tmp_path


def told(folder, source, target, *allow):
    found = guard(source=folder / source, target=folder / target, allow=frozenset(allow))
    return {finding.code for finding in found.blocking}, {finding.code for finding in found}


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        pytest.param("empty.db", set(), id="empty"),
        pytest.param("new.db", set(), id="not there"),
        pytest.param("target.db", {"unmarked-target"}, id="somebody's"),
        pytest.param("source.db", {"same-database", "unmarked-target"}, id="itself"),
        pytest.param("app-prod.db", {"production-name"}, id="name"),
        pytest.param("production/app.db", {"production-name"}, id="folder"),
        pytest.param("preprod/nonprod.db", set(), id="not production"),
    ],
)
def test_what_is_refused(folder, target, expected):
    assert told(folder, "source.db", target)[0] == expected


@pytest.mark.parametrize("link", ["symlink_to", "hardlink_to"])
def test_links_are_seen_through(folder, link):
    getattr(folder / "link.db", link)(folder / "source.db")
    assert "same-database" in told(folder, "source.db", "link.db", *ALLOWABLE)[0]
    assert "same-database" in told(folder, "link.db", "source.db", *ALLOWABLE)[0]


@pytest.mark.parametrize(
    "name", ["target.db_masker_previous", "target.db_masker_20260101000000_ab12"]
)
def test_a_copy_that_a_run_drops_is_no_source(folder, name):
    (folder / "source.db").rename(folder / name)
    assert "same-database" in told(folder, name, "target.db", *ALLOWABLE)[0]
    assert told(folder, name, "other.db")[0] == set()


def test_what_is_allowed_is_told_all_the_same(folder):
    (folder / "live").mkdir()
    (folder / "target.db").rename(folder / "live" / "target.db")
    blocking, every = told(
        folder, "source.db", "live/target.db", "production-name", "unmarked-target"
    )
    assert blocking == set()
    assert every == {"production-name", "unmarked-target"}

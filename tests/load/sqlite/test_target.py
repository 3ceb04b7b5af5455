"""A target file that is held, what stands in a run's way there, and what comes back."""

import sqlite3
from contextlib import closing

import pytest

from masker.engines.sqlite.address import Address
from masker.errors import ConfigError, TryAgainError
from masker.load.settings import TargetSettings
from masker.load.sqlite import preflight as looks
from masker.load.sqlite.preflight import preflight
from masker.load.targets import hold


def settings(path, **options):
    return TargetSettings(engine="sqlite", address=Address.parse(f"sqlite:///{path}"), **options)


def found(path, *, expected=None, run="20260101000000_ab12", **options):
    return {each.code for each in preflight(settings(path, **options), run=run, expected=expected)}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        pytest.param({"expected": 1000}, set(), id="room"),
        pytest.param({"expected": 10**18}, {"no-room"}, id="no room on this disk"),
        pytest.param({"expected": 100, "disk": 131}, set(), id="declared, enough"),
        pytest.param({"expected": 100, "disk": 129}, {"no-room"}, id="declared, too little"),
        pytest.param({"run": "x" * 250}, {"name-too-long"}, id="name"),
    ],
)
def test_what_stands_in_the_way(tmp_path, options, expected):
    assert found(tmp_path / "t.db", **options) == expected


def test_another_users_file_is_told(tmp_path, monkeypatch):
    path = tmp_path / "t.db"
    path.touch()
    monkeypatch.setattr(looks.os, "geteuid", lambda: path.stat().st_uid + 1)
    assert found(path) == {"owner-not-carried"}
    tmp_path.chmod(0o1777)
    monkeypatch.setattr(looks.os, "geteuid", lambda: tmp_path.stat().st_uid + 1)
    assert found(path) == {"owner-not-carried", "sticky-folder"}


def test_a_target_is_held_by_one(tmp_path):
    held = settings(tmp_path / "t.db")
    with hold(held) as target:
        assert target.marker() is None
        assert target.previous == "t.db_masker_previous"
        with pytest.raises(TryAgainError, match="another run") as caught, hold(held):
            pass
        assert caught.value.code == "target-locked"
    with hold(held):
        pass
    assert list(tmp_path.iterdir()) == []


def test_nothing_comes_back_where_nothing_was(tmp_path):
    path = tmp_path / "t.db"
    with hold(settings(path)) as target:
        target.check_previous()
        with pytest.raises(ConfigError, match="nothing to roll back"):
            target.put_back()
        (tmp_path / "t.db_masker_previous").touch()
        with pytest.raises(ConfigError, match="held nothing") as caught:
            target.check_previous()
    assert caught.value.code == "previous-empty"


def test_target_and_previous_copy_change_places(tmp_path):
    path, kept = tmp_path / "t.db", tmp_path / "t.db_masker_previous"
    for each in (path, kept):
        with closing(sqlite3.connect(each)) as db:
            db.execute(f'CREATE TABLE "{each.name}" (x)')
    with hold(settings(path)) as target:
        target.check_previous()
        target.put_back()
    for here, name in ((path, kept.name), (kept, path.name)):
        with closing(sqlite3.connect(here)) as db:
            assert db.execute("SELECT name FROM sqlite_schema").fetchall() == [(name,)]

"""Locks and remainders of another user's runs: told as what they are, and in nobody's way."""

import errno
import os

import pytest

from masker.engines.sqlite import locks
from masker.engines.sqlite.files import aside_path
from masker.engines.sqlite.locks import drop_orphans, run_lock
from masker.errors import ConfigError, TryAgainError
from tests.engines.sqlite.conftest import make
from tests.users import ordinary_user


def test_a_lock_of_another_user_is_a_lock():
    with ordinary_user() as folder:
        target = folder / "staging.db"
        lock = aside_path(target, "lock")
        lock.touch()
        lock.chmod(0)
        with pytest.raises(TryAgainError) as told, run_lock(target):
            pytest.fail("it was held")
        assert told.value.code == "target-locked"
        assert "another user" in told.value.message
        assert lock.name in told.value.help
        assert lock.exists()


@pytest.mark.parametrize("rights", [0o500, 0o600, 0o000])
def test_a_folder_without_the_right_is_told(rights):
    with ordinary_user() as place:
        folder = place / "shut"
        folder.mkdir()
        folder.chmod(rights)
        with pytest.raises(ConfigError) as told, run_lock(folder / "staging.db"):
            pytest.fail("it was held")
        assert told.value.code == "folder-not-writable"


@pytest.mark.parametrize(
    ("fault", "kind", "code"),
    [
        (errno.EROFS, ConfigError, "folder-not-writable"),
        (errno.ENOSPC, TryAgainError, "file-refused"),
        (errno.EMFILE, TryAgainError, "file-refused"),
    ],
)
def test_a_disk_that_takes_no_lock_is_told(tmp_path, monkeypatch, fault, kind, code):
    def refuse(*_):
        raise OSError(fault, os.strerror(fault))

    monkeypatch.setattr(locks.os, "open", refuse)
    with pytest.raises(kind) as told, run_lock(tmp_path / "staging.db"):
        pytest.fail("it was held")
    monkeypatch.undo()
    assert told.value.code == code


def test_a_remainder_of_another_user_is_told_and_stays():
    with ordinary_user() as folder:
        target = folder / "st*ging[1].db"
        theirs, ours = aside_path(target, "r1"), aside_path(target, "r2")
        theirs.touch()
        theirs.chmod(0)
        ours.touch()
        found = drop_orphans(target)
        assert [(each.code, each.subject) for each in found] == [
            ("orphan-not-dropped", theirs.name),
            ("orphan-dropped", ours.name),
        ]
        assert not found.blocking
        assert [path.name for path in folder.iterdir()] == [theirs.name]


def test_a_remainder_that_may_not_be_removed_is_told():
    with ordinary_user() as folder:
        target = folder / "staging.db"
        left = aside_path(target, "r1")
        left.touch()
        folder.chmod(0o500)
        (told,) = drop_orphans(target)
        assert (told.code, told.subject) == ("orphan-not-dropped", left.name)
        assert left.exists()


def test_an_exchange_that_cannot_be_finished_is_told():
    with ordinary_user() as folder:
        target = make(folder / "staging.db", "CREATE TABLE t (a)")
        aside_path(target, "r1_expired").touch()
        folder.chmod(0o500)
        with pytest.raises(ConfigError) as told:
            drop_orphans(target)
        assert told.value.code == "file-refused"

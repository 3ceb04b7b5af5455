"""The scheduler's own file: signs of life, what is settled, and one scheduler per folder."""

import errno
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from masker.errors import TryAgainError
from masker.schedule.status import (
    check_health,
    forget_beat,
    only_scheduler,
    read_status,
    settled_until,
    write_status,
)

NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)
FACTS = {"shop": {"state": "waiting", "settled": NOW.isoformat()}}


def test_what_was_settled_is_known_after_a_restart(tmp_path):
    write_status(tmp_path, FACTS, now=NOW)
    status = read_status(tmp_path)
    assert settled_until(status, "shop") == NOW
    assert settled_until(status, "crm") is None
    assert [path.name for path in tmp_path.iterdir()] == ["schedule.json"]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pipelines": 3}', b"\xff\xfe{}"])
def test_a_torn_file_is_told_and_not_taken_for_none(tmp_path, content):
    path = tmp_path / "schedule.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    for read in (read_status, lambda records: check_health(records, now=NOW)):
        with pytest.raises(TryAgainError, match=r"`schedule.json` in .* cannot be read: it is no"):
            read(tmp_path)
    forget_beat(tmp_path)
    write_status(tmp_path, FACTS, now=NOW)
    assert check_health(tmp_path, now=NOW)["pipelines"] == FACTS


def test_a_file_that_cannot_be_read_is_told(tmp_path):
    (tmp_path / "schedule.json").mkdir()
    with pytest.raises(TryAgainError, match="cannot be read: is a directory"):
        read_status(tmp_path)


def test_a_moment_that_is_none_is_not_known():
    assert settled_until({"pipelines": {"shop": {"settled": "soon"}}}, "shop") is None


def test_none_was_there(tmp_path):
    assert read_status(tmp_path) == {}
    with pytest.raises(TryAgainError, match="no scheduler has written"):
        check_health(tmp_path, now=NOW)
    forget_beat(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("step", ["fchmod", "fsync", "replace"])
def test_a_beat_that_fails_leaves_nothing_and_the_one_before_stands(tmp_path, monkeypatch, step):
    write_status(tmp_path, FACTS, now=NOW)

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(Path if step == "replace" else os, step, full)
        with pytest.raises(TryAgainError, match="cannot be written into"):
            write_status(tmp_path, {}, now=NOW + timedelta(hours=1))
    assert [path.name for path in tmp_path.iterdir()] == ["schedule.json"]
    assert check_health(tmp_path, now=NOW)["pipelines"] == FACTS


class TestHealth:
    def test_a_beat_is_life(self, tmp_path):
        write_status(tmp_path, FACTS, now=NOW)
        status = check_health(tmp_path, now=NOW + timedelta(seconds=59))
        assert status["pipelines"] == FACTS
        assert status["process"] == os.getpid()

    def test_silence_is_not(self, tmp_path):
        write_status(tmp_path, FACTS, now=NOW)
        with pytest.raises(TryAgainError, match="was last heard 61 s ago") as caught:
            check_health(tmp_path, now=NOW + timedelta(seconds=61))
        assert caught.value.exit_code == 6

    def test_a_stop_is_not_and_keeps_what_is_settled(self, tmp_path):
        write_status(tmp_path, FACTS, now=NOW)
        forget_beat(tmp_path)
        with pytest.raises(TryAgainError, match="was stopped"):
            check_health(tmp_path, now=NOW)
        assert json.loads((tmp_path / "schedule.json").read_text())["pipelines"] == FACTS


def test_a_folder_has_one_scheduler(tmp_path):
    records = tmp_path / "records"
    refused = pytest.raises(TryAgainError, match="another scheduler works")
    with only_scheduler(records), refused, only_scheduler(records):
        pass
    with only_scheduler(records):
        pass


def test_a_folder_that_takes_nothing_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(TryAgainError, match="cannot be written"),
        only_scheduler(tmp_path / "file" / "records"),
    ):
        pass
    with pytest.raises(TryAgainError, match="cannot be written"):
        write_status(tmp_path / "nowhere", FACTS, now=NOW)

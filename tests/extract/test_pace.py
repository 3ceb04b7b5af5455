"""Limits of reading: rows per second, the snapshot's age, and a wait that can be ended."""

import threading
import time

import pytest

from masker.errors import TryAgainError
from masker.extract import Pace

BLOCK = b"1\n2\n3\n4\n5\n"


def lines(block):
    return block.count(b"\n")


def test_without_limits_nothing_waits():
    blocks = [BLOCK] * 1000
    began = time.monotonic()
    assert list(Pace().keep(blocks, count=lines, stop=threading.Event())) == blocks
    assert time.monotonic() - began < 1


def test_rows_come_no_faster_than_allowed():
    began = time.monotonic()
    blocks = list(Pace(rows_per_second=100).keep([BLOCK] * 8, count=lines, stop=threading.Event()))
    assert len(blocks) == 8
    assert time.monotonic() - began >= 0.39  # 40 rows at 100 a second


def test_a_snapshot_that_is_too_old_is_given_up():
    paced = Pace(until=time.time() - 1).keep([BLOCK], count=lines, stop=threading.Event())
    with pytest.raises(TryAgainError, match="max_snapshot_age"):
        next(paced)


def test_a_wait_ends_when_it_is_told_to():
    stop = threading.Event()
    threading.Timer(0.1, stop.set).start()
    began = time.monotonic()
    assert list(Pace(rows_per_second=0.1).keep([BLOCK], count=lines, stop=stop)) == []
    assert time.monotonic() - began < 5

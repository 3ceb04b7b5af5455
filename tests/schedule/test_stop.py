"""SIGTERM: an end before publishing, patience once it publishes, and only one of several counts."""

import os
import signal
import time
from contextlib import suppress

import pytest

from masker.pipelines.watch import Nobody
from masker.schedule.stop import LIFE, StopSign


def ask():
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(0.05)


def test_before_it_publishes_the_run_ends():
    with pytest.raises(KeyboardInterrupt), StopSign(Nobody()) as sign:
        sign.phase("load")
        ask()


def test_once_it_publishes_it_finishes():
    with StopSign(Nobody()) as sign:
        sign.phase("publish")
        ask()
        sign.phase("clean")
    assert sign.asked


def test_an_interrupt_that_was_swallowed_is_heard_at_the_next_step():
    with StopSign(Nobody()) as sign:
        with suppress(KeyboardInterrupt):
            ask()
        with pytest.raises(KeyboardInterrupt):
            sign.phase("audit")


def test_a_second_one_does_not_disturb_the_cleaning_up():
    with StopSign(Nobody()):
        with pytest.raises(KeyboardInterrupt):
            ask()
        ask()


def test_what_was_there_before_is_there_again():
    before = signal.getsignal(signal.SIGTERM)
    with StopSign(Nobody()):
        assert signal.getsignal(signal.SIGTERM) != before
    assert signal.getsignal(signal.SIGTERM) == before


def test_whoever_started_it_takes_it_along(monkeypatch):
    life, held = os.pipe()
    monkeypatch.setenv(LIFE, str(life))
    with pytest.raises(KeyboardInterrupt), StopSign(Nobody()) as sign:
        assert LIFE not in os.environ  # its own children have no business with it
        sign.phase("load")
        os.close(held)
        time.sleep(2)
    os.close(life)

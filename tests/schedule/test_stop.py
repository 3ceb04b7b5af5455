"""SIGTERM: an end before publishing, patience once it publishes, and only one of several counts."""

import os
import signal
import time
from contextlib import suppress

import pytest

from masker.errors import TryAgainError
from masker.pipelines.watch import Nobody
from masker.schedule.stop import LIFE, StopSign


def ask(sign=signal.SIGTERM):
    os.kill(os.getpid(), sign)
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


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_interrupt_that_was_swallowed_is_heard_at_the_next_step(number):
    with StopSign(Nobody()) as sign:
        with suppress(KeyboardInterrupt):
            ask(number)
        with pytest.raises(KeyboardInterrupt):
            sign.phase("audit")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_interrupt_of_which_a_library_made_another_error_is_one(number):
    with pytest.raises(KeyboardInterrupt) as stopped, StopSign(Nobody()):
        try:
            ask(number)
        except KeyboardInterrupt:
            failure = ValueError("callback failed")
            failure.add_note("manifest: m.json")
            raise failure from None
    assert stopped.value.__notes__ == ["manifest: m.json"]


def test_an_error_is_no_interrupt():
    with pytest.raises(ValueError, match="ours"), StopSign(Nobody()):
        raise ValueError("ours")
    with pytest.raises(TryAgainError), StopSign(Nobody()):
        with suppress(KeyboardInterrupt):
            ask()
        raise TryAgainError("a server went away")
    with pytest.raises(ValueError, match="while it publishes"), StopSign(Nobody()) as sign:
        sign.phase("publish")
        ask()
        raise ValueError("while it publishes")


def test_a_second_one_does_not_disturb_the_cleaning_up():
    with StopSign(Nobody()):
        with pytest.raises(KeyboardInterrupt):
            ask()
        ask()


def test_what_was_there_before_is_there_again():
    signs = (signal.SIGTERM, signal.SIGINT)
    before = [signal.getsignal(sign) for sign in signs]
    with StopSign(Nobody()):
        assert all(signal.getsignal(sign) not in before for sign in signs)
    assert [signal.getsignal(sign) for sign in signs] == before


def test_whoever_started_it_takes_it_along(monkeypatch):
    life, held = os.pipe()
    monkeypatch.setenv(LIFE, str(life))
    with pytest.raises(KeyboardInterrupt), StopSign(Nobody()) as sign:
        assert LIFE not in os.environ  # its own children have no business with it
        sign.phase("load")
        os.close(held)
        time.sleep(2)
    os.close(life)

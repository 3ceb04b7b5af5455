"""Ctrl-C, SIGTERM and a closed terminal: one interrupt, then an undisturbed cleaning up."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from masker.cli.interrupts import interruptible
from masker.pipelines.watch import Nobody
from masker.schedule.stop import StopSign

SIGNS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
STUBBORN = """
import time
from masker.cli.interrupts import interruptible
with interruptible():
    try:
        print("ready", flush=True)
        time.sleep(60)
    finally:
        print("cleaning", flush=True)
        time.sleep(60)
"""


def send(sign):
    os.kill(os.getpid(), sign)
    time.sleep(0.02)


@pytest.mark.parametrize("sign", SIGNS)
def test_the_first_ends_it_and_no_other_disturbs_the_cleaning_up(sign):
    cleaned = []
    with pytest.raises(KeyboardInterrupt), interruptible():
        try:
            send(sign)
        finally:
            for other in SIGNS:
                send(other)
            cleaned.append(sign)
    assert cleaned == [sign]


@pytest.mark.parametrize("first", [signal.SIGINT, signal.SIGTERM])
def test_no_other_disturbs_the_cleaning_up_of_a_run_either(first):
    cleaned = []
    with pytest.raises(KeyboardInterrupt), interruptible(), StopSign(Nobody()):
        try:
            send(first)
        finally:
            for other in SIGNS:
                send(other)
            cleaned.append(first)
    assert cleaned == [first]


def test_what_was_there_before_is_there_again():
    before = [signal.getsignal(sign) for sign in SIGNS]
    with interruptible():
        assert all(signal.getsignal(sign) not in before for sign in SIGNS)
    assert [signal.getsignal(sign) for sign in SIGNS] == before


def test_what_is_ignored_stays_ignored():
    """As `nohup` has it, and a shell that begins something in the background."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with interruptible():
            send(signal.SIGHUP)
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_in_another_thread_signals_are_none_of_its_business():
    done = []

    def work():
        with interruptible():
            done.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done


def test_a_second_control_c_is_answered_and_a_third_one_ends_it():
    command = [sys.executable, "-c", STUBBORN]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(signal.SIGINT)
        assert process.stdout.readline() == b"cleaning\n"
        process.send_signal(signal.SIGINT)
        assert process.stderr.readline() == b"\n"
        assert b"Ctrl-C once more ends it at once" in process.stderr.readline()
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == -signal.SIGINT

"""How an attempt ends, read from its exit status and its JSON; and real processes that misbehave."""

import json
import os
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from masker.schedule.attempt import Process, command_of, end_of

NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)
FINDING = {"code": "uncovered", "severity": "error", "message": "`a` has no verdict"}
NOTE = {"code": "settled", "severity": "note", "message": "it had published"}
ACCEPTED = {"code": "live-range", "severity": "warning", "message": "`b`", "accepted": True}


def refusal(code):
    return {"exit_code": code, "message": "1 finding", "findings": [NOTE, ACCEPTED, FINDING]}


@pytest.mark.parametrize(
    ("status", "answer", "outcome", "code", "codes"),
    [
        pytest.param(0, {"run": "r", "rows": {"a": 2}}, "published", 0, (), id="published"),
        pytest.param(0, {"outcome": "skipped"}, "skipped", 0, (), id="done by another"),
        pytest.param(3, refusal(3), "refused", 3, ("uncovered",), id="refused"),
        pytest.param(5, refusal(5), "failed", 5, ("uncovered",), id="failed"),
        pytest.param(-9, {}, "failed", 70, ("run-died",), id="killed"),
        pytest.param(1, {}, "failed", 70, ("run-died",), id="Python itself ended it"),
        pytest.param(6, {}, "failed", 70, ("run-died",), id="a known status without a word"),
        pytest.param(0, {}, "failed", 70, ("run-died",), id="success without a word"),
    ],
)
def test_an_end(status, answer, outcome, code, codes):
    end = end_of(status, answer)
    assert (end.outcome, end.exit_code, end.codes) == (outcome, code, codes)


def test_a_skip_names_the_run_for_which_it_was():
    assert end_of(0, {"outcome": "skipped", "run": "r"}).run == "r"


def test_the_run_is_known_from_its_manifest():
    end = end_of(4, {**refusal(4), "manifest_file": "records/shop-eu-20261121030000_ab12.json"})
    assert end.run == "20261121030000_ab12"
    assert end.manifest == Path("records/shop-eu-20261121030000_ab12.json")


def process(code, **environ):
    return Process([sys.executable, "-c", code], environ={**os.environ, **environ}, now=NOW)


def ended(attempt):
    deadline = time.monotonic() + 20
    while (end := attempt.poll()) is None:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return end


def test_what_it_tells_is_heard_and_what_is_no_event_is_counted_and_not_shown():
    event = json.dumps({"event": "phase", "phase": "load"})
    code = (
        f"import sys; print('Anna Schmidt', file=sys.stderr); print({event!r}, file=sys.stderr);"
        "print('Anna'); sys.exit(1)"
    )
    attempt = process(code)
    end = ended(attempt)
    assert attempt.phase == "load"
    assert attempt.heard() == [{"event": "phase", "phase": "load"}]
    assert attempt.heard() == []
    assert "1 lines that it wrote are not shown" in end.why
    assert "Anna" not in repr(end)
    assert end.started == NOW


def test_much_output_does_not_block_it():
    code = "import sys; sys.stderr.write('{}\\n' * 200000); print('{\"run\": \"r\"}' + ' ' * 10**6)"
    assert ended(process(code)).outcome == "published"


def test_it_is_asked_to_stop_and_killed():
    code = "import signal, time; signal.signal(15, lambda *_: None); time.sleep(60)"
    attempt = process(code)
    time.sleep(0.3)
    attempt.stop()
    time.sleep(0.2)
    assert attempt.poll() is None
    attempt.kill()
    end = ended(attempt)
    assert end.again
    assert "was killed by signal 9" in end.why


@pytest.mark.parametrize("place", [0, 1])
def test_a_process_to_which_nobody_can_listen_is_ended(monkeypatch, place):
    """Threads and open files are limited for the scheduler as for everybody."""
    begun, started, start = [], [], threading.Thread.start

    def scarce(thread):
        if len(started) == place:
            raise RuntimeError("can't start new thread")
        started.append(thread)
        start(thread)

    class Popen(subprocess.Popen):
        def __init__(self, *words, **options):
            super().__init__(*words, **options)
            begun.append(self)

    open_before = len(list(Path("/proc/self/fd").iterdir()))
    monkeypatch.setattr(threading.Thread, "start", scarce)
    monkeypatch.setattr(subprocess, "Popen", Popen)
    with pytest.raises(OSError, match="Resource temporarily unavailable"):
        process("import time; time.sleep(60)")
    for thread in started:
        thread.join(20)
    (child,) = begun
    assert child.returncode == -9
    assert len(list(Path("/proc/self/fd").iterdir())) == open_before


def test_the_command_is_one_that_a_person_may_repeat():
    words = command_of(Path("pipelines/shop.yaml"), records=Path("records"), due=NOW)
    assert words[1:5] == ["-m", "masker", "run", "pipelines/shop.yaml"]
    assert "--no-notify" in words
    assert words[words.index("--due") + 1] == "2026-11-21T03:00:00+00:00"

"""Webhooks: what is told to whom, received by real servers, good and bad; and secrets that stay so."""

import io
import json
import socketserver
import sys
import threading
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from masker.findings import Position, error
from masker.rules.sections import Notice
from masker.schedule.end import End
from masker.schedule.log import Log
from masker.schedule.notices import Messenger, body_of, deliver, events_of, facts_of, wanted
from tests.schedule.conftest import SECRET, server

BEGAN = datetime(2026, 11, 21, 3, tzinfo=UTC)
FAILED = End(
    outcome="refused",
    exit_code=3,
    run="r1",
    findings=(
        {"id": "uncovered:a.b", "severity": "error", "message": "`a.b` <&> no verdict", "x": 1},
    ),
    started=BEGAN,
    finished=BEGAN.replace(minute=4, second=3),
    drift=("column `a.b` is new (text)",),
)
PUBLISHED = End(outcome="published", exit_code=0, run="r2", rows=1234)


def notice(url="http://127.0.0.1:9/s3cret-of-ops", **facts):
    return Notice.model_validate({"webhook": url, **facts})


def facts(end):
    return facts_of(end, pipeline="shop", target="postgresql://l@h/t", due=BEGAN, attempts=2)


@pytest.mark.parametrize(
    ("on", "end", "told"),
    [
        ("failure", FAILED, True),
        ("failure", PUBLISHED, False),
        ("success", PUBLISHED, True),
        ("success", FAILED, False),
        ("drift", FAILED, True),
        ("drift", PUBLISHED, False),
        ("always", PUBLISHED, True),
        ("always", FAILED, True),
        (["success", "drift"], FAILED, True),
        ("always", End(outcome="skipped", exit_code=0), False),
        ("failure", End(outcome="missed", exit_code=6), True),
    ],
)
def test_who_is_told(on, end, told):
    assert bool(wanted([notice(on=on)], end)) == told


def test_a_run_that_published_a_changed_source_is_success_and_drift():
    end = End(outcome="published", exit_code=0, drift=("x",))
    assert events_of(end) == ("success", "drift")


def test_all_facts_are_told_as_json():
    told = json.loads(body_of(notice(), facts(FAILED)))
    assert told["event"] == "failure"
    assert told["seconds"] == 243
    assert told["attempts"] == 2
    assert told["findings"] == [
        {
            "id": "uncovered:a.b",
            "severity": "error",
            "position": None,
            "message": "`a.b` <&> no verdict",
            "help": None,
        }
    ]
    assert told["started"] == "2026-11-21T03:00:00+00:00"


def test_slack_gets_a_message_of_its_own():
    sent = json.loads(body_of(notice(format="slack"), facts(FAILED)))
    assert sent == {
        "text": "*shop* refused, exit code 3\n"
        "• `a.b` &lt;&amp;&gt; no verdict\n"
        "• drift: column `a.b` is new (text)\n"
        "run r1, 4 min 3 s, postgresql://l@h/t"
    }


WRONG_FILE = End(
    outcome="refused",
    exit_code=2,
    message="its file is wrong, so it does not run until it is mended",
    findings=tuple(
        error("unknown-transformer", "there is no transformer `emial`", at=place).as_json()
        for place in (Position("p/shop.yaml", 8, 12), *[Position("p/shop.yaml", 9, 12)] * 2)
    ),
)


def test_a_wrong_file_is_told_with_its_places_each_once():
    told = json.loads(body_of(notice(), facts(WRONG_FILE)))
    assert told["message"] == "its file is wrong, so it does not run until it is mended"
    assert [finding["position"] for finding in told["findings"]] == [
        "p/shop.yaml:8:12",
        "p/shop.yaml:9:12",
    ]
    sent = json.loads(body_of(notice(format="slack"), facts(WRONG_FILE)))
    assert sent["text"].splitlines() == [
        "*shop* refused, exit code 2",
        "its file is wrong, so it does not run until it is mended",
        "• p/shop.yaml:8:12: there is no transformer `emial`",
        "• p/shop.yaml:9:12: there is no transformer `emial`",
        "postgresql://l@h/t",
    ]


def test_what_a_single_finding_says_is_not_said_twice():
    told = error("missed", "the run was missed")
    end = End(outcome="missed", exit_code=6, message=told.message, findings=(told.as_json(),))
    sent = json.loads(body_of(notice(format="slack"), facts(end)))
    assert sent["text"].count("the run was missed") == 1


def test_a_real_server_gets_it():
    with server(200) as (url, posted):
        assert deliver(notice(url), b'{"a": 1}') == ""
    assert posted == [(f"/{SECRET}", "application/json; charset=utf-8", b'{"a": 1}')]


def test_a_server_that_is_busy_is_asked_again():
    slept = []
    with server(503, 429, 200) as (url, posted):
        assert deliver(notice(url), b"{}", sleep=slept.append) == ""
    assert len(posted) == 3
    assert slept == [2.0, 8.0]


@pytest.mark.parametrize(
    ("statuses", "reason", "times"),
    [
        pytest.param((404,), "it answered with status 404", 1, id="not there"),
        pytest.param((500,), "it answered with status 500, three times", 3, id="broken"),
    ],
)
def test_a_server_that_does_not_take_it(statuses, reason, times):
    with server(*statuses) as (url, posted):
        assert deliver(notice(url), b"{}", sleep=lambda _: None) == reason
    assert len(posted) == times


def test_nobody_is_followed_elsewhere():
    with server(200) as (other, stolen), server(302, location=other) as (url, _):
        assert deliver(notice(url), b"{}") == "it answered with status 302"
    assert stolen == []


def test_nobody_there_is_told_without_the_url():
    slept = []
    reason = deliver(notice("http://127.0.0.1:9/s3cret-of-ops"), b"{}", sleep=slept.append)
    assert reason == "it did not answer (URLError), three times"


@contextmanager
def stranger(answer):
    """Answer every connection with these bytes, which are no HTTP."""
    asked = []

    class Handler(socketserver.BaseRequestHandler):
        def handle(self):
            asked.append(self.request.recv(65536))
            self.request.sendall(answer)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{listening.server_address[1]}/{SECRET}", asked
        listening.shutdown()


def test_what_speaks_no_http_did_not_answer():
    with stranger(b"SSH-2.0-s3cret-of-ops\r\n") as (url, asked):
        reason = deliver(notice(url), b"{}", sleep=lambda _: None)
    assert reason == "it did not answer (BadStatusLine), three times"
    assert len(asked) == 3


@pytest.mark.parametrize(
    "url",
    [
        pytest.param(f"https://example.com/{SECRET} x", id="a blank"),
        pytest.param(f"https://example.com:{SECRET}/", id="no port"),
        pytest.param(f"https://ops:{SECRET}@example.com/", id="a password"),
        pytest.param(f"https://example.com/ü{SECRET}", id="no ASCII"),
        pytest.param(SECRET, id="no URL at all"),
    ],
)
def test_a_url_that_cannot_be_asked_is_counted_and_not_shown(url, capfd):
    log = io.StringIO()
    unchecked = Notice.model_construct(webhook=url, on=("always",), format="json")
    messenger = Messenger(Log(log))
    messenger.tell([unchecked], FAILED, facts(FAILED))
    messenger.close()
    assert messenger.failures == {"shop": 1}
    assert "the webhook of `notify[0]` failed: its URL cannot be asked (" in log.getvalue()
    assert SECRET not in log.getvalue() + "".join(capfd.readouterr())


def test_failures_in_many_threads_are_all_counted(monkeypatch):
    many = 200
    together = threading.Barrier(many)
    before = sys.getswitchinterval()

    def refuse(*_):
        together.wait()
        return "no"

    monkeypatch.setattr("masker.schedule.notices.deliver", refuse)
    sys.setswitchinterval(1e-6)
    try:
        messenger = Messenger(Log(io.StringIO()))
        messenger.tell([notice(on="always")] * many, FAILED, facts(FAILED))
        messenger.close()
    finally:
        sys.setswitchinterval(before)
    assert messenger.failures == {"shop": many}


def test_a_webhook_that_fails_is_logged_by_its_place_and_counted():
    log = io.StringIO()
    with server(403) as (url, _):
        messenger = Messenger(Log(log))
        messenger.tell(
            [notice(url, on="success"), notice(url, on="failure")], FAILED, facts(FAILED)
        )
        messenger.close()
    assert "the webhook of `notify[1]` failed: it answered with status 403" in log.getvalue()
    assert messenger.failures == {"shop": 1}
    assert SECRET not in log.getvalue()


def test_a_notice_does_not_show_its_webhook():
    assert SECRET not in repr(notice())


def test_no_thread_for_a_notice_is_told_and_counted(monkeypatch):
    def scarce(_):
        raise RuntimeError("can't start new thread")

    log = io.StringIO()
    messenger = Messenger(Log(log))
    monkeypatch.setattr(threading.Thread, "start", scarce)
    messenger.tell([notice(on="always"), notice(on="always")], FAILED, facts(FAILED))
    messenger.close()
    assert messenger.failures == {"shop": 2}
    assert log.getvalue().count("no thread could be started for it") == 2
    assert SECRET not in log.getvalue()

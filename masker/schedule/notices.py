"""Webhooks: the end of a run, told to whoever the pipeline names. Their URLs are secrets."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from masker.rules.sections import Notice
from masker.schedule.end import End
from masker.schedule.log import Log, in_words

FORMAT = 1
_TIMEOUT = 10.0  # seconds for one answer
_PAUSES = (2.0, 8.0)  # seconds before the second and the third try
_AGAIN = frozenset({429, *range(500, 600)})
_FINDINGS = 20
_FACTS = ("id", "severity", "position", "message", "help")
_LONGEST_CLOSE = 40.0


def events_of(end: End) -> tuple[str, ...]:
    """Return what a notice may be told of an end: `failure` or `success`, and `drift`."""
    if end.outcome == "skipped":
        return ()
    return ("success" if end.well else "failure", *(("drift",) if end.drift else ()))


def wanted(notices: Iterable[Notice], end: End) -> list[tuple[int, Notice]]:
    """Return the notices that an end concerns, with their place in the list."""
    events = set(events_of(end))
    return [
        (number, notice)
        for number, notice in enumerate(notices)
        if events and ("always" in notice.on or events & set(notice.on))
    ]


def facts_of(
    end: End, *, pipeline: str, target: str, due: datetime | None, attempts: int
) -> dict[str, object]:
    """Return what a webhook is told: names, counts, moments and findings, never a value."""
    return {
        "masker": FORMAT,
        "event": next(iter(events_of(end)), ""),
        "events": list(events_of(end)),
        "pipeline": pipeline,
        "outcome": end.outcome,
        "exit_code": end.exit_code,
        "run": end.run or None,
        "target": target,
        "due": _moment(due),
        "started": _moment(end.started),
        "finished": _moment(end.finished),
        "seconds": end.seconds,
        "rows": end.rows,
        "attempts": attempts,
        "message": end.message or None,
        "findings": _told_once(end.findings)[:_FINDINGS],
        "drift": list(end.drift),
        "manifest": end.manifest.name if end.manifest else None,
        "host": socket.gethostname(),
    }


def _told_once(findings: Iterable[Mapping[str, object]]) -> list[dict[str, object]]:
    """Return what is told of findings, in their order, each of them once."""
    told = [{name: finding.get(name) for name in _FACTS} for finding in findings]
    return [each for place, each in enumerate(told) if each not in told[:place]]


def body_of(notice: Notice, facts: dict[str, object]) -> bytes:
    """Return what is posted, in the notice's format."""
    sent = {"text": _slack(facts)} if notice.format == "slack" else facts
    return json.dumps(sent, ensure_ascii=False).encode()


def _slack(facts: dict[str, Any]) -> str:
    head = f"*{_plain(facts['pipeline'])}* {facts['outcome']}"
    if facts["exit_code"]:
        head += f", exit code {facts['exit_code']}"
    lines = [head]
    # What sums up the findings; that of a single one is often its own sentence.
    if facts["message"] and facts["message"] not in {each["message"] for each in facts["findings"]}:
        lines.append(_plain(facts["message"]))
    lines += [f"• {_plain(_placed(finding))}" for finding in facts["findings"]]
    lines += [f"• drift: {_plain(change)}" for change in facts["drift"]]
    took = f"{in_words(facts['seconds'])}, " if facts["seconds"] else ""
    rows = f"{facts['rows']:,} rows, " if facts["rows"] else ""
    run = f"run {facts['run']}, " if facts["run"] else ""
    lines.append(f"{run}{took}{rows}{_plain(facts['target'])}")
    return "\n".join(lines)


def _placed(finding: Mapping[str, object]) -> str:
    """Return what a finding says, after file, line and column where it has them."""
    place = f"{finding['position']}: " if finding["position"] else ""
    return f"{place}{finding['message']}"


def _plain(text: object) -> str:
    """Return text in which Slack sees no mark-up of its own."""
    return str(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


class _Stay(urllib.request.HTTPRedirectHandler):
    """Follow nobody elsewhere: what is told is for the URL that was named."""

    def redirect_request(self, *_: Any) -> None:
        """Take a redirection for the failure that it is."""


def deliver(notice: Notice, body: bytes, *, sleep: Callable[[float], None] = time.sleep) -> str:
    """Post to a webhook; return why it failed, an empty text when it was taken.

    What is returned names a status or a kind of failure, never the URL.
    """
    opener = urllib.request.build_opener(_Stay)
    reason = ""
    for pause in (*_PAUSES, None):
        try:
            with opener.open(_request(notice, body), timeout=_TIMEOUT):
                return ""
        except urllib.error.HTTPError as refused:
            refused.close()
            reason = f"it answered with status {refused.code}"
            if refused.code not in _AGAIN:
                return reason
        # URLError is an OSError. The text of any of them may hold the host, or all of the URL.
        except (ValueError, http.client.InvalidURL) as wrong:
            return f"its URL cannot be asked ({type(wrong).__name__})"
        except (OSError, http.client.HTTPException) as failure:
            reason = f"it did not answer ({type(failure).__name__})"
        if pause is not None:
            sleep(pause)
    return f"{reason}, three times"


def _request(notice: Notice, body: bytes) -> urllib.request.Request:
    return urllib.request.Request(  # noqa: S310 - the rules take http and https only
        notice.webhook,
        data=body,
        headers={"Content-Type": "application/json; charset=utf-8", "User-Agent": "masker"},
        method="POST",
    )


class Messenger:
    """Post notices beside the loop, so that a slow webhook holds up no run."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._threads: list[threading.Thread] = []
        self._counting = threading.Lock()  # every notice fails in a thread of its own
        self._failures: Counter[str] = Counter()

    @property
    def failures(self) -> dict[str, int]:
        """Return how many notices of each pipeline no webhook took."""
        with self._counting:
            return dict(self._failures)

    def tell(self, notices: Iterable[Notice], end: End, facts: dict[str, object]) -> None:
        """Begin to post an end to everybody whom it concerns."""
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        for number, notice in wanted(notices, end):
            thread = threading.Thread(
                target=self._post, args=(number, notice, facts), name="masker-notice", daemon=True
            )
            try:
                thread.start()
            except RuntimeError:
                self._failed(number, facts, "no thread could be started for it")
                continue
            self._threads.append(thread)

    def _post(self, number: int, notice: Notice, facts: dict[str, object]) -> None:
        reason = deliver(notice, body_of(notice, facts))
        if reason:
            self._failed(number, facts, reason)
            return
        self._log.info("told", f"told `notify[{number}]`", pipeline=str(facts["pipeline"]))

    def _failed(self, number: int, facts: dict[str, object], reason: str) -> None:
        pipeline = str(facts["pipeline"])
        with self._counting:
            self._failures[pipeline] += 1
        self._log.error(
            "not-told", f"the webhook of `notify[{number}]` failed: {reason}", pipeline=pipeline
        )

    def close(self) -> None:
        """Wait until everybody was told, but not for ever."""
        until = time.monotonic() + _LONGEST_CLOSE
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None

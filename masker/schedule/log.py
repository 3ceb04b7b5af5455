"""What happens, one line each: text for people, JSON for programs. Never a value."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal, TextIO

Level = Literal["info", "warning", "error"]
_WIDE = len("warning")


def utc_now() -> datetime:
    """Return the moment, in UTC."""
    return datetime.now(UTC)


class Log:
    """Write a line per event: when, how bad, which pipeline, and one plain sentence."""

    def __init__(
        self, out: TextIO, *, as_json: bool = False, now: Callable[[], datetime] = utc_now
    ) -> None:
        self._out = out
        self._json = as_json
        self._now = now

    def say(
        self,
        level: Level,
        event: str,
        message: str,
        *,
        findings: Sequence[Mapping[str, object]] = (),
        **facts: object,
    ) -> None:
        """Write one line, in text a further one per finding.

        `event` is a stable word; `facts` are names, counts and moments only.
        """
        known = {name: fact for name, fact in facts.items() if fact is not None and fact != ""}
        moment = self._now().astimezone(UTC)
        if self._json:
            line = {
                "time": moment.isoformat(timespec="milliseconds"),
                "level": level,
                "event": event,
                **known,
                **({"findings": list(findings)} if findings else {}),
                "message": message,
            }
            text = json.dumps(line, ensure_ascii=False, default=str)
        else:
            about = f"{known['pipeline']}: " if "pipeline" in known else ""
            lines = [f"{moment:%Y-%m-%d %H:%M:%SZ}  {level:<{_WIDE}}  {about}{message}"]
            lines += [_finding(each) for each in findings]
            lines += [f"manifest {known['manifest']}"] if "manifest" in known else []
            text = "\n".join(lines).replace("\n", "\n    ")
        self._out.write(f"{text}\n")
        self._out.flush()  # whoever follows the log of a container sees it now

    def info(self, event: str, message: str, **facts: Any) -> None:
        """Write what went as it should."""
        self.say("info", event, message, **facts)

    def warning(self, event: str, message: str, **facts: Any) -> None:
        """Write what somebody should look at by day."""
        self.say("warning", event, message, **facts)

    def error(self, event: str, message: str, **facts: Any) -> None:
        """Write what somebody should look at now."""
        self.say("error", event, message, **facts)


def _finding(finding: Mapping[str, object]) -> str:
    """Return a finding with what mends it, as a person reads it."""
    place = f"{finding['position']}: " if finding.get("position") else ""
    told = f"{place}{finding.get('id', '')}: {finding.get('message', '')}"
    mend = str(finding.get("help") or "").replace("\n", "\n  ")
    accept = finding.get("accept")
    return (
        told + (f"\n  help: {mend}" if mend else "") + (f"\n  accept: {accept}" if accept else "")
    )


def in_words(seconds: float) -> str:
    """Return a length of time as people say it: `40 s`, `4 min 3 s`, `2 h 5 min`."""
    whole = round(seconds)
    hours, minutes, rest = whole // 3600, whole % 3600 // 60, whole % 60
    if hours:
        return f"{hours} h" + (f" {minutes} min" if minutes else "")
    if minutes:
        return f"{minutes} min" + (f" {rest} s" if rest else "")
    return f"{rest} s"

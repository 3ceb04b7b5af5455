"""Masker's marker: the last line of a database's comment, which says whose data lies there."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

PREFIX = "masker: "
LOADING = "loading"
PUBLISHED = "published"
PREVIOUS = "previous"


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker:
    """What the marker says: of which target, by which run, in which state.

    `ledger` is the head of the run ledger when the run published, so that a ledger that lost its
    last entry is found out.
    """

    target: str
    run: str
    state: str
    ledger: str = ""


def part(comment: str | None) -> tuple[str, Marker | None]:
    """Part a comment into its own text and the marker, None where there is none."""
    text, _, last = (comment or "").rpartition("\n")
    if not last.startswith(PREFIX):
        return comment or "", None
    try:
        facts = json.loads(last.removeprefix(PREFIX))
        return text, Marker(**{name: str(value) for name, value in facts.items()})
    except (ValueError, TypeError, AttributeError):
        return comment or "", None  # somebody else's words


def join(text: str, marker: Marker) -> str:
    """Return a comment with the marker as its last line."""
    line = PREFIX + json.dumps(asdict(marker), ensure_ascii=False)
    return f"{text}\n{line}" if text else line

"""Masker's marker: what says whose data lies in a target, kept where it does not change it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

LOADING = "loading"
PUBLISHED = "published"
PREVIOUS = "previous"
SHARED = "shared"  # some of its tables are masker's, others are somebody's own


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

    @classmethod
    def parse(cls, text: str) -> Marker | None:
        """Read a marker written by `str`, None where it is none: somebody else's words."""
        try:
            facts = json.loads(text)
            return cls(**{name: str(value) for name, value in facts.items()})
        except (ValueError, TypeError, AttributeError):
            return None

    def __str__(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)

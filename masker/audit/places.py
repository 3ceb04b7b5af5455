"""Where the audit looks, and what it found there in figures."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

from masker.evidence.evidence import Place
from masker.plan.model import ColumnPlan


class Ground(enum.StrEnum):
    """What values a place should hold."""

    MASKED = "masked"  # fakes: some of them may be source values by chance
    KEPT = "kept"  # values of the source that were never to be masked; no fake belongs there
    MIXED = "mixed"  # computed by the target from masked and kept columns
    OPEN = "in place"  # texts of which only what names somebody was replaced
    TEXT = "text"  # words of the schema: comments, defaults, views
    AMENDED = "amended"  # masked, then within reach of the pipeline's own statements


@dataclass(slots=True, kw_only=True)
class Spot:
    """One place that is searched. `subject` names it in findings.

    `searched` counts distinct values per batch, `numbers` distinct runs of digits by length,
    `sample` holds masked values to recombine, of several words or `numeric`; they are fakes, no
    source values.
    """

    subject: str
    ground: Ground
    place: Place | None = None
    column: ColumnPlan | None = None
    searched: int = 0
    numbers: dict[int, int] = field(default_factory=dict)
    numeric: bool = False
    sample: set[str] = field(default_factory=set, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What the search of one place gave: how many values were looked at, and what was found.

    `found` are distinct source values that identify directly, `expected` how many of them chance
    gives; `coincident` are those that many people share, or that chance explains; `short` source
    values of this column are too short to be looked for anywhere.
    """

    subject: str
    ground: str
    searched: int
    found: int = 0
    expected: float = 0.0
    coincident: int = 0
    short: int = 0

    def as_json(self) -> dict[str, object]:
        """Return the figure as a JSON object."""
        return {
            "subject": self.subject,
            "ground": self.ground,
            "searched": self.searched,
            "found": self.found,
            "expected": round(self.expected, 6),
            "coincident": self.coincident,
            "short": self.short,
        }

"""What a pipeline's `subset` means in one catalog: roots, links to follow, limits."""

from __future__ import annotations

import enum
from dataclasses import asdict, dataclass, field

from masker.catalog import TableName
from masker.catalog.links import Link
from masker.findings import Position


class Follow(enum.StrEnum):
    """When the children of a row come along."""

    OFF = "off"  # never
    DOWN = "down"  # of roots and of rows reached downward
    ALWAYS = "always"  # of every row that is kept, also of one that is only somebody's parent


class Unrelated(enum.StrEnum):
    """What becomes of tables that no link ties to a root."""

    ALL = "all"
    NONE = "none"
    SAMPLE = "sample"


@dataclass(frozen=True, slots=True, kw_only=True)
class RootRule:
    """Rows with which a subset begins: those that meet `where`, and of these a part.

    At most one of `sample` (a share), `rows` (a number) and `newest` (a column and a number) is
    set; `stratify` names columns whose every combination of values gives its part. A root that
    keeps no row is an error unless it `may_be_empty`: nobody named it then.
    """

    table: TableName
    where: str | None = None
    sample: float | None = None
    rows: int | None = None
    newest: tuple[str, int] | None = None
    stratify: tuple[str, ...] = ()
    seed: int = 0
    may_be_empty: bool = False
    position: Position | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A link, and how children are reached along it; parents always are."""

    link: Link
    follow: Follow = Follow.DOWN
    max_per_parent: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How large a subset may be, in rows or in bytes of the source's tables."""

    rows: int | None = None
    bytes: int | None = None
    position: Position | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubsetRules:
    """All that decides which rows are kept."""

    roots: tuple[RootRule, ...]
    edges: tuple[Edge, ...] = ()
    max_depth: int | None = None
    seed: int = 0
    unrelated: Unrelated = Unrelated.NONE
    lookup_rows: int = 1000
    budget: Budget | None = None
    cover: bool = False

    def decisive(self) -> dict[str, object]:
        """Return everything that decides the outcome as plain data, for a fingerprint."""
        return {
            "roots": [_plain(asdict(root)) for root in self.roots],
            "edges": sorted(repr(edge) for edge in self.edges),
            "max_depth": self.max_depth,
            "seed": self.seed,
            "unrelated": self.unrelated.value,
            "lookup_rows": self.lookup_rows,
            "budget": [self.budget.rows, self.budget.bytes] if self.budget else None,
            "cover": self.cover,
        }


def _plain(root: dict[str, object]) -> dict[str, object]:
    """Return what decides which rows are kept."""
    return {name: value for name, value in root.items() if name not in {"position", "may_be_empty"}}

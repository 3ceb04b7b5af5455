"""What masking leaves for the audit: counts, digests and fingerprints, never a value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from masker.catalog import TableName
from masker.evidence.digest import Digest
from masker.evidence.exposure import Exposure
from masker.evidence.fingerprints import PrintSet
from masker.keys.forms import Form

Place = tuple[TableName, str]  # a table (of partitions the root) and a column of it


@dataclass(slots=True)
class ColumnEvidence:
    """One masked column.

    `written` digests what was written; `equal` counts rows whose masked value is their own source
    value, `shifted` those whose masked value is the source value of the row before or after in
    their batch (not of their own); `chance` is how many of `equal` chance explains. Rows with one
    value share one fate, so where there is a chance the `distinct` values and those that came out
    the `same` are kept apart. `sources` holds the fingerprints of source values, `lengths` how many
    numbers have so many digits, `kept` the fingerprints of what a branch of the verdict keeps,
    `fakes` those of what was written into texts.
    """

    written: Digest = field(default_factory=Digest)
    distinct: PrintSet = field(default_factory=PrintSet)
    same: PrintSet = field(default_factory=PrintSet)
    lengths: dict[int, int] = field(default_factory=dict)
    equal: int = 0
    shifted: int = 0
    chance: float = 0.0
    unparsed: int = 0
    short: int = 0
    shapes: dict[str, int] = field(default_factory=dict)
    sources: dict[tuple[Exposure, Form], PrintSet] = field(default_factory=dict)
    kept: PrintSet = field(default_factory=PrintSet)
    fakes: PrintSet = field(default_factory=PrintSet)

    def merge(self, other: ColumnEvidence) -> None:
        """Take in what another worker saw of the same column."""
        self.written += other.written
        self.equal += other.equal
        self.shifted += other.shifted
        self.chance += other.chance
        self.unparsed += other.unparsed
        self.short += other.short
        for shape, count in other.shapes.items():
            self.shapes[shape] = self.shapes.get(shape, 0) + count
        for which, prints in other.sources.items():
            self.sources.setdefault(which, PrintSet()).merge(prints)
        for length, count in other.lengths.items():
            self.lengths[length] = self.lengths.get(length, 0) + count
        for ours, theirs in zip(self.sets, other.sets, strict=True):
            ours.merge(theirs)

    @property
    def sets(self) -> tuple[PrintSet, ...]:
        """Return the sets of fingerprints beside those of `sources`."""
        return self.distinct, self.same, self.kept, self.fakes


@dataclass(slots=True)
class Evidence:
    """Rows per table and evidence per masked column, of one worker or of the whole run."""

    rows: dict[TableName, int] = field(default_factory=dict)
    columns: dict[Place, ColumnEvidence] = field(default_factory=dict)

    @classmethod
    def merged(cls, parts: Iterable[Evidence]) -> Evidence:
        """Return the evidence of all workers together."""
        whole = cls()
        for part in parts:
            for table, rows in part.rows.items():
                whole.rows[table] = whole.rows.get(table, 0) + rows
            for place, column in part.columns.items():
                whole.columns.setdefault(place, ColumnEvidence()).merge(column)
        return whole

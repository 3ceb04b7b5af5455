"""Watch batches being masked and keep counts, digests and fingerprints of them."""

from __future__ import annotations

import numpy as np
import polars as pl

from masker.catalog import Kind, TableName
from masker.evidence.digest import Digest, comparable
from masker.evidence.evidence import ColumnEvidence, Evidence
from masker.evidence.exposure import SEARCHED, Exposure, traces
from masker.evidence.fingerprints import Fingerprinter, PrintSet
from masker.evidence.json_text import changed_leaves
from masker.evidence.run_key import RunKey
from masker.plan.model import ColumnPlan, Plan
from masker.plan.ways import is_open, open_texts
from masker.transformers.base import Groups, Masked

Place = tuple[TableName, str]

_SEED = 20211  # any number: these hashes stay in memory and tell only what is new
_SAMPLE = 4096  # values by whose repetition a column is judged
_WORTH = (
    0.9  # share of distinct values above which looking for repetitions costs more than it saves
)


class Collector:
    """One worker's witness: it is shown every batch and keeps no value of it."""

    def __init__(self, plan: Plan, run_key: RunKey) -> None:
        self._key = run_key
        self._fingerprint = Fingerprinter(run_key)
        self._roots = roots(plan)
        self._evidence = Evidence()
        self._seen: dict[Place, pl.Series] = {}  # hashes of recurring values, by column

    def count(self, *, table: TableName, rows: int) -> None:
        """Count rows that travel into a table."""
        root = self._roots.get(table, table)
        self._evidence.rows[root] = self._evidence.rows.get(root, 0) + rows

    def see(
        self, *, table: TableName, column: ColumnPlan, original: pl.Series, masked: Masked
    ) -> None:
        """See one masked column of one batch: plain values before and after, row by row."""
        place = (self._roots.get(table, table), column.name)
        seen = self._evidence.columns.setdefault(place, ColumnEvidence())
        seen.unparsed += masked.unparsed
        seen.chance += masked.chance
        for shape, count in masked.shapes.items():
            seen.shapes[shape] = seen.shapes.get(shape, 0) + count
        for use, fakes in masked.fakes.items():
            for _, _, forms in traces(use, fakes.unique()).found:
                seen.fakes.add(self._fingerprint(forms), self._key)
        if masked.groups is not None:
            self._see_groups(place, column, masked.groups, rows=len(original))
            return
        written = masked.values
        seen.written += digest(written, column, self._fingerprint)
        same = _same(original, written)
        seen.equal += int(same.sum())
        if _folds_case(column):
            seen.equal += int(_equal_but_for_case(original, written).sum())
        if masked.chance:
            self._weigh(seen, original=original, same=same)
        if _is_searched(column):
            if _permutes(column):
                seen.shifted += _shifted(original, written)
            self._trace(column, seen, original=original, written=written, same=same)

    def _see_groups(self, place: Place, column: ColumnPlan, groups: Groups, *, rows: int) -> None:
        """See a column of few distinct values: each of them once, for all of its rows."""
        seen = self._evidence.columns[place]
        original, written, counts = groups.original, groups.written, groups.counts
        there = written.is_not_null()
        prints = self._fingerprint(comparable(written.filter(there), column.column.type))
        held = counts[there.to_numpy()]
        seen.written += Digest.of(prints, nulls=rows - int(held.sum()), counts=held)
        if seen.equal == 0 and not self._any_new(place, original):
            return  # nothing to add: none of these came out as it went in
        same = _same(original, written)
        near = _equal_but_for_case(original, written) if _folds_case(column) else same
        seen.equal += int(counts[(same | near).to_numpy()].sum())
        if _is_searched(column):
            self._trace(column, seen, original=original, written=written, same=same)

    def _any_new(self, place: Place, values: pl.Series) -> bool:
        """Tell whether any of a column's distinct values is seen for the first time."""
        known = self._seen.get(place)
        hashes = values.hash(_SEED)
        if known is not None and hashes.is_in(known.implode()).all():
            return False
        self._seen[place] = hashes if known is None else pl.concat([known, hashes]).unique()
        return True

    def _weigh(self, seen: ColumnEvidence, *, original: pl.Series, same: pl.Series) -> None:
        """Keep apart how many values there are and how many came out the same."""
        seen.distinct.add(self._fingerprint(_sparse(original.drop_nulls())), self._key)
        if same.any():
            seen.same.add(self._fingerprint(original.filter(same)), self._key)

    def _trace(
        self,
        column: ColumnPlan,
        seen: ColumnEvidence,
        *,
        original: pl.Series,
        written: pl.Series,
        same: pl.Series,
    ) -> None:
        """Add the fingerprints of a batch's source values."""
        if is_open(column):  # what stays around a fake is no secret of this column
            original, written = (open_texts(column, each)[0] for each in (original, written))
        if any(branch.transformer is None for branch in column.branches):
            # Rows that a branch keeps are no secret of the other branches.
            kept = _sparse(original.filter(same).drop_nulls())
            for _, _, forms in traces(column.use, kept).found:
                seen.kept.add(self._fingerprint(forms), self._key)
            original, written = original.filter(~same), written.filter(~same)
        if column.column.type.kind is Kind.JSON:
            values = changed_leaves(original, written)
        else:
            values = _sparse(original.drop_nulls())
        for use in {b.transformer.name for b in column.branches if b.transformer is not None}:
            found = traces(use, values)
            seen.short += found.short
            for exposure, form, forms in found.found:
                prints = self._fingerprint(forms)
                seen.sources.setdefault((exposure, form), PrintSet()).add(prints, self._key)
                if exposure is Exposure.DIGITS:
                    _count_lengths(forms, seen.lengths)

    def seal(self) -> Evidence:
        """Return everything that was seen, ready for a pipe; the collector begins anew."""
        sealed, self._evidence, self._seen = self._evidence, Evidence(), {}
        for column in sealed.columns.values():
            for prints in (*column.sources.values(), *column.sets):
                prints.seal(self._key)
        return sealed


def digest(values: pl.Series, column: ColumnPlan, fingerprint: Fingerprinter) -> Digest:
    """Digest plain values of a column, as written or as read back."""
    there = values.drop_nulls()
    prints = fingerprint(comparable(there, column.column.type))
    return Digest.of(prints, nulls=values.len() - there.len())


def roots(plan: Plan) -> dict[TableName, TableName]:
    """Return the partitioned root of every partition: rows may move between its partitions."""
    found: dict[TableName, TableName] = {}
    for table in plan.catalog.tables:
        root = table
        while root.is_partition and root.parent is not None and root.parent in plan.catalog:
            root = plan.catalog.table(root.parent)
        if root is not table:
            found[table.name] = root.name
    return found


def _sparse(values: pl.Series) -> pl.Series:
    """Drop repetitions where there are many: looking for them costs what hashing them costs."""
    sample = values.head(_SAMPLE)
    return values if sample.n_unique() > _WORTH * sample.len() else values.unique()


def _count_lengths(forms: pl.Series, lengths: dict[int, int]) -> None:
    counts = np.bincount(forms.str.len_bytes().to_numpy())
    for length in np.flatnonzero(counts).tolist():
        lengths[length] = lengths.get(length, 0) + int(counts[length])


def _folds_case(column: ColumnPlan) -> bool:
    return any(b.transformer is not None and b.transformer.canonical for b in column.branches)


def _permutes(column: ColumnPlan) -> bool:
    """Tell columns where one coincidence may be chance, but none with the row beside."""
    used = [branch.transformer for branch in column.branches if branch.transformer is not None]
    return any(one.promises().chance == "space" for one in used)


def _is_searched(column: ColumnPlan) -> bool:
    return column.column.type.kind in SEARCHED and not _reuses(column)


def _reuses(column: ColumnPlan) -> bool:
    used = [branch.transformer for branch in column.branches if branch.transformer is not None]
    return bool(used) and all(one.promises().reuses_source_values for one in used)


def _same(original: pl.Series, written: pl.Series) -> pl.Series:
    """Mark rows that came out as they went in."""
    same = (original == written).fill_null(value=False)
    if same.any():  # a blank that stays blank tells nothing of anybody
        same &= original.str.strip_chars().fill_null("") != ""
    return same


def _equal_but_for_case(original: pl.Series, written: pl.Series) -> pl.Series:
    """Mark rows that differ, but only in case."""
    near = (
        (original.str.len_bytes() == written.str.len_bytes()) & (original != written)
    ).fill_null(value=False)
    if not near.any():
        return near
    rows = near.arg_true()
    here, there = (each.gather(rows).str.to_lowercase() for each in (original, written))
    return near.scatter(rows, here == there)


def _shifted(original: pl.Series, written: pl.Series) -> int:
    """Count rows that carry a neighbour's source value which is not their own."""
    other = original != written
    found = 0
    for way in (1, -1):
        hits = (written == original.shift(way)) & other
        found += int(hits.fill_null(value=False).sum())
    return found

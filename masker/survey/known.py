"""Know the data set's own values in texts: a look over identifying columns before masking.

What is kept are fingerprints under the run's key, each with the way that masks such a value. Many
of them are put in ranges in the run's unlinked file; a worker reads those that it needs.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from masker.catalog import Column
from masker.engines.part import Part
from masker.evidence.exposure import NUMBERS, Exposure, traces
from masker.evidence.fingerprints import Fingerprinter, Prints
from masker.evidence.run_key import RunKey
from masker.evidence.spill import Extent
from masker.keys.forms import Form
from masker.plan.model import Plan, Step
from masker.plan.ways import Sought, sought_of
from masker.plan.when import meets, reads
from masker.rules.policy import Treatment
from masker.transformers.base import Way
from masker.transformers.free_text import known as forms

Read = Callable[[Part, Sequence[Column]], Iterator[pl.DataFrame]]
_Entries = npt.NDArray[np.uint64]  # shape (3, n): to probe, to confirm, the way

_BUCKETS = 6  # bits of the probe by which entries are parted before they are sorted
_PENDING = 1 << 17  # entries of a bucket held before they are spilled
_RANGE = 1 << 16  # entries of a range
_IN_MEMORY = 1 << 18  # entries up to which nothing is spilled, 6 MiB
_RANGES_HELD = 64  # ranges that a worker holds, 100 MiB at most
_LEAST_BITS, _MOST_BITS = 16, 26  # of the table that tells what may be there: 64 MiB at most
_BITS_EACH = 16
_OWN_ROW_ONLY = frozenset({"postcode"})  # any number of five digits may be one
_SHORTEST_NUMBER, _SHORTEST_OTHER = 7, 9  # digits of a number that is known in any text
_MARKS = {Form.WHOLE: forms.WHOLE, Form.BARE: forms.BARE, Form.LOCAL: forms.LOCAL}


@dataclass(frozen=True, slots=True)
class KnownPrints:
    """Fingerprints of known values in ascending ranges, ready for a pipe.

    `lowest` are the lowest probes of the ranges; each range is an extent of the spill file or,
    where they are few, its bytes.
    """

    lowest: tuple[int, ...] = ()
    ranges: tuple[Extent | bytes, ...] = ()
    size: int = 0


class KnownValues:
    """Look pieces of texts up among the fingerprints of known values."""

    def __init__(self, prints: KnownPrints, run_key: RunKey) -> None:
        self._prints = prints
        self._key = run_key
        self._fingerprint = Fingerprinter(run_key)
        self._lowest = np.array(prints.lowest, dtype=np.uint64)
        self._held: OrderedDict[int, _Entries] = OrderedDict()
        bits = max(_LEAST_BITS, min(_MOST_BITS, (prints.size * _BITS_EACH).bit_length()))
        self._shift = np.uint64(64 - bits)
        self._bitmap = np.zeros(1 << bits, dtype=np.bool_)
        for number in range(len(prints.ranges)):
            self._bitmap[self._range(number)[0] >> self._shift] = True

    def find(self, forms: pl.Series) -> npt.NDArray[np.int64]:
        """Return for each form the way that masks it, -1 for what is not known."""
        ways = np.full(len(forms), -1, dtype=np.int64)
        if not self._prints.size or not len(forms):
            return ways
        prints = self._fingerprint(forms)
        perhaps = np.flatnonzero(self._bitmap[prints[0] >> self._shift])
        numbers = np.searchsorted(self._lowest, prints[0, perhaps], side="right") - 1
        for number in np.unique(numbers[numbers >= 0]).tolist():
            at = perhaps[numbers == number]
            entries = self._range(number)
            place = np.searchsorted(entries[0], prints[0, at])
            place = np.minimum(place, entries.shape[1] - 1)
            same = (entries[:2, place] == prints[:, at]).all(axis=0)
            ways[at[same]] = entries[2, place[same]]
        return ways

    def _range(self, number: int) -> _Entries:
        if number in self._held:
            self._held.move_to_end(number)
            return self._held[number]
        kept = self._prints.ranges[number]
        content = kept if isinstance(kept, bytes) else self._key.spill.read(kept)
        entries = np.frombuffer(content, dtype=np.uint64).reshape(3, -1)
        self._held[number] = entries
        if len(self._held) > _RANGES_HELD:
            self._held.popitem(last=False)
        return entries


class _Gathering:
    """Takes fingerprints in any order and gives them back sorted, in ranges."""

    def __init__(self, run_key: RunKey) -> None:
        self._key = run_key
        self._pending: list[list[_Entries]] = [[] for _ in range(1 << _BUCKETS)]
        self._held = [0] * (1 << _BUCKETS)
        self._extents: list[list[Extent]] = [[] for _ in range(1 << _BUCKETS)]

    def add(self, prints: Prints, way: int) -> None:
        """Add the prints of forms that one way masks, shape (2, n)."""
        entries = np.vstack([prints, np.full(prints.shape[1], way, dtype=np.uint64)])
        buckets = entries[0] >> np.uint64(64 - _BUCKETS)
        for bucket in np.unique(buckets).tolist():
            part = entries[:, buckets == bucket]
            self._pending[bucket].append(part)
            self._held[bucket] += part.shape[1]
            if self._held[bucket] > _PENDING:
                self._settle(bucket)

    def _settle(self, bucket: int) -> None:
        held = _sorted(self._pending[bucket])
        if held.shape[1] > _PENDING // 2:
            self._extents[bucket].append(self._key.spill.append(held.tobytes()))
            held = held[:, :0]
        self._pending[bucket] = [held]
        self._held[bucket] = held.shape[1]

    def sealed(self) -> KnownPrints:
        """Return all of them, sorted; of equal ones the lowest way."""
        spills = self._key.spill.shared and sum(self._held) > _IN_MEMORY
        spills = spills or (self._key.spill.shared and any(self._extents))
        lowest: list[int] = []
        ranges: list[Extent | bytes] = []
        size = 0
        for bucket in range(1 << _BUCKETS):
            spilled = [
                np.frombuffer(self._key.spill.read(extent), dtype=np.uint64).reshape(3, -1)
                for extent in self._extents[bucket]
            ]
            entries = _sorted([*spilled, *self._pending[bucket]])
            self._pending[bucket] = []
            for start in range(0, entries.shape[1], _RANGE):
                part = entries[:, start : start + _RANGE]
                content = part.tobytes()
                lowest.append(int(part[0, 0]))
                ranges.append(self._key.spill.append(content) if spills else content)
                size += part.shape[1]
        return KnownPrints(tuple(lowest), tuple(ranges), size)


def _sorted(parts: list[_Entries]) -> _Entries:
    """Return entries in order of their probes, each print once."""
    every = np.concatenate([np.empty((3, 0), dtype=np.uint64), *parts], axis=1)
    every = every[:, np.lexsort((every[2], every[1], every[0]))]
    first = np.ones(every.shape[1], dtype=np.bool_)
    first[1:] = (every[:2, 1:] != every[:2, :-1]).any(axis=0)
    once: _Entries = every[:, first]
    return once


def survey(plan: Plan, read: Read, *, run_key: RunKey) -> KnownPrints | None:
    """Return the fingerprints of all values that texts may name, None where no text needs them.

    `read` yields frames of plain Strings of a part, in the snapshot that is masked.
    """
    if not plan.ways:
        return None
    loaded = (step for step in plan.steps if step.treatment is Treatment.LOAD)
    return gather(
        (
            (plan.ways[sought.way].transformer.name, sought.way, values)
            for step in loaded
            for sought, values in _values(step, plan.ways, read)
        ),
        run_key=run_key,
    )


def gather(values: Iterable[tuple[str, int, pl.Series]], *, run_key: RunKey) -> KnownPrints:
    """Return the fingerprints of values: transformer, number of its way, distinct values."""
    gathering = _Gathering(run_key)
    fingerprint = Fingerprinter(run_key)
    for use, way, some in values:
        gathering.add(fingerprint(known_forms(use, some)), way)
    return gathering.sealed()


def _values(step: Step, ways: tuple[Way, ...], read: Read) -> Iterator[tuple[Sought, pl.Series]]:
    """Yield the distinct values of each branch that texts may name, batch by batch."""
    sought = [
        each
        for each in sought_of(step.columns, ways)
        if ways[each.way].transformer.name not in _OWN_ROW_ONLY
    ]
    if not sought:
        return
    asked = {name for each in sought for name in _columns(each)}
    columns = [column.column for column in step.columns if column.name in asked]
    for frame in read(Part(table=step.table, where=step.where), columns):
        plain = {values.name: values for values in frame}
        parts: dict[tuple[str, str | None], Mapping[int, pl.Series]] = {}
        for each in sought:
            values = plain[each.column.name]
            if each.when is not None:
                values = values.filter(meets(each.when, plain))
            elif each.unless:
                told = [meets(condition, plain) for condition in each.unless]
                values = values.filter(~pl.select(pl.any_horizontal(told)).to_series())
            if each.part is None:
                yield each, values.drop_nulls().unique()
                continue
            place = (each.column.name, each.when)
            if place not in parts:  # documents are taken apart once, whatever is looked for in them
                parts[place] = each.transformer.parts(values)
            if each.part in parts[place]:
                yield each, parts[place][each.part]


def _columns(sought: Sought) -> Iterator[str]:
    yield sought.column.name
    for condition in (sought.when, *sought.unless):
        if condition is not None:
            yield from reads(condition)


def known_forms(use: str, values: pl.Series) -> pl.Series:
    """Return the forms by which values are known in any text of the data set.

    All that the audit fails for is among them, and single names besides.
    """
    made = forms.forms_of(use, values)["form"]
    least = _SHORTEST_NUMBER if use in NUMBERS else _SHORTEST_OTHER
    short = made.str.starts_with(forms.BARE) & (made.str.len_bytes() < least + len(forms.BARE))
    parts = [made.filter(~short)]
    for exposure, form, texts in traces(use, values).found:
        if exposure is not Exposure.QUASI and form in _MARKS:
            parts.append(pl.select(pl.lit(_MARKS[form]) + texts).to_series())
            if form is Form.WHOLE:
                parts.append(forms.heads_of(texts))
    return pl.concat([part.alias("form") for part in parts]).unique()

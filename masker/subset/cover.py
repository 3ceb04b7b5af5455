"""Rows that stand for the edge cases of a table: every label, null pattern and extreme.

A table is read once; a row is added only for what no kept row shows. Of all rows that could
stand for a case, the one whose lot comes first does, so the same rows stand for it every night.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

from masker.catalog import Column, Kind, Table, TableName
from masker.engines.rows import NO_IDS, Batch, Ids
from masker.subset.closure import Closure
from masker.subset.numbers import contains

FEW_VALUES = 100  # a column of at most so many distinct values shows each of them
_NUMBERS = frozenset({Kind.INTEGER, Kind.DECIMAL, Kind.FLOAT})
_ORDERED = frozenset({Kind.TEXT, Kind.DATE, Kind.TIME, Kind.TIMESTAMP, Kind.TIMESTAMP_TZ})
_MEASURED = frozenset({Kind.TEXT, Kind.JSON, Kind.XML, Kind.BYTES, Kind.ARRAY})
_NEVER_MANY = frozenset({Kind.ENUM, Kind.BOOLEAN})
# Within a batch: whether the row is kept, its lot, where it is.
_KEPT, _LOT, _PLACE = "\0kept", "\0lot", "\0place"


@dataclass
class _Cases:
    """The cases of one kind seen so far: who stands for each, kept rows before all others."""

    seen: dict[object, tuple[bool, int, TableName, int]] = field(default_factory=dict)

    def see(self, case: object, who: tuple[bool, int, TableName, int]) -> None:
        before = self.seen.get(case)
        if before is None or (not before[0] and (who[0] or who[1] < before[1])):
            self.seen[case] = who

    def wanted(self) -> Iterator[tuple[TableName, int]]:
        for kept, _, table, id in self.seen.values():
            if not kept:
                yield table, id


@dataclass
class _Extreme:
    """The rows at one end of one column's order so far."""

    value: object = None
    who: tuple[bool, int, TableName, int] | None = None

    def see(self, value: object, who: tuple[bool, int, TableName, int], *, greater: bool) -> None:
        if value is None:
            return
        if self.who is None or value == self.value:
            if self.who is None or (not self.who[0] and (who[0] or who[1] < self.who[1])):
                self.value, self.who = value, who
        elif (value > self.value) == greater:  # type: ignore[operator]
            self.value, self.who = value, who


def cover(closure: Closure, tables: Sequence[TableName]) -> None:
    """Add what these tables lack of their cases, and close again.

    Each table is read whole, once. Cases are: every value of a column that has few, every pattern
    of nulls, and of every column the least, the greatest, the shortest and the longest value.
    """
    for name in tables:
        for table, ids in _lacking(closure, closure.frame.catalog.table(name)).items():
            closure.add(table, ids, why="cover", down=False)
    closure.close()


def _lacking(closure: Closure, table: Table) -> dict[TableName, Ids]:
    frame = closure.frame
    columns = [column for column in table.columns if column.readable]
    view = _View(columns)
    wanted = [column.name for column in columns]
    key = frame.lots.key(table.name)
    holders = [each for each in frame.holders.tables(table.name) if each in frame.loaded]
    for batch in itertools.chain.from_iterable(
        frame.rows.scan(each, wanted, where=frame.where.get(each)) for each in holders
    ):
        if batch.values is None:
            continue
        keys = batch.values.select(key) if key else None
        lots = frame.lots.of_rows(table.name, batch.ids, keys, seed=frame.rules.seed)
        kept = contains(closure.kept.get(batch.table, NO_IDS), batch.ids)
        view.see(batch, lots, kept)
    found: dict[TableName, list[int]] = {}
    for name, id in view.wanted():
        found.setdefault(name, []).append(id)
    return {name: np.unique(np.array(ids, dtype=np.int64)) for name, ids in found.items()}


class _View:
    """All cases of one table."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns = columns
        self._patterns = _Cases()
        self._values: dict[str, _Cases | None] = {column.name: _Cases() for column in columns}
        self._ends: dict[tuple[str, str], _Extreme] = {}

    def see(self, batch: Batch, lots: npt.NDArray[np.uint64], kept: npt.NDArray[np.bool_]) -> None:
        """Look at a batch: its rows in the order in which they would stand for a case."""
        assert batch.values is not None  # noqa: S101 - `_lacking` leaves others out
        frame = batch.values.with_columns(
            pl.Series(_KEPT, kept), pl.Series(_LOT, lots), pl.Series(_PLACE, batch.ids)
        ).sort(pl.col(_KEPT).not_(), _LOT, _PLACE)
        names = [column.name for column in self._columns]
        pattern = frame.select(pl.concat_str([pl.col(n).is_null().cast(pl.Int8) for n in names]))
        self._cases(self._patterns, frame, pattern.to_series(), batch.table)
        for column in self._columns:
            values = frame[column.name]
            cases = self._values[column.name]
            if cases is not None:
                self._cases(cases, frame, values, batch.table)
                if len(cases.seen) > FEW_VALUES and column.type.kind not in _NEVER_MANY:
                    self._values[column.name] = None
            self._extremes(column, frame, values, batch.table)

    def _cases(self, cases: _Cases, frame: pl.DataFrame, by: pl.Series, table: TableName) -> None:
        first = frame.select(_KEPT, _LOT, _PLACE, by.alias("case")).filter(
            pl.col("case").is_not_null()
        )
        first = first.unique("case", keep="first", maintain_order=True)
        if first.height > FEW_VALUES and cases is not self._patterns:
            first = first.head(FEW_VALUES + 1)  # enough to know that they are many
        for kept, lot, place, case in first.iter_rows():
            cases.see(case, (kept, lot, table, place))

    def _extremes(
        self, column: Column, frame: pl.DataFrame, values: pl.Series, table: TableName
    ) -> None:
        kind = column.type.kind
        orders: list[tuple[str, pl.Series]] = []
        if kind in _NUMBERS:
            orders.append(("value", values.cast(pl.Float64, strict=False)))
        elif kind in _ORDERED:
            orders.append(("value", values))
        if kind in _MEASURED:
            orders.append(("length", values.str.len_chars()))
        for what, order in orders:
            for end in ("least", "greatest"):
                at = order.arg_min() if end == "least" else order.arg_max()
                if at is None or order[at] is None:
                    continue
                at = int((order == order[at]).arg_max() or 0)  # the first in line of all such
                row = frame.select(_KEPT, _LOT, _PLACE).row(at)
                extreme = self._ends.setdefault((column.name, f"{end} {what}"), _Extreme())
                who = (row[0], row[1], table, row[2])
                extreme.see(order[at], who, greater=end == "greatest")

    def wanted(self) -> Iterator[tuple[TableName, int]]:
        """Yield the rows that stand for a case which no kept row shows."""
        yield from self._patterns.wanted()
        for cases in self._values.values():
            if cases is not None:
                yield from cases.wanted()
        for extreme in self._ends.values():
            if extreme.who is not None and not extreme.who[0]:
                yield extreme.who[2], extreme.who[3]

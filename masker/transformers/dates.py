"""Columns of dates and timestamps as days, and back: what follows the date stays as it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import polars as pl

from masker.transformers.calendar import Integers, civil, days_from, days_of, text_of
from masker.transformers.cells import Bytes, Cells, Flags, Shapes, placed

_TIME: Final = "([ T][0-9][0-9:.Z+-]*)?"
_FORM: Final = rf"^([0-9]{{4,7}})-([0-9]{{2}})-([0-9]{{2}}){_TIME}( BC)?$"
# Almost every date; it is read and written in its place, column by column.
_PLAIN: Final = rf"^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}{_TIME}$"
_PLACES: Final = (0, 1, 2, 3, 5, 6, 8, 9)  # of the digits of a plain one
_SHORTEST, _LONGEST = 10, 48  # bytes
_FIRST, _LAST = -719_162, 2_932_896  # 0001-01-01 and 9999-12-31: the span of plain ones
_ZERO: Final = np.uint8(ord("0"))


@dataclass(frozen=True, slots=True)
class Dates:
    """A column of dates: `days` since 1970-01-01, where there `are` any.

    `plain` are the rows of those with a year of four digits, `cells` their text; `others` are
    those of all other texts, `rest` what stands behind the date there.
    """

    days: Integers
    are: Flags
    plain: Integers
    cells: Bytes
    others: Integers
    rest: pl.Series

    @classmethod
    def of(cls, values: pl.Series) -> Self:
        """Read a String column; null and what is no day of the calendar are no dates."""
        days, are = np.zeros(len(values), dtype=np.int64), np.zeros(len(values), dtype=np.bool_)
        plain, cells = Cells.short(values, least=_SHORTEST, most=_LONGEST)
        shapes = Shapes.of(cells)
        there = shapes.where(shapes.distinct.str.contains(_PLAIN))
        if not there.all():
            plain, cells = plain[there], Cells(cells.matrix[there])
        if len(plain):
            days[plain], are[plain] = _read(cells.matrix)
        strange = np.ones(len(values), dtype=np.bool_)
        strange[plain] = False
        others = np.flatnonzero(strange)
        if not len(others):
            return cls(days, are, plain, cells.matrix, others, values.clear())
        parts = values.gather(others).str.extract_groups(_FORM).struct.unnest()
        year, month, day, rest, bc = parts.get_columns()
        found = days_of(year, month, day, bc=bc.is_not_null())
        days[others] = found.fill_null(0).to_numpy()
        are[others] = found.is_not_null().to_numpy()
        return cls(days, are, plain, cells.matrix, others, rest.fill_null(""))

    def moved(self, days: Integers) -> pl.Series:
        """Return the column with other days in place of its own; null where there is no date."""
        told, far = self.are[self.plain], days[self.plain]
        # A plain one that leaves the years of four digits is written as any other text.
        kept = told & (far >= _FIRST) & (far <= _LAST)
        near, cells = (
            (self.plain, self.cells) if kept.all() else (self.plain[kept], self.cells[kept])
        )
        made = placed(_written(cells, days[near]), near, height=len(self.days))
        if len(near) == len(self.days):
            return made
        leaving = np.flatnonzero(told & ~kept)
        behind = np.pad(self.cells[leaving, _SHORTEST:], ((0, 0), (0, 1)))
        rest = Cells(behind).text()
        rows = np.concatenate([self.plain[leaving], self.others[self.are[self.others]]])
        rest = pl.concat([rest, self.rest.filter(self.are[self.others])])
        return made.scatter(rows, text_of(pl.Series(days[rows]), rest=rest))


def _read(cells: Bytes) -> tuple[Integers, Flags]:
    """Return the days of plain dates, and which of them are in the calendar."""
    number = np.zeros(len(cells), dtype=np.int32)
    for place in _PLACES:
        number *= np.int32(10)
        number += cells[:, place] - _ZERO
    months = number // 100
    year = months // 100
    month, day = months - year * 100, number - months * 100
    days = days_from(year, month, day)
    back = civil(days)
    real: Flags = (back[0] == year) & (back[1] == month) & (back[2] == day) & (year > 0)
    return np.where(real, days, 0), real


def _written(cells: Bytes, days: Integers) -> pl.Series:
    if not len(days):
        return pl.Series([], dtype=pl.String)
    year, month, day = civil(days.astype(np.int32))
    number = (year * 10_000 + month * 100 + day).astype(np.uint32)
    made = cells.copy()
    for place in reversed(_PLACES):
        left = number // np.uint32(10)
        made[:, place] = number - left * np.uint32(10) + _ZERO
        number = left
    return Cells(made).text()

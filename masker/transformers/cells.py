"""Short text columns as one matrix of bytes, so that digits are read and written column by column.

What the parsing of a number asks of a value depends on its shape alone: the value with a 0 in place
of every digit. A column has few shapes, so regular expressions run over those, not over rows.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import polars as pl
from numpy.lib.stride_tricks import sliding_window_view

from masker.keys.columns import from_bytes

Bytes = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.uint64]

_ZERO = np.uint8(ord("0"))
_TEN = np.uint8(10)
_MOST = 19  # digits of a number
POWERS = np.array([10**power for power in range(20)], dtype=np.uint64)


@dataclass(frozen=True, slots=True)
class Cells:
    """The UTF-8 of a String column: `matrix` (rows, width), zeros behind the end of a value."""

    matrix: Bytes

    @classmethod
    def of(cls, values: pl.Series) -> Self:
        """Spell a column of which no value is null or holds U+0000."""
        return cls(_matrix(values, _joined(values)))

    @classmethod
    def short(cls, values: pl.Series, *, least: int, most: int) -> tuple[Integers, Self]:
        """Spell the values of `least` to `most` bytes without U+0000; return also their rows."""
        fits = pl.col("value").str.len_bytes().is_between(least, most)
        rows = _true(values, fits)
        some = of_rows(values, rows)
        joined = _joined(some)
        if b"\0" in joined:
            rows = _true(values, fits & ~pl.col("value").str.contains("\0", literal=True))
            some = of_rows(values, rows)
            joined = _joined(some)
        return rows, cls(_matrix(some, joined))

    @property
    def digits(self) -> Flags:
        """Mark the digits 0 to 9."""
        # Unsigned, so that what stands before the 0 is far behind the 9.
        digits: Flags = self.matrix - _ZERO < _TEN
        return digits

    def text(self) -> pl.Series:
        """Return the column."""
        text = from_bytes(self.matrix)
        return text.str.strip_chars_end("\0") if (self.matrix[:, -1] == 0).any() else text


def _true(values: pl.Series, told: pl.Expr) -> Integers:
    rows = values.to_frame("value").select_seq(told.arg_true()).to_series()
    return rows.to_numpy().astype(np.int64)


def _joined(values: pl.Series) -> bytes:
    joined: str = values.str.join("").item() if len(values) else ""
    return joined.encode()


def _matrix(values: pl.Series, joined: bytes) -> Bytes:
    lengths = values.str.len_bytes().to_numpy().astype(np.int64)
    width = max(int(lengths.max(initial=0)), 1)
    if len(joined) == width * len(values):
        return np.frombuffer(joined, dtype=np.uint8).reshape(-1, width)
    text = np.frombuffer(joined + bytes(width), dtype=np.uint8)
    matrix: Bytes = sliding_window_view(text, width)[np.cumsum(lengths) - lengths]
    matrix *= np.arange(width) < lengths[:, None]
    return matrix


def of_rows(values: pl.Series, rows: Integers) -> pl.Series:
    """Return the values of rows in ascending order, without a copy where they are all."""
    return values if len(rows) == len(values) else values.gather(rows)


def placed(made: pl.Series, rows: Integers, *, height: int) -> pl.Series:
    """Return a column of a height with `made` in `rows`, null elsewhere."""
    if len(rows) == height:
        return made
    return pl.Series([None], dtype=pl.String).new_from_index(0, height).scatter(rows, made)


def picked(matrix: Bytes, places: Integers) -> Bytes:
    """Return some columns of a matrix; those that stand side by side are copied at once."""
    made = np.empty((len(matrix), len(places)), dtype=np.uint8)
    for run in _runs(places):
        made[:, run] = matrix[:, places[run.start] : places[run.stop - 1] + 1]
    return made


def _runs(places: Integers) -> list[slice]:
    """Cut ascending places into those that follow each other."""
    cuts = [0, *(np.flatnonzero(np.diff(places) > 1) + 1).tolist(), len(places)]
    return [slice(*ends) for ends in itertools.pairwise(cuts) if ends[0] < ends[1]]


def aligned(matrix: Bytes, marks: Flags) -> tuple[Bytes, Integers]:
    """Return the marked cells of every row, left-aligned, and how many they are.

    What stands behind the last one of a row means nothing.
    """
    ones = np.ones(marks.shape[1], dtype=np.uint16)  # a product counts faster than a sum
    counts = (marks.view(np.uint8) @ ones).astype(np.int64)
    width = max(int(counts.max(initial=0)), 1)
    if counts.sum() == width * len(marks):
        return matrix[marks].reshape(-1, width), counts
    flat = np.append(matrix[marks], np.zeros(width, dtype=np.uint8))
    return sliding_window_view(flat, width)[np.cumsum(counts) - counts], counts


def flattened(matrix: Bytes, counts: Integers) -> Bytes:
    """Return the first `counts` cells of every row, one row behind the other."""
    width = int(counts.max(initial=0))
    if counts.sum() == width * len(counts):
        return matrix[:, :width].ravel()
    return matrix[:, :width][np.arange(width) < counts[:, None]]


@dataclass(frozen=True, slots=True)
class Shapes:
    """The distinct shapes of a column, and which of them each row has."""

    distinct: pl.Series
    index: Integers

    @classmethod
    def of(cls, cells: Cells) -> Self:
        """Find the shapes of a column."""
        return cls.among(np.where(cells.digits, _ZERO, cells.matrix))

    @classmethod
    def among(cls, matrix: Bytes) -> Self:
        """Find the distinct rows of shapes of any kind, zeros behind the end of each."""
        if len(matrix) and (matrix == matrix[0]).all():
            return cls(Cells(matrix[:1]).text(), np.zeros(len(matrix), dtype=np.int64))
        shaped = Cells(matrix).text()
        distinct = shaped.unique()
        numbers = pl.Series(range(len(distinct)), dtype=pl.Int64)
        index = shaped.replace_strict(distinct, numbers, return_dtype=pl.Int64)
        return cls(distinct, index.to_numpy().astype(np.int64))

    @property
    def uniform(self) -> bool:
        """Tell whether there are rows, all of one shape."""
        return len(self.distinct) == 1 and len(self.index) > 0

    def where(self, told: pl.Series) -> Flags:
        """Return for every row what is told of its shape."""
        flags: Flags = told.to_numpy()[self.index]
        return flags

    def at(self, rows: Integers) -> Self:
        """Return the shapes of some rows, and only those."""
        present = np.bincount(self.index[rows], minlength=len(self.distinct)) > 0
        index = (np.cumsum(present) - 1)[self.index[rows]]
        return type(self)(self.distinct.filter(present), index)


@dataclass(frozen=True, slots=True)
class Digits:
    """The digits of every row, left-aligned: `matrix` (rows, width) of 0-9, and how many they are.

    What stands behind the last digit of a row means nothing.
    """

    matrix: Bytes
    counts: Integers

    @classmethod
    def of(cls, cells: Cells, *, uniform: bool = False) -> Self:
        """Read the digits of a column; `uniform` says that all rows have one shape."""
        if not uniform:
            matrix, counts = aligned(cells.matrix, cells.digits)
            return cls(matrix - _ZERO, counts)
        places = np.flatnonzero(cells.digits[0])
        counts = np.full(len(cells.matrix), len(places))
        return cls(picked(cells.matrix, places) - _ZERO, counts)

    def at(self, rows: Integers) -> Self:
        """Return the digits of some rows in ascending order, without a copy where they are all."""
        if len(rows) == len(self.counts):
            return self
        return type(self)(self.matrix[rows], self.counts[rows])

    def between(self, start: Integers, end: Integers) -> Flags:
        """Mark the places of every row from a start to before an end."""
        places = np.arange(self.matrix.shape[1])
        return (places >= start[:, None]) & (places < end[:, None])

    def flat(self) -> Bytes:
        """Return all digits, one row behind the other."""
        return flattened(self.matrix, self.counts)

    def leading(self, size: int) -> Numbers:
        """Return the first digits as a number; what is missing of them means nothing."""
        missing = POWERS[max(size - self.matrix.shape[1], 0)]
        number: Numbers = _read(self.matrix[:, :size]) * missing
        return number

    def number(self) -> Numbers:
        """Return the digits of each row as a number, of up to 19 digits."""
        width = int(self.counts.max(initial=0))
        least = int(self.counts.min(initial=width))
        number = self.leading(least)
        for place in range(least, width):
            longer = number * np.uint64(10) + self.matrix[:, place]
            number = np.where(place < self.counts, longer, number)
        return number


@dataclass(frozen=True, slots=True)
class Parsed:
    """The values of a column that parse: the rows they stand in, their shapes and digits."""

    rows: Integers
    shapes: Shapes
    digits: Digits

    @classmethod
    def of(
        cls, values: pl.Series, parses: Callable[[pl.Series], pl.Series], *, least: int, most: int
    ) -> Self:
        """Read a column; `parses` tells of shapes, and values have `least` to `most` bytes."""
        rows, cells = Cells.short(values, least=least, most=most)
        shapes = Shapes.of(cells)
        there = np.flatnonzero(shapes.where(parses(shapes.distinct)))
        if len(there) < len(rows):
            rows, cells, shapes = rows[there], Cells(cells.matrix[there]), shapes.at(there)
        return cls(rows, shapes, Digits.of(cells, uniform=shapes.uniform))

    def written(self, digits: Digits, *, height: int) -> pl.Series:
        """Return a column of a height with other digits in place of these, null in other rows."""
        made = written(self.shapes.distinct, self.shapes.index, digits)
        return placed(made, self.rows, height=height)


def _read(matrix: Bytes) -> Numbers:
    """Return rows of up to 24 digits as numbers modulo 2^64."""
    size = matrix.shape[1]
    eights = -(-size // 8)
    padded = np.zeros((len(matrix), 8 * eights), dtype=np.uint8)
    padded[:, 8 * eights - size :] = matrix
    number = np.zeros(len(matrix), dtype=np.uint64)
    for eight in padded.view("<u8").T:
        # Neighbours are joined: eight digits to four numbers below 100, to two, to one.
        twos = (eight * np.uint64(2_561) >> np.uint64(8)) & np.uint64(0x00FF_00FF_00FF_00FF)
        fours = (twos * np.uint64(6_553_601) >> np.uint64(16)) & np.uint64(0x0000_FFFF_0000_FFFF)
        number = number * POWERS[8] + (fours * np.uint64(42_949_672_960_001) >> np.uint64(32))
    return number


def decimal(numbers: Numbers, counts: Integers) -> Digits:
    """Write numbers below 10^19 with so many digits each, leading zeros among them."""
    width = int(counts.max(initial=1))
    left = numbers * POWERS[_MOST - counts]
    fours = -(-(width + 1) // 4)  # the first four have a zero in front
    cells = np.empty((len(numbers), 4 * fours), dtype=np.uint8)
    for place, column in enumerate(cells.view(np.uint32).T):
        power = POWERS[_MOST - 3 - 4 * place]
        four = left // power
        left -= four * power
        column[:] = _fours()[four]
    return Digits(cells[:, 1 : 1 + width], counts)


@functools.cache
def _fours() -> npt.NDArray[np.uint32]:
    """Return the four digits of each number below 10,000, one byte each, as one word."""
    numbers = np.arange(10_000)
    digits = [numbers // power % 10 for power in (1000, 100, 10, 1)]
    return np.stack(digits, axis=1).astype(np.uint8).view(np.uint32).ravel()


def written(shapes: pl.Series, index: Integers, digits: Digits) -> pl.Series:
    """Return for every row the shape that `index` names, with its digits in the places of 0s."""
    cells = Cells.of(shapes).matrix[index]
    if len(shapes) == 1 and len(cells):
        places = np.flatnonzero(Cells(cells[:1]).digits[0])
        for run in _runs(places):
            first = places[run.start]
            np.add(digits.matrix[:, run], _ZERO, out=cells[:, first : first + run.stop - run.start])
        return Cells(cells).text()
    marks = Cells(cells).digits
    cells[marks] = digits.flat() + _ZERO
    return Cells(cells).text()

"""Text columns character by character: one array of points for a whole column."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Self

import numpy as np
import numpy.typing as npt
import polars as pl
from numpy.lib.stride_tricks import sliding_window_view

from masker.keys import Keyring, permute_numerals

Points = npt.NDArray[np.unsignedinteger]
Flags = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.int64]

# Separators are looked for among these: control characters that no server writes, then the
# supplementary private use area.
_CONTROLS: Final = [*map(chr, range(9)), *map(chr, range(14, 32))]
_FIRST_PRIVATE: Final = 0xF0000
_ZERO: Final = ord("0")


@dataclass(frozen=True)
class Characters:
    """A String column as points, one value behind the other with a separator in between.

    `points` holds all values: code points, or the bytes of their UTF-8 for `bytes_of`; `between`
    marks the separators, a character that no value holds. Where all is ASCII, points take a byte
    each.
    """

    name: str
    points: Points
    between: Flags
    separator: str
    height: int
    nulls: pl.Series
    encoding: str

    @classmethod
    def of(cls, values: pl.Series) -> Self:
        """Spell a String column in code points; null counts as empty until `text` restores it."""
        return cls._of(values, "utf-32-le")

    @classmethod
    def bytes_of(cls, values: pl.Series) -> Self:
        """Spell a String column in bytes, for who looks at ASCII alone and leaves the rest."""
        return cls._of(values, "utf-8")

    @classmethod
    def _of(cls, values: pl.Series, encoding: str) -> Self:
        text, separator = _joined(values.fill_null(""))
        if text.isascii() or (encoding == "utf-8" and separator.isascii()):
            points: Points = np.frombuffer(text.encode(), dtype=np.uint8)
            encoding = "utf-8"
        else:
            points = np.frombuffer(text.encode("utf-32-le"), dtype="<u4").astype(np.uint32)
            encoding = "utf-32-le"
        between = points == ord(separator)
        return cls(values.name, points, between, separator, len(values), values.is_null(), encoding)

    @cached_property
    def rows(self) -> Integers:
        """Return the row of every point; a separator belongs to the row it ends."""
        return np.repeat(np.arange(self.height), self.lengths + 1)[: len(self.points)]

    @cached_property
    def lengths(self) -> Integers:
        """Return the number of points of every row."""
        ends = np.append(np.flatnonzero(self.between), len(self.points))[: self.height]
        return np.diff(ends, prepend=-1) - 1

    @cached_property
    def starts(self) -> Integers:
        """Return the place of the first point of every row."""
        return np.cumsum(self.lengths + 1) - self.lengths - 1

    @property
    def digits(self) -> Flags:
        """Mark the digits 0 to 9."""
        # Unsigned, so that what stands before the 0 is far behind the 9.
        digits: Flags = self.points - self.points.dtype.type(_ZERO) < 10  # noqa: PLR2004
        return digits

    def count(self, which: Flags) -> Integers:
        """Return how many of the marked points every row holds; none may be a separator."""
        if not self.height:
            return np.empty(0, dtype=np.int64)
        # One point more, for the last row may be empty and has no separator.
        marks = np.append(which, False)
        counts: Integers = np.add.reduceat(marks.view(np.uint8), self.starts, dtype=np.int64)
        return counts

    def places(self) -> Integers:
        """Return the place of every point in its row, from 0; a separator's is the row's length."""
        return np.arange(len(self.points)) - self.starts[self.rows]

    def only(self, which: Flags, points: Points) -> pl.Series:
        """Return for every row the text of its marked places; an empty text where none is.

        `points` are this column's, or others at the same places.
        """
        return self._cut(points[which | self.between])

    def text(self, points: Points) -> pl.Series:
        """Return a column of the same height from changed points, null where it was null."""
        made = self._cut(points)
        if self.nulls.any():
            made = pl.select(pl.when(~self.nulls).then(made)).to_series()
        return made.alias(self.name)

    def replaced(self, which: Flags, points: Points) -> pl.Series:
        """Return the column with the marked points replaced, in order."""
        changed = self.points.copy()
        changed[which] = points
        return self.text(changed)

    def _cut(self, points: Points) -> pl.Series:
        if not self.height:
            return pl.Series(self.name, [], dtype=pl.String)
        width = "<u4" if self.encoding == "utf-32-le" else np.uint8
        text = points.astype(width, copy=False).tobytes().decode(self.encoding)
        return pl.Series(self.name, [text]).str.split(self.separator).explode()


def code_points(values: pl.Series, separator: str = "") -> Points:
    """Return the code points of all values, one value behind the other."""
    joined = values.str.join(separator).item() if len(values) else ""
    return np.frombuffer(joined.encode("utf-32-le"), dtype="<u4").astype(np.uint32)


def _joined(values: pl.Series) -> tuple[str, str]:
    """Return all values behind one another, and the separator between them that none holds."""
    private = map(chr, range(_FIRST_PRIVATE, _FIRST_PRIVATE + 0xFFFE))
    for separator in itertools.chain(_CONTROLS, private):
        text = values.str.join(separator).item() if len(values) else ""
        if text.count(separator) == max(len(values) - 1, 0):
            return text, separator
    raise ValueError("a column holds every private use character: nothing is left to set it apart")


def respelled(values: pl.Series, symbols: pl.Series) -> pl.Series:
    """Return each value with its ASCII letters and digits replaced, in order, by `symbols`.

    A letter in place of a lower-case one becomes lower case; the rest stays. Null where either is
    null; ValueError when the numbers of letters and digits differ.
    """
    both = pl.select(pl.when(symbols.is_not_null()).then(values)).to_series().alias(values.name)
    filled = pl.select(pl.when(values.is_not_null()).then(symbols)).to_series().fill_null("")
    spelled = Characters.bytes_of(both)
    made = code_points(filled)
    old = spelled.points
    lower = (old >= ord("a")) & (old <= ord("z"))
    which = spelled.digits | lower | ((old >= ord("A")) & (old <= ord("Z")))
    letters = (made >= ord("A")) & (made <= ord("Z"))
    return spelled.replaced(which, np.where(lower[which] & letters, made + 32, made))


def permuted_digits(
    spelled: Characters, *, keys: Keyring, domain: str, tweak: bytes = b""
) -> tuple[pl.Series, Integers]:
    """Permute the digits of every value among all numbers of so many digits; the rest stays.

    Returned beside the column: how many digits every value has.
    """
    which = spelled.digits
    numerals = spelled.points[which].astype(np.uint8) - np.uint8(_ZERO)
    counts = spelled.count(which)
    made = permuted_numerals(numerals, counts, keys=keys, domain=domain, tweak=tweak)
    return spelled.replaced(which, made + np.uint8(_ZERO)), counts


def permuted_numerals(
    numerals: npt.NDArray[np.uint8],
    counts: Integers,
    *,
    keys: Keyring,
    domain: str,
    tweak: bytes = b"",
) -> npt.NDArray[np.uint8]:
    """Permute decimal numbers that lie one behind the other, of `counts` digits each."""
    made = np.empty_like(numerals)
    starts = np.cumsum(counts) - counts
    # A loop over the lengths that occur, not over rows.
    for length in np.flatnonzero(np.bincount(counts[counts > 0])).tolist():
        rows = starts[counts == length]
        old = sliding_window_view(numerals, length)[rows]
        new = permute_numerals(old, radix=10, keys=keys, domain=domain, tweak=tweak)
        sliding_window_view(made, length, writeable=True)[rows] = new
    return made

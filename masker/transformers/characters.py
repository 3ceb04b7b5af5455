"""Text columns character by character: one array of code points for a whole column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import polars as pl

Points = npt.NDArray[np.uint32]
Flags = npt.NDArray[np.bool_]

_FIRST_PRIVATE = 0xF0000  # separators are looked for from here: the supplementary private use area
_ZERO, _NINE = ord("0"), ord("9")


@dataclass(frozen=True, slots=True)
class Characters:
    """A String column as code points, one value behind the other with a separator in between.

    `points` holds all values; `between` marks the separators, a character that no value holds.
    """

    name: str
    points: Points
    between: Flags
    separator: str
    height: int
    nulls: pl.Series

    @classmethod
    def of(cls, values: pl.Series) -> Self:
        """Spell a String column; null counts as empty until `text` restores it."""
        full = values.fill_null("")
        separator = chr(_FIRST_PRIVATE)
        while full.str.contains(separator, literal=True).any():
            separator = chr(ord(separator) + 1)
        points = code_points(full, separator)
        between = points == ord(separator)
        return cls(values.name, points, between, separator, len(values), values.is_null())

    @property
    def rows(self) -> npt.NDArray[np.int64]:
        """Return the row of every point; a separator belongs to the row it ends."""
        return np.cumsum(self.between) - self.between

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        """Return the number of characters of every row."""
        return self.count(~self.between)

    @property
    def digits(self) -> Flags:
        """Mark the digits 0 to 9."""
        return (self.points >= _ZERO) & (self.points <= _NINE)

    def count(self, which: Flags) -> npt.NDArray[np.int64]:
        """Return how many of the marked points every row holds."""
        return np.bincount(self.rows[which], minlength=self.height)[: self.height]

    def places(self) -> npt.NDArray[np.int64]:
        """Return the place of every point in its row, from 0; a separator's is the row's length."""
        starts = np.concatenate(([0], np.cumsum(self.lengths + 1)))
        return np.arange(len(self.points)) - starts[self.rows]

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
        text = points.astype("<u4").tobytes().decode("utf-32-le")
        return pl.Series(self.name, [text]).str.split(self.separator).explode()


def code_points(values: pl.Series, separator: str = "") -> Points:
    """Return the code points of all values, one value behind the other."""
    joined = values.str.join(separator).item() if len(values) else ""
    return np.frombuffer(joined.encode("utf-32-le"), dtype="<u4").astype(np.uint32)


def refilled(values: pl.Series, digits: pl.Series) -> pl.Series:
    """Return each value with its digits 0 to 9 replaced, in order, by as many of `digits`.

    Everything between them stays. Null where either is null; ValueError when the numbers of
    digits differ.
    """
    both = pl.select(pl.when(digits.is_not_null()).then(values)).to_series().alias(values.name)
    filled = pl.select(pl.when(values.is_not_null()).then(digits)).to_series().fill_null("")
    spelled = Characters.of(both)
    return spelled.replaced(spelled.digits, code_points(filled))


def respelled(values: pl.Series, symbols: pl.Series) -> pl.Series:
    """Return each value with its ASCII letters and digits replaced, in order, by `symbols`.

    A letter in place of a lower-case one becomes lower case; the rest stays. Null where either is
    null; ValueError when the numbers of letters and digits differ.
    """
    both = pl.select(pl.when(symbols.is_not_null()).then(values)).to_series().alias(values.name)
    filled = pl.select(pl.when(values.is_not_null()).then(symbols)).to_series().fill_null("")
    spelled = Characters.of(both)
    made = code_points(filled)
    old = spelled.points
    lower = (old >= ord("a")) & (old <= ord("z"))
    which = spelled.digits | lower | ((old >= ord("A")) & (old <= ord("Z")))
    letters = (made >= ord("A")) & (made <= ord("Z"))
    return spelled.replaced(which, np.where(lower[which] & letters, made + 32, made))


def rewritten(values: pl.Series, digits: pl.Series) -> pl.Series:
    """Write `digits` into the shape of each value, however many there are.

    The first digit stands in the place of the first, and so on; those for which there is no
    place follow the last one, and places that get none fall away. Null where either is null.
    """
    both = pl.select(pl.when(digits.is_not_null()).then(values)).to_series().alias(values.name)
    filled = pl.select(pl.when(values.is_not_null()).then(digits)).to_series().fill_null("")
    spelled = Characters.of(both)
    rows, places = spelled.rows, spelled.digits
    here = spelled.count(places)
    wanted = filled.str.len_chars().to_numpy().astype(np.int64)
    at = np.flatnonzero(places)
    number = np.arange(len(at)) - (np.cumsum(here) - here)[rows[at]]  # of the digit in its row
    times = np.ones(len(spelled.points), dtype=np.int64)
    times[at] = number < wanted[rows[at]]
    last = number == here[rows[at]] - 1
    times[at[last]] += np.maximum(wanted - here, 0)[rows[at[last]]]
    points = np.repeat(spelled.points, times)
    points[np.repeat(places, times)] = code_points(filled)
    return spelled.text(points)

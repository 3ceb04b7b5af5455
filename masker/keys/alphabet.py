"""The characters a text is made of, as numerals: text columns to matrices of numerals and back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Self

import numpy as np
import numpy.typing as npt
import polars as pl

from masker.keys import columns
from masker.keys.ff1 import Numerals

_LEAST, _MOST = 2, (1 << 16) - 1  # characters; one numeral is left to mark the others
_OUTSIDE: Final = 0xFFFF  # numeral of a byte that is no letter of the alphabet
_ASCII: Final = 128


@dataclass(frozen=True, slots=True)
class Alphabet:
    """An ordered set of characters; a character's numeral is its place."""

    letters: str
    _places: npt.NDArray[np.uint16] = field(repr=False, compare=False)  # by code point

    @classmethod
    def of(cls, letters: str) -> Self:
        """Return the alphabet of these characters, in this order.

        ValueError unless there are 2 to 65535 characters, all different.
        """
        if not _LEAST <= len(letters) <= _MOST:
            raise ValueError(f"an alphabet has {_LEAST} to {_MOST} characters, not {len(letters)}")
        if len(set(letters)) != len(letters):
            raise ValueError("an alphabet holds every character once")
        points = _code_points(letters)
        places = np.full(max(_ASCII * 2, int(points.max()) + 2), _OUTSIDE, dtype=np.uint16)
        places[points] = np.arange(len(letters))
        return cls(letters, places)

    @property
    def radix(self) -> int:
        """Return how many characters there are."""
        return len(self.letters)

    def read(self, values: pl.Series, length: int) -> Numerals:
        """Return values of `length` > 0 characters each, none null, as a matrix of numerals.

        ValueError, with the number of values and no value, when one holds another character.
        """
        numerals: npt.NDArray[np.uint16] = self._places[self._points(values, length)]
        outside = int((numerals == _OUTSIDE).any(axis=1).sum())
        if outside:
            raise ValueError(
                f"{outside} of {len(values)} values hold a character outside the alphabet"
            )
        return numerals.astype(np.uint8) if self.radix <= 1 << 8 else numerals

    def _points(self, values: pl.Series, length: int) -> npt.NDArray[np.integer]:
        """Return the characters' places in the table of code points; its last place is outside."""
        if values.str.len_bytes().sum() == length * len(values):  # nothing but ASCII
            return columns.to_bytes(values, length)
        points = _code_points("".join(values.to_list())).reshape(-1, length)
        return np.minimum(points, len(self._places) - 1)

    def write(self, numerals: Numerals) -> pl.Series:
        """Return the rows of a matrix (rows, length > 0) of numerals as a String column."""
        if self.letters.isascii():
            return columns.from_bytes(np.frombuffer(self.letters.encode(), np.uint8)[numerals])
        characters = pl.Series(list(self.letters), dtype=pl.String).gather(numerals.ravel())
        return characters.reshape(numerals.shape).arr.join("")


def _code_points(text: str) -> npt.NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le"), dtype="<u4")

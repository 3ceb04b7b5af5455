"""The characters a text is made of, as numerals: text columns to matrices of numerals and back."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from masker.keys import columns
from masker.keys.ff1 import Numerals

_LEAST: Final = 2  # characters
_MOST: Final = (1 << 16) - 1  # characters; one numeral is left to mark what is outside
_BYTES: Final = 256


@dataclass(frozen=True)
class Alphabet:
    """An ordered set of characters; a character's numeral is its place.

    ValueError unless there are 2 to 65535 characters, all different.
    """

    letters: str

    def __post_init__(self) -> None:
        if not _LEAST <= len(self.letters) <= _MOST:
            raise ValueError(
                f"an alphabet has {_LEAST} to {_MOST} characters, not {len(self.letters)}"
            )
        if len(set(self.letters)) != len(self.letters):
            raise ValueError("an alphabet holds every character once")

    @property
    def radix(self) -> int:
        """Return how many characters there are."""
        return len(self.letters)

    def read(self, values: pl.Series, length: int) -> Numerals:
        """Return values of `length` > 0 characters each, none null, as a matrix of numerals.

        ValueError, with the number of values and no value, when one holds another character.
        """
        numerals: Numerals
        if self.letters.isascii() and values.str.len_bytes().sum() == length * len(values):
            cells = columns.to_bytes(values, length).tobytes().translate(self._numerals_of_bytes)
            numerals = np.frombuffer(cells, dtype=np.uint8).reshape(-1, length)
        else:
            places = self._numerals_of_points
            points = _code_points(values.str.join("").item()).reshape(-1, length)
            numerals = places[np.minimum(points, len(places) - 1)]
        mark = np.iinfo(numerals.dtype).max
        if numerals.max() == mark:
            outside = int((numerals == mark).any(axis=1).sum())
            raise ValueError(
                f"{outside} of {len(values)} values of length {length} hold a character that is "
                "not in the alphabet"
            )
        return numerals

    def write(self, numerals: Numerals) -> pl.Series:
        """Return the rows of a matrix (rows, length > 0) of numerals as a String column."""
        if self.letters.isascii():
            cells = numerals.astype(np.uint8, copy=False).tobytes().translate(self._bytes)
            return columns.from_bytes(np.frombuffer(cells, np.uint8).reshape(numerals.shape))
        characters = pl.Series(list(self.letters), dtype=pl.String).gather(numerals.ravel())
        return characters.reshape(numerals.shape).arr.join("")

    @cached_property
    def _numerals_of_bytes(self) -> bytes:
        table = bytearray([_BYTES - 1] * _BYTES)
        for numeral, byte in enumerate(self.letters.encode()):
            table[byte] = numeral
        return bytes(table)

    @cached_property
    def _bytes(self) -> bytes:
        return self.letters.encode().ljust(_BYTES, b"\0")

    @cached_property
    def _numerals_of_points(self) -> npt.NDArray[np.uint16]:
        """Return the numeral of every code point; the last place stands for all above."""
        points = _code_points(self.letters)
        table = np.full(int(points.max()) + 2, _MOST, dtype=np.uint16)
        table[points] = np.arange(len(points))
        return table


def _code_points(text: str) -> npt.NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le"), dtype="<u4")

"""What telephone numbers look like: which shapes are numbers, and how new digits are written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import polars as pl

from masker.transformers.cells import Digits, Flags, Integers, Shapes, placed, written

LEAST: Final = 5  # digits without extension
LONGEST: Final = 64  # bytes
_WIDTH: Final = 32  # more digits than a number ever has
_MOST: Final = 17  # digits without extension: 00 or 011 in front of fifteen
_BODY: Final = r"[+(]{0,2}[0-9](?:[0-9 ()./\u{a0}\u{2010}-\u{2013}-]*[0-9)])?"
_BEFORE_EXTENSION: Final = r"(?i:\s*(?:;?ext[.=]?|extn\.?|x|#)\s*)"
_EXTENSION: Final = rf"({_BEFORE_EXTENSION}[0-9]{{1,7}}\s*)$"
_FORM: Final = rf"^\s*{_BODY}(?:{_BEFORE_EXTENSION}[0-9]{{1,7}})?\s*$"
_DIGIT: Final = "[0-9]"


def parses(values: pl.Series) -> pl.Series:
    """Tell which values are telephone numbers; shapes answer as their values do."""
    value = pl.col("value")
    digits = value.str.replace(_EXTENSION, "").str.count_matches(_DIGIT)
    short = value.str.len_bytes() <= LONGEST
    told = value.str.contains(_FORM) & digits.is_between(LEAST, _MOST) & short
    return values.to_frame("value").select_seq(told).to_series()


def main(values: pl.Series) -> pl.Series:
    """Return numbers without their extension."""
    return values.str.replace(_EXTENSION, "")


@dataclass(frozen=True, slots=True)
class Forms:
    """What the shapes of telephone numbers tell of every row.

    `main` and `extension` cut the shapes; `index` is the shape of every row, `counts` and `extra`
    are the digits of number and extension, `plus` marks numbers that begin with a `+`.
    """

    main: tuple[str, ...]
    extension: tuple[str, ...]
    index: Integers
    counts: Integers
    extra: Integers
    plus: Flags

    @classmethod
    def of(cls, shapes: Shapes) -> Self:
        """Cut shapes, all of which parse."""
        shape = pl.col("shape")
        frame = shapes.distinct.to_frame("shape").select_seq(
            shape.str.replace(_EXTENSION, "").alias("main"),
            shape.str.extract(_EXTENSION).fill_null("").alias("extension"),
            shape.str.contains("+", literal=True).alias("plus"),
        )
        numbers = frame["main"].to_list()
        extensions = frame["extension"].to_list()
        counts = np.array([text.count("0") for text in numbers], dtype=np.int64)
        extra = np.array([text.count("0") for text in extensions], dtype=np.int64)
        index = shapes.index
        return cls(
            tuple(numbers),
            tuple(extensions),
            index,
            counts[index],
            extra[index],
            frame["plus"].to_numpy()[index],
        )

    def at(self, rows: Integers) -> Self:
        """Return the forms of some rows in ascending order, without a copy where they are all."""
        if len(rows) == len(self.index):
            return self
        return type(self)(
            self.main,
            self.extension,
            self.index[rows],
            self.counts[rows],
            self.extra[rows],
            self.plus[rows],
        )

    def written(self, digits: Digits, *, counts: Integers, length: int | None) -> pl.Series:
        """Write other digits, `counts` of a number itself and behind them those of its extension.

        The digits of a number stand in the places of the old ones; null where that takes more
        than `length` characters even without punctuation.
        """
        wanted = self.index * _WIDTH + counts
        present = np.bincount(wanted, minlength=len(self.main) * _WIDTH) > 0
        # A loop over shapes, not over rows.
        templates = [
            _fitted(_reshaped(self.main[shape], count) + self.extension[shape], length)
            for shape, count in (divmod(pair, _WIDTH) for pair in np.flatnonzero(present).tolist())
        ]
        texts = pl.Series([text or "" for text in templates], dtype=pl.String)
        index = (np.cumsum(present) - 1)[wanted]
        if None not in templates:
            return written(texts, index, digits)
        fits = np.array([text is not None for text in templates])
        there = np.flatnonzero(fits[index])
        made = written(texts, index[there], digits.at(there))
        return placed(made, there, height=len(index))


def _reshaped(shape: str, count: int) -> str:
    """Return a shape with so many digits: further ones behind the last, too many fall away."""
    parts = shape.split("0")
    places = len(parts) - 1
    if count >= places:
        return "0".join(parts[:-1]) + "0" * (count - places + 1) + parts[-1]
    return ("0".join(parts[: count + 1]) + "".join(parts[count + 1 :])).rstrip(" -./(")


def _fitted(shape: str, length: int | None) -> str | None:
    """Drop the punctuation of a shape that is too long; None where that does not do."""
    if length is None or len(shape) <= length:
        return shape
    bare = re.sub("[^0+xX#]", "", shape)
    return bare if len(bare) <= length else None

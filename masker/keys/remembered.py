"""What a keyed function made of texts that recur from batch to batch, kept while its key is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt
import polars as pl

from masker.keys import columns

MOST: Final = 1 << 16
"""Texts remembered at once; one more, and what was remembered is forgotten."""

_SEED: Final = 20211  # any number: the hash only orders texts, and every hit is compared as text
_Known = tuple[npt.NDArray[np.uint64], pl.Series, pl.Series]


@dataclass(frozen=True, slots=True)
class Found:
    """Known texts, what was made of each, and the place of every value of a column among them."""

    texts: pl.Series
    made: pl.Series
    index: npt.NDArray[np.int64]

    def present(self) -> Self:
        """Return only the texts that values have."""
        there = np.flatnonzero(np.bincount(self.index, minlength=len(self.texts)))
        index = np.searchsorted(there, self.index)
        return type(self)(self.texts.gather(there), self.made.gather(there), index)


class Remembered:
    """Ask a function of texts once per text: one text in, one text out, nothing else.

    What is held are source values and their fakes, in this process's memory only. Threads may
    share it: what is known is replaced at once, never changed.
    """

    def __init__(self) -> None:
        none = pl.Series(dtype=pl.String)
        self._known: _Known = (np.empty(0, dtype=np.uint64), none, none)

    def find(self, values: pl.Series) -> Found | None:
        """Return what is known of every value of a column without null, None if one is new."""
        hashes, texts, made = self._known
        if not len(hashes):
            return None
        place = np.searchsorted(hashes, values.hash(_SEED).to_numpy())
        place = np.minimum(place, len(hashes) - 1)
        return Found(texts, made, place) if (texts.gather(place) == values).all() else None

    def spread(self, values: pl.Series, make: Callable[[pl.Series], pl.Series]) -> Found:
        """Return what `make` makes of every value of a column without null, once per value."""
        found = self.find(values)
        if found is None:
            once, index = columns.distinct(values)
            return Found(once, self.of(once, make), index)
        return found.present() if len(found.texts) > len(values) else found

    def of(self, texts: pl.Series, make: Callable[[pl.Series], pl.Series]) -> pl.Series:
        """Return what `make` makes of distinct texts, same length and order.

        `make` sees those that are not known. Neither series holds a null.
        """
        hashes, known, made = self._known
        sought = texts.hash(_SEED).to_numpy()
        place = np.minimum(np.searchsorted(hashes, sought), max(len(hashes) - 1, 0))
        if len(hashes):
            new = np.flatnonzero((known.gather(place) != texts).to_numpy())
        else:
            new = np.arange(len(texts))
        if not len(new):
            return made.gather(place)
        fresh = texts.gather(new)
        answers = make(fresh)
        place[new] = len(known) + np.arange(len(new))
        whole = pl.concat([made, answers.rename(made.name)])
        self._remember(sought[new], fresh, answers)
        return whole.gather(place)

    def _remember(
        self, hashes: npt.NDArray[np.uint64], texts: pl.Series, answers: pl.Series
    ) -> None:
        if len(hashes) > MOST:
            return
        before, known, made = self._known
        if len(before) + len(hashes) <= MOST:
            hashes = np.concatenate([before, hashes])
            texts = pl.concat([known, texts.rename(known.name)])
            answers = pl.concat([made, answers.rename(made.name)])
        # Of two texts with one hash the second stays unknown, and is made anew each time.
        hashes, first = np.unique(hashes, return_index=True)
        self._known = (hashes, texts.gather(first).rechunk(), answers.gather(first).rechunk())

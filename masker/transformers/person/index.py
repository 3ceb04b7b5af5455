"""Look up a few texts among very many: an index made once; a join would hash all each time."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

_SEED = 20211  # any number: the hash only orders texts, and every hit is compared as text


class Index:
    """Numbers by text, sorted by a hash of the text."""

    def __init__(self, texts: pl.Series, numbers: pl.Series) -> None:
        hashes = texts.hash(_SEED)
        order = hashes.arg_sort()
        self._hashes: npt.NDArray[np.uint64] = hashes.gather(order).to_numpy()
        if len(self._hashes) > 1 and not (np.diff(self._hashes) > 0).all():
            raise ValueError("two texts of an index are equal")
        self._texts = texts.gather(order)
        self._numbers: npt.NDArray[np.int64] = numbers.gather(order).to_numpy().astype(np.int64)

    def find(self, wanted: pl.Series) -> npt.NDArray[np.int64]:
        """Return the number of each text, -1 for what is not there."""
        if not len(self._hashes) or not len(wanted):
            return np.full(len(wanted), -1, dtype=np.int64)
        place = np.searchsorted(self._hashes, wanted.hash(_SEED).to_numpy())
        place = np.minimum(place, len(self._hashes) - 1)
        same = (self._texts.gather(place) == wanted).to_numpy()
        return np.where(same, self._numbers[place], -1)

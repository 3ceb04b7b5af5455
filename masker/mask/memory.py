"""Remember the fakes of values that recur from batch to batch, in this process only.

A transformer of scope `value` gives one value one fake, so a column of few distinct values (names,
cities) need be masked once per value, not once per batch. What is remembered are source values
and their fakes, in memory and bounded; it ends with the lane.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from masker.keys import Keyring, Remembered, columns
from masker.plan.model import Branch
from masker.transformers.base import Groups, Masked, Scope
from masker.transformers.cells import placed

_REPEATS = 0.25  # share of distinct values in a batch up to which remembering pays
_LEAST = 1000  # rows below which a batch says nothing about repetition


class Memory:
    """The remembered fakes of one branch of one column; asks the transformer for what is new.

    Where values do not recur, or where some could not be parsed or may come out unchanged (whose
    counts are per row), every batch goes to the transformer as it is.
    """

    def __init__(self, branch: Branch) -> None:
        self._branch = branch
        self._known = Remembered()
        transformer = branch.transformer
        self._pays = (
            transformer is not None
            and branch.when is None
            and transformer.scope is Scope.VALUE
            and not transformer.needs()
            and transformer.promises().keeps_null
        )

    @property
    def pays(self) -> bool:
        """Tell whether asking the memory still saves work."""
        return self._pays

    def mask(self, values: pl.Series, *, keys: Keyring) -> Masked | None:
        """Return the masked column, None when the transformer should see the whole batch."""
        once, index = columns.distinct(values)
        if len(once) > _REPEATS * len(values):
            self._pays = len(values) < _LEAST
            return None
        there = np.flatnonzero(once.is_not_null().to_numpy())
        originals = once.gather(there)
        written = self._known.of(originals, lambda new: self._made(new, keys))
        if not self._pays:
            return None
        fakes = placed(written, there, height=len(once))
        counts = np.bincount(index, minlength=len(once))[there]
        return Masked(
            fakes.gather(index).alias(values.name), groups=Groups(originals, written, counts)
        )

    def _made(self, values: pl.Series, keys: Keyring) -> pl.Series:
        transformer = self._branch.transformer
        assert transformer is not None  # noqa: S101 - without one it never pays
        masked = transformer.apply(values, site=self._branch.site, keys=keys, others={})
        if masked.unparsed or masked.chance:
            self._pays = False
        return masked.values

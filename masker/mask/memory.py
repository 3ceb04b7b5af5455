"""Remember the fakes of values that recur from batch to batch, in this process only.

A transformer of scope `value` gives one value one fake, so a column of few distinct values (names,
cities) need be masked once per value, not once per batch. What is remembered are source values
and their fakes, in memory and bounded; it ends with the lane.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from masker.keys import Found, Keyring, Remembered, columns
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
        there = np.flatnonzero(values.is_not_null().to_numpy()) if values.has_nulls() else None
        held = values if there is None else values.gather(there)
        found = self._known.find(held) or self._learn(held, len(values), keys)
        if found is None:
            return None
        counts = np.bincount(found.index, minlength=len(found.texts))
        present = np.flatnonzero(counts)
        groups = Groups(found.texts.gather(present), found.made.gather(present), counts[present])
        fakes = found.made.gather(found.index)
        if there is not None:
            fakes = placed(fakes, there, height=len(values))
        return Masked(fakes.alias(values.name), groups=groups)

    def _learn(self, values: pl.Series, height: int, keys: Keyring) -> Found | None:
        once, index = columns.distinct(values)
        if len(once) > _REPEATS * height:
            self._pays = height < _LEAST
            return None
        made = self._known.of(once, lambda new: self._made(new, keys))
        return Found(once, made, index) if self._pays else None

    def _made(self, values: pl.Series, keys: Keyring) -> pl.Series:
        transformer = self._branch.transformer
        assert transformer is not None  # noqa: S101 - without one it never pays
        masked = transformer.apply(values, site=self._branch.site, keys=keys, others={})
        if masked.unparsed or masked.chance:
            self._pays = False
        return masked.values

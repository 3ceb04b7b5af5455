"""Remember the fakes of values that recur from batch to batch, in this process only.

A transformer of scope `value` gives one value one fake, so a column of few distinct values (names,
cities) need be masked once per value, not once per batch. What is remembered are source values
and their fakes, in memory and bounded; it ends with the lane.
"""

from __future__ import annotations

import polars as pl

from masker.keys import Keyring
from masker.plan.model import Branch
from masker.transformers.base import Masked, Scope

_MOST = 1 << 16  # values remembered per column
_REPEATS = 0.25  # share of distinct values in a batch up to which remembering pays
_LEAST = 1000  # rows below which a batch says nothing about repetition


class Memory:
    """The remembered fakes of one branch of one column; asks the transformer for what is new.

    Where values do not recur, or where some could not be parsed or may come out unchanged (whose
    counts are per row), every batch goes to the transformer as it is.
    """

    def __init__(self, branch: Branch) -> None:
        self._branch = branch
        self._known = pl.DataFrame(schema={"value": pl.String, "fake": pl.String})
        transformer = branch.transformer
        self._pays = (
            transformer is not None
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
        distinct = values.drop_nulls().unique()
        if distinct.len() > _REPEATS * values.len():
            self._pays = values.len() < _LEAST
            return None
        new = distinct.filter(~distinct.is_in(self._known["value"].implode()))
        known = self._known
        if new.len():
            transformer = self._branch.transformer
            assert transformer is not None  # noqa: S101 - without one it never pays
            masked = transformer.apply(new, site=self._branch.site, keys=keys, others={})
            if masked.unparsed or masked.chance:
                self._pays = False
                return None
            known = pl.concat([known, pl.DataFrame({"value": new, "fake": masked.values})])
            if known.height <= _MOST:
                self._known = known
        fakes = values.replace_strict(
            known["value"], known["fake"], default=None, return_dtype=pl.String
        )
        return Masked(fakes.alias(values.name))

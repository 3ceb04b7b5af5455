"""Recompute: a derived column is computed again in the target, from masked values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from masker.catalog import Kind
from masker.errors import Bug
from masker.keys import Keyring
from masker.transformers.base import Masked, Promises, Site, Transformer


@dataclass(frozen=True)
class Recompute(Transformer):
    """Leave a derived column out of the load; its trigger fills it in the target."""

    name: ClassVar[str] = "recompute"
    sentence: ClassVar[str] = (
        "Leaves a derived column (a tsvector, a cached name) out of the load; the column's own "
        "trigger computes it in the target, from masked values."
    )
    kinds: ClassVar[frozenset[Kind]] = frozenset(Kind)

    def promises(self) -> Promises:
        """Return what holds for every output."""
        # What it is computed from are masked values, which may equal source values by chance.
        return Promises(keeps_null=False, technique="suppression", chance="pool")

    def apply(
        self, values: pl.Series, *, site: Site, keys: Keyring, others: Mapping[str, pl.Series]
    ) -> Masked:
        """Raise Bug: the plan never moves such a column."""
        del values, keys, others
        raise Bug(f"the recomputed column `{site.column}` was moved", code="recompute-moved")

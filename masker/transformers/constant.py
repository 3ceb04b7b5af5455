"""Constant and null: the same for every row, whatever stood there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from masker.catalog import Kind
from masker.keys import Keyring
from masker.transformers.base import Masked, Param, Promises, Site, Transformer
from masker.transformers.literal import EVERY_KIND, misfit, written


@dataclass(frozen=True)
class Constant(Transformer):
    """Replace every value by one text, number or truth value."""

    value: str | int | float | bool

    name: ClassVar[str] = "constant"
    sentence: ClassVar[str] = "Replaces every value by the one given; null stays null."
    kinds: ClassVar[frozenset[Kind]] = EVERY_KIND
    params: ClassVar[tuple[Param, ...]] = (
        Param(
            name="value",
            type="scalar",
            default=None,
            meaning="What every value becomes, written as the column's type is.",
        ),
    )

    def promises(self) -> Promises:
        """Return what holds for every output."""
        # The source may hold the constant itself, so meeting it again proves nothing.
        return Promises(data_free=True, technique="suppression", chance="pool")

    def apply(
        self, values: pl.Series, *, site: Site, keys: Keyring, others: Mapping[str, pl.Series]
    ) -> Masked:
        """Mask a column."""
        del keys, others
        return filled(values, written(self.value, site))

    def check(self, site: Site) -> tuple[str, ...]:
        """Return what makes it unfit for the column."""
        return misfit(self.value, site)


@dataclass(frozen=True)
class Null(Transformer):
    """Replace every value by null."""

    name: ClassVar[str] = "null"
    sentence: ClassVar[str] = "Replaces every value by NULL."
    kinds: ClassVar[frozenset[Kind]] = EVERY_KIND

    def promises(self) -> Promises:
        """Return what holds for every output."""
        return Promises(never_equal=True, data_free=True, technique="suppression")

    def apply(
        self, values: pl.Series, *, site: Site, keys: Keyring, others: Mapping[str, pl.Series]
    ) -> Masked:
        """Mask a column."""
        del site, keys, others
        empty: list[str | None] = [None]
        return Masked(pl.Series(values.name, empty, dtype=pl.String).new_from_index(0, len(values)))

    def check(self, site: Site) -> tuple[str, ...]:
        """Return what makes it unfit for the column."""
        return () if site.nullable else ("the column is NOT NULL",)


def filled(values: pl.Series, text: str) -> Masked:
    """Put one text in place of every value; null stays null, and rows that held it are counted."""
    made = pl.select(pl.when(values.is_not_null()).then(pl.lit(text))).to_series()
    return Masked(made.alias(values.name), chance=float((values == text).sum()))

"""Integer: a keyed permutation of a range of integers that the type fixes, never the data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from masker.catalog import Kind
from masker.errors import DataError
from masker.keys import INTEGER_SPACES, Keyring, canonical_key, permute_integers
from masker.transformers.base import Masked, Param, Promises, Site, Transformer, Uniqueness

_LEAST = 10**6  # integers below which a permutation is easy to guess


@dataclass(frozen=True)
class Integer(Transformer):
    """Permute integers within the space of their type."""

    type: str | None = None

    name: ClassVar[str] = "integer"
    sentence: ClassVar[str] = (
        "Permutes integers within a range that the type fixes, one to one: keys keep their "
        "references and lose their meaning."
    )
    kinds: ClassVar[frozenset[Kind]] = frozenset({Kind.INTEGER, Kind.DECIMAL})
    params: ClassVar[tuple[Param, ...]] = (
        Param(
            name="type",
            type="text",
            default=None,
            meaning="The integer type whose range is permuted, if not the column's own; a numeric "
            "column needs it: "
            + ", ".join(f"`{base}` {low}..{high}" for base, (low, high) in INTEGER_SPACES.items()),
            choices=tuple(INTEGER_SPACES),
        ),
    )
    default_domain: ClassVar[str] = "integer"

    def promises(self) -> Promises:
        """Return what holds for every output."""
        return Promises(uniqueness=Uniqueness.INJECTIVE, reversible=True, chance="space")

    def apply(
        self, values: pl.Series, *, site: Site, keys: Keyring, others: Mapping[str, pl.Series]
    ) -> Masked:
        """Mask a column; DataError counts the values that lie outside the space."""
        del others
        low, high = INTEGER_SPACES[self.type or site.base]
        plain = canonical_key(values, base="numeric")
        numbers = plain.cast(pl.Int64, strict=False)
        outside = values.is_not_null() & ~numbers.is_between(low, high).fill_null(value=False)
        if outside.any():
            raise DataError(
                f"{outside.sum()} values of `{site.column}` lie outside {low}..{high}, "
                "the space that `integer` permutes",
                help="set `type:` to a larger one, keep the column, or leave those rows out",
                code="outside-space",
                subject=f"{site.table}.{site.column}",
            )
        domain = site.domain or self.default_domain
        made = permute_integers(numbers, low=low, high=high, keys=keys, domain=domain)
        there = len(values) - values.null_count()
        return Masked(made.cast(pl.String).alias(values.name), chance=there / (high - low + 1))

    def check(self, site: Site) -> tuple[str, ...]:
        """Return what makes it unfit for the column."""
        space = self.type or site.base
        if space not in INTEGER_SPACES:
            spaces = ", ".join(f"`{base}`" for base in INTEGER_SPACES)
            return (f"`{site.base}` has no range of its own: set `type:` to one of {spaces}",)
        high = INTEGER_SPACES[space][1]
        found = []
        if site.base in INTEGER_SPACES and INTEGER_SPACES[site.base][1] < high:
            found.append(f"numbers of the space `{space}` do not fit `{site.base}`")
        if site.precision is not None and 10 ** (site.precision - (site.scale or 0)) <= high:
            found.append(
                f"numbers of the space `{space}` have more digits than the column's "
                f"{site.precision - (site.scale or 0)}"
            )
        return tuple(found)

    def cautions(self, site: Site) -> tuple[tuple[str, str], ...]:
        """Return what a person must accept in writing."""
        space = self.type or site.base
        if space not in INTEGER_SPACES or INTEGER_SPACES[space][1] >= _LEAST:
            return ()
        sentence = (
            f"the space of `{space}` holds fewer than a million numbers: whoever knows some "
            "pairs can guess the rest"
        )
        return (("weak-space", sentence),)

    def space(self, site: Site) -> tuple[int, int] | None:
        """Return the lowest and highest integer it permutes; None where the type has no range."""
        return INTEGER_SPACES.get(self.type or site.base)

"""Streets, with a house number where there was one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from masker.transformers.pooled import Pooled


@dataclass(frozen=True)
class Street(Pooled):
    """Replaces street addresses."""

    name: ClassVar[str] = "street"
    sentence: ClassVar[str] = (
        "Replaces street addresses by made-up ones of the locale, numbered if they were."
    )
    default_domain: ClassVar[str] = "street"

    def providers(self) -> tuple[str, ...]:
        """Return Faker's `street_address` and `street_name`."""
        return ("street_address", "street_name")

    def choose(self, values: pl.Expr) -> pl.Expr:
        """Take a street without a number where the value has no digit."""
        return pl.when(values.str.contains("[0-9]")).then(0).otherwise(1)

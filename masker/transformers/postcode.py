"""Postcodes of any country: the shape stays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from masker.keys import Keyring, canonical
from masker.transformers.base import Masked, Promises, Site, Transformer
from masker.transformers.distinct import over_distinct
from masker.transformers.scramble import scrambled


@dataclass(frozen=True)
class Postcode(Transformer):
    """Replaces the letters and digits of postcodes."""

    name: ClassVar[str] = "postcode"
    sentence: ClassVar[str] = (
        "Replaces postcodes by others of the same shape: digits by digits, letters by letters."
    )
    default_domain: ClassVar[str] = "postcode"
    canonical: ClassVar[bool] = True

    def promises(self) -> Promises:
        """Return what holds for every output; a short shape holds few postcodes."""
        return Promises(keeps_length=True, never_equal=True, chance="space")

    def apply(
        self, values: pl.Series, *, site: Site, keys: Keyring, others: Mapping[str, pl.Series]
    ) -> Masked:
        """Mask a column; equal but for case and blanks comes out equal but for these."""
        del others
        domain = site.domain or self.default_domain
        return over_distinct(
            values,
            lambda each: scrambled(each, keys=keys, domain=domain, by=canonical(each)),
            parsed=r"^[\p{L}\p{N} .-]*\p{N}[\p{L}\p{N} .-]*$",
        )

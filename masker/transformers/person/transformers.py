"""The transformers of columns that hold names of people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from masker.keys import Keyring
from masker.transformers.base import Masked, Promises, Site, Transformer
from masker.transformers.distinct import over_distinct
from masker.transformers.person.dictionary import dictionary
from masker.transformers.person.text import mask_names
from masker.transformers.person.tokens import DOMAIN


@dataclass(frozen=True)
class _Name(Transformer):
    """What the name transformers share: role, gender and language follow from each token alone."""

    default_domain: ClassVar[str] = DOMAIN
    canonical: ClassVar[bool] = True

    def promises(self) -> Promises:
        """Return what holds for every output."""
        return Promises(never_equal=True, chance="pool")

    def apply(
        self, values: pl.Series, *, site: Site, keys: Keyring, others: Mapping[str, pl.Series]
    ) -> Masked:
        """Mask a column of names."""
        del others
        domain = site.domain or DOMAIN
        return over_distinct(
            values,
            lambda distinct: mask_names(distinct, keys=keys, domain=domain, length=site.length),
            parsed=r"\p{L}",
        )

    def pools(self, site: Site) -> Mapping[str, str]:
        """Return the digest of the name dictionary."""
        del site
        return {"names": dictionary().digest}


@dataclass(frozen=True)
class FirstName(_Name):
    """Replaces given names."""

    name: ClassVar[str] = "first_name"
    sentence: ClassVar[str] = (
        "Replaces given names, token by token: the same name gets the same fake everywhere."
    )


@dataclass(frozen=True)
class LastName(_Name):
    """Replaces family names."""

    name: ClassVar[str] = "last_name"
    sentence: ClassVar[str] = (
        "Replaces family names, token by token; particles such as `van der` stay."
    )


@dataclass(frozen=True)
class FullName(_Name):
    """Replaces whole names."""

    name: ClassVar[str] = "full_name"
    sentence: ClassVar[str] = (
        "Replaces names of any form, token by token; titles, particles, order and capitals stay."
    )

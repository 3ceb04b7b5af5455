"""Token: a keyed word that stands for the value and says nothing of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from masker.errors import ConfigError
from masker.findings import error
from masker.keys import Keyring, canonical_key, prf
from masker.transformers.base import Masked, Param, Promises, Site, Transformer, Uniqueness

_BITS = 5  # per base32 character
_UNIQUE = 80  # keyed bits from which a column may be unique
_MOST = 51  # base32 characters in one digest
_LEAST = 8  # characters below which tokens collide within a few thousand values


@dataclass(frozen=True)
class Token(Transformer):
    """Replace every value by a keyed word."""

    length: int = 20
    prefix: str = ""

    name: ClassVar[str] = "token"
    sentence: ClassVar[str] = (
        "Replaces every value by a keyed word of lower-case base32: equal values get equal words, "
        "different ones different words."
    )
    params: ClassVar[tuple[Param, ...]] = (
        Param(
            name="length",
            type="integer",
            default=20,
            meaning=f"Characters of the word without the prefix, {_LEAST} to {_MOST}; five keyed "
            f"bits each, {_UNIQUE // _BITS} characters and more count as unique.",
        ),
        Param(
            name="prefix",
            type="text",
            default="",
            meaning="What stands before every word, such as `tok_`.",
        ),
    )
    default_domain: ClassVar[str] = "token"

    def __post_init__(self) -> None:
        """Refuse a length that one digest does not hold."""
        if not _LEAST <= self.length <= _MOST:
            found = error(
                "bad-parameter",
                f"`length` of `token` must lie in {_LEAST}..{_MOST}",
                subject="token.length",
                help=f"{_UNIQUE // _BITS} characters hold the {_UNIQUE} bits that make it unique",
            )
            raise ConfigError.from_findings((found,))

    def promises(self) -> Promises:
        """Return what holds for every output."""
        unique = self.length * _BITS >= _UNIQUE
        return Promises(
            uniqueness=Uniqueness.KEYED if unique else Uniqueness.NONE,
            chance="nil" if unique else "space",
        )

    def apply(
        self, values: pl.Series, *, site: Site, keys: Keyring, others: Mapping[str, pl.Series]
    ) -> Masked:
        """Mask a column."""
        del others
        plain = canonical_key(values, base=site.base, case_insensitive=site.case_insensitive)
        made = prf(plain, keys=keys, domain=site.domain or self.default_domain, purpose="token")
        words = made.base32(self.length)
        return Masked((self.prefix + words if self.prefix else words).alias(values.name))

    def check(self, site: Site) -> tuple[str, ...]:
        """Return what makes it unfit for the column."""
        needed = len(self.prefix) + self.length
        if site.length is None or needed <= site.length:
            return ()
        shortest = len(self.prefix) + _UNIQUE // _BITS
        return (
            f"its words have {needed} characters and the column takes {site.length}"
            + (f"; `length: {_UNIQUE // _BITS}` would fit" if shortest <= site.length else ""),
        )

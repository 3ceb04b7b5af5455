"""Digits and alphanumeric: keyed permutations of a text's own format, one to one.

Punctuation, blanks, letter case and the place of letters among digits are the format: they stay.
The letters of a value, taken together, are permuted among all texts of so many letters, its digits
among all numbers of so many digits (FF1, or a keyed table where the space is small). What holds no
letter and no digit stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from masker.keys import Keyring, weak_space
from masker.transformers.base import Masked, Promises, Site, Transformer, Uniqueness
from masker.transformers.characters import Characters, permuted_digits
from masker.transformers.formats import DIGITS, LETTERS, permuted
from masker.transformers.unparsed import staying, with_permutation


@dataclass(frozen=True)
class Alphanumeric(Transformer):
    """Permute letters among letters and digits among digits."""

    name: ClassVar[str] = "alphanumeric"
    sentence: ClassVar[str] = (
        "Permutes the letters of a value among letters and its digits among digits, one to one; "
        "case, separators and the place of digits stay."
    )
    default_domain: ClassVar[str] = "alphanumeric"

    def promises(self) -> Promises:
        """Return what holds for every output."""
        return _PROMISES

    def apply(
        self, values: pl.Series, *, site: Site, keys: Keyring, others: Mapping[str, pl.Series]
    ) -> Masked:
        """Mask a column."""
        del others
        made, chance = permuted(values, keys=keys, domain=site.domain or self.default_domain)
        return Masked(made, chance=chance)

    def cautions(self, site: Site) -> tuple[tuple[str, str], ...]:
        """Return what a person must accept in writing."""
        return _weak(site, LETTERS)


@dataclass(frozen=True)
class Digits(Transformer):
    """Permute digits and nothing else."""

    name: ClassVar[str] = "digits"
    sentence: ClassVar[str] = (
        "Permutes the digits of a value among all numbers of so many digits, one to one; "
        "everything else stays. A value without digits is permuted as `alphanumeric` does."
    )
    default_domain: ClassVar[str] = "digits"

    def promises(self) -> Promises:
        """Return what holds for every output."""
        return _PROMISES

    def apply(
        self, values: pl.Series, *, site: Site, keys: Keyring, others: Mapping[str, pl.Series]
    ) -> Masked:
        """Mask a column."""
        del others
        domain = site.domain or self.default_domain
        spelled = Characters.bytes_of(values)
        made, counts = permuted_digits(spelled, keys=keys, domain=domain)
        return with_permutation(
            values,
            made,
            parses=_holds_digits,
            parsed=pl.Series(counts > 0),
            keys=keys,
            domain=domain,
            chance=staying(counts[counts > 0]),
        )

    def cautions(self, site: Site) -> tuple[tuple[str, str], ...]:
        """Return what a person must accept in writing."""
        return _weak(site, DIGITS)


def _holds_digits(values: pl.Series) -> pl.Series:
    return values.str.contains("[0-9]")


_PROMISES = Promises(
    keeps_length=True, uniqueness=Uniqueness.INJECTIVE, reversible=True, chance="space"
)


def _weak(site: Site, alphabet: str) -> tuple[tuple[str, str], ...]:
    if site.length is None or not weak_space(alphabet, site.length):
        return ()
    sentence = (
        f"there are fewer than a million values of {site.length} characters: whoever knows some "
        "pairs, or how frequent the values are, can guess the rest"
    )
    return (("weak-space", sentence),)

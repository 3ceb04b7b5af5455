"""Iban: account numbers of the same country, with right check digits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from masker.keys import Keyring
from masker.transformers.base import Masked, Param, Promises, Site, Transformer, Uniqueness
from masker.transformers.bban import NATIONAL, National, bank_of, iban_check, no_bank, pattern
from masker.transformers.card import LIVE, RANGE
from masker.transformers.characters import respelled
from masker.transformers.checks import rechecked
from masker.transformers.formats import permuted
from masker.transformers.scramble import scrambled
from masker.transformers.unparsed import with_permutation, with_scramble

_FORM = r"^[A-Za-z]{2}[0-9]{2}(?:[ -]?[A-Za-z0-9]){11,30}$"
_HEAD = 4  # country and check digits


@dataclass(frozen=True)
class Iban(Transformer):
    """Replace international bank account numbers."""

    range: str = "test"

    name: ClassVar[str] = "iban"
    sentence: ClassVar[str] = (
        "Replaces IBANs by others of the same country, length and grouping with right check "
        "digits; under `range: test` of a bank that does not exist."
    )
    params: ClassVar[tuple[Param, ...]] = (RANGE,)
    default_domain: ClassVar[str] = "iban"

    def promises(self) -> Promises:
        """Return what holds for every output."""
        if self.range == "format":
            return Promises(
                keeps_length=True, uniqueness=Uniqueness.INJECTIVE, reversible=True, chance="space"
            )
        return Promises(keeps_length=True, never_equal=True, chance="space")

    def apply(
        self, values: pl.Series, *, site: Site, keys: Keyring, others: Mapping[str, pl.Series]
    ) -> Masked:
        """Mask a column."""
        del others
        domain = site.domain or self.default_domain
        plain = _plain(values)
        live = self.range == "format"
        made = pl.Series([None], dtype=pl.String).new_from_index(0, len(values))
        chance = 0.0
        for country in _countries(plain):
            rows = (plain.str.head(2) == country).fill_null(value=False).arg_true()
            fresh, more = _masked(plain.gather(rows), country, live=live, keys=keys, domain=domain)
            made = made.scatter(rows, fresh)
            chance += more
        new = respelled(values, made)
        if live:
            return with_permutation(
                values, new, parses=_parses, keys=keys, domain=domain, chance=chance
            )
        return with_scramble(values, new, parsed=plain.is_not_null(), keys=keys, domain=domain)

    def cautions(self, site: Site) -> tuple[tuple[str, str], ...]:
        """Return what a person must accept in writing."""
        del site
        return (LIVE,) if self.range == "format" else ()


def _plain(values: pl.Series) -> pl.Series:
    """Return IBANs without grouping, in upper case; null where the registry knows no such form."""
    formed = values.set(~values.str.contains(_FORM), None)
    plain = formed.str.replace_all("[ -]", "").str.to_uppercase()
    known = pl.Series([False]).new_from_index(0, len(values))
    for country in _countries(plain):
        if form := pattern(country):
            known |= (plain.str.head(2) == country) & plain.str.slice(_HEAD).str.contains(form)
    return plain.set(~known.fill_null(value=False), None)


def _parses(values: pl.Series) -> pl.Series:
    return _plain(values).is_not_null()


def _countries(plain: pl.Series) -> pl.Series:
    """Return the countries that occur, sorted: what is done per country loops over these."""
    return plain.str.head(2).drop_nulls().unique().sort()


def _masked(
    plain: pl.Series, country: str, *, live: bool, keys: Keyring, domain: str
) -> tuple[pl.Series, float]:
    """Mask the IBANs of one country, none null; return also how many stay by chance."""
    national = NATIONAL.get(country)
    bban = plain.str.slice(_HEAD)
    free, checks = _apart(bban, national)
    if live:
        made, chance = permuted(free, keys=keys, domain=domain)
    else:
        made, chance = _of_no_bank(free, country, keys=keys, domain=domain), 0.0
    whole = _together(free, checks, made, national)
    check = rechecked(bban + country, plain.str.slice(2, 2), whole + country, iban_check)
    return country + check + whole, chance


def _apart(bban: pl.Series, national: National | None) -> tuple[pl.Series, pl.Series]:
    """Return the BBAN without its national check, and the check."""
    if national is None:
        return bban, bban.str.head(0)
    rest = bban.str.slice(national.start + national.length)
    return bban.str.head(national.start) + rest, bban.str.slice(national.start, national.length)


def _together(
    old: pl.Series, checks: pl.Series, made: pl.Series, national: National | None
) -> pl.Series:
    """Return the masked BBAN with its national check, as far from right as the old one was."""
    if national is None or not len(made):
        return made
    if national.letter:
        off = checks.str.to_integer(base=36).to_numpy() - 10 - national.check(old)
        letters = pl.Series(list("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
        check = letters.gather((national.check(made) + off) % len(letters))
    else:
        check = rechecked(old, checks, made, national.check)
    return made.str.head(national.start) + check + made.str.slice(national.start)


def _of_no_bank(free: pl.Series, country: str, *, keys: Keyring, domain: str) -> pl.Series:
    """Return keyed account numbers behind a code that is no bank's."""
    first, last = bank_of(country)
    nobody = no_bank(country, free.str.slice(first, last - first))
    account = scrambled(free.str.slice(last), keys=keys, domain=domain, by=free)
    return free.str.head(first) + nobody + account

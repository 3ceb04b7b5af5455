"""Phone: numbers of the same country and shape, that ring nobody where a country reserves some."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
import polars as pl

from masker.keys import Keyring, prf_integers
from masker.transformers import phone_valid
from masker.transformers.base import Masked, Param, Promises, Site, Transformer, Uniqueness
from masker.transformers.card import LIVE
from masker.transformers.cells import (
    POWERS,
    Digits,
    Integers,
    Numbers,
    Parsed,
    decimal,
    of_rows,
    placed,
)
from masker.transformers.characters import permuted_numerals
from masker.transformers.dialling import AMERICAN, National, heads
from masker.transformers.fiction import fictional
from masker.transformers.numbering import RESERVES
from masker.transformers.phone_forms import LEAST, LONGEST, Forms, main, parses
from masker.transformers.unparsed import staying, with_permutation, with_scramble


@dataclass(frozen=True)
class Phone(Transformer):
    """Replace phone numbers."""

    range: str = "fictional"

    name: ClassVar[str] = "phone"
    sentence: ClassVar[str] = (
        "Replaces phone numbers by others of the same country and shape: reserved for fiction "
        "where the country reserves some, else valid ones that may belong to somebody."
    )
    params: ClassVar[tuple[Param, ...]] = (
        Param(
            name="range",
            type="text",
            default="fictional",
            choices=("fictional", "valid", "format"),
            meaning="`fictional`: reserved numbers, many to one, and valid ones for countries that "
            "reserve none; `valid`: numbers that libphonenumber takes; `format`: a permutation of "
            "the digits behind the country code, one to one. All but reserved numbers may "
            "belong to somebody.",
        ),
    )
    default_domain: ClassVar[str] = "phone"

    def promises(self) -> Promises:
        """Return what holds for every output."""
        if self.range == "format":
            return Promises(
                keeps_length=True, uniqueness=Uniqueness.INJECTIVE, reversible=True, chance="space"
            )
        return Promises(never_equal=True, chance="pool" if self.range == "fictional" else "space")

    def apply(
        self, values: pl.Series, *, site: Site, keys: Keyring, others: Mapping[str, pl.Series]
    ) -> Masked:
        """Mask a column."""
        del others
        domain = site.domain or self.default_domain
        source = _Source.of(values, region_of(site))
        if self.range == "format":
            digits, chance = _permuted(source, keys=keys, domain=domain)
            whole = source.parsed.written(digits, height=len(values))
            return with_permutation(
                values,
                whole,
                parses=parses,
                parsed=whole.is_not_null(),
                keys=keys,
                domain=domain,
                chance=chance,
            )
        fiction = self.range == "fictional"
        made = _replaced(source, fiction=fiction, length=site.length, keys=keys, domain=domain)
        whole = placed(made, source.parsed.rows, height=len(values))
        return with_scramble(values, whole, parsed=whole.is_not_null(), keys=keys, domain=domain)

    def cautions(self, site: Site) -> tuple[tuple[str, str], ...]:
        """Return what a person must accept in writing."""
        if self.range != "fictional":
            code, sentence = LIVE
            return ((code, sentence.replace("format", self.range)),)
        # Where no countries are named, numbers without a country code are of the locale's.
        named = site.countries or tuple(filter(None, [region_of(site)]))
        without = [country for country in named if country not in RESERVES]
        if not without:
            return ()
        sentence = (
            f"no numbers are reserved for fiction in {', '.join(without)}: those become valid "
            "numbers that may belong to somebody"
        )
        return ((LIVE[0], sentence),)


def region_of(site: Site) -> str | None:
    """Return the country whose numbers are written without country code: ISO 3166, or None."""
    if site.countries:
        return site.countries[0]
    _, _, territory = site.locale.partition("_")
    return territory or None


@dataclass(frozen=True, slots=True)
class _Source:
    """The telephone numbers of a column, those that parse.

    The digits of `parsed` are all of theirs, an extension's behind those of the number itself.
    """

    parsed: Parsed
    values: pl.Series
    forms: Forms
    region: str | None

    @classmethod
    def of(cls, values: pl.Series, region: str | None) -> Self:
        """Read a column."""
        parsed = Parsed.of(values, parses, least=LEAST, most=LONGEST)
        return cls(parsed, of_rows(values, parsed.rows), Forms.of(parsed.shapes), region)


def _permuted(source: _Source, *, keys: Keyring, domain: str) -> tuple[Digits, float]:
    """Permute the digits behind the head; a head never changes, so that no two numbers meet.

    Returned beside the digits: how many numbers are expected to come out as they went in.
    """
    plus, old = source.forms.plus, source.parsed.digits
    lengths, _ = heads(old, plus=plus, region=source.region)
    free, counts = old.between(lengths, old.counts), old.counts - lengths
    matrix = old.matrix.copy()
    astray = np.arange(len(counts))
    while len(astray):
        left, which = matrix[astray], free[astray]
        left[which] = permuted_numerals(
            left[which], counts[astray], keys=keys, domain=domain, tweak=b"phone"
        )
        matrix[astray] = left
        moved = Digits(left, old.counts[astray])
        found, _ = heads(moved, plus=plus[astray], region=source.region)
        astray = astray[found != lengths[astray]]
    return Digits(matrix, old.counts), staying(counts)


def _replaced(
    source: _Source, *, fiction: bool, length: int | None, keys: Keyring, domain: str
) -> pl.Series:
    """Return reserved or valid numbers in the shape of the source, their extensions drawn.

    Null where there is no such number, and where it takes more than `length` characters.
    """
    own = Digits(source.parsed.digits.matrix, source.forms.counts)
    number, size = own.number(), own.counts.copy()
    made, made_size, there = number.copy(), size.copy(), np.zeros(len(number), dtype=np.bool_)
    if fiction:
        national = National.of(own, plus=source.forms.plus, region=source.region)
        rows = np.flatnonzero(national.plan >= 0)
        made[rows], made_size[rows] = _fictional(national.at(rows), keys=keys, domain=domain)
        there[rows] = True
    left = np.flatnonzero(~there)
    if len(left):
        valid = _valid(main(source.values.gather(left)), source.region, keys=keys, domain=domain)
        made[left] = valid.fill_null("0").cast(pl.UInt64).to_numpy()
        there[left] = valid.is_not_null().to_numpy()
    digits = decimal(made, made_size)
    digits = _extended(digits, source, number, keys=keys, domain=domain)
    rows = np.flatnonzero(there)
    forms = source.forms.at(rows)
    fitted = forms.written(digits.at(rows), counts=made_size[rows], length=length)
    return placed(fitted, rows, height=len(number))


def _fictional(own: National, *, keys: Keyring, domain: str) -> tuple[Numbers, Integers]:
    """Return the digits to dial for a reserved number, and how many they are."""
    # The same number has the same fake, with or without its country code.
    subject = np.stack([(own.code * 100 + own.size).astype(np.uint64), own.number], axis=1)
    drawn = prf_integers(subject, keys=keys, domain=domain, purpose="phone")
    number, size = fictional(drawn[:, 0], own)
    return own.head * POWERS[size] + number, own.start + size


def _extended(
    digits: Digits, source: _Source, number: Numbers, *, keys: Keyring, domain: str
) -> Digits:
    """Return numbers with drawn extensions behind them; `number` is the source's own."""
    rows = np.flatnonzero(source.forms.extra)
    if not len(rows):
        return digits
    forms, every = source.forms.at(rows), source.parsed.digits.at(rows)
    counts, size = forms.counts, forms.extra
    places = np.arange(size.max())
    behind = np.minimum(counts[:, None] + places, every.matrix.shape[1] - 1)
    own = Digits(np.take_along_axis(every.matrix, behind, axis=1), size)
    subject = np.stack([number[rows], own.number()], axis=1) * np.uint64(32)
    subject += np.stack([counts, size], axis=1).astype(np.uint64)
    drawn = prf_integers(subject, keys=keys, domain=domain, purpose="extension")[:, 0]
    matrix = np.pad(digits.matrix, ((0, 0), (0, len(places))))
    at = digits.counts[rows][:, None] + places
    matrix[rows[:, None], at] = decimal(drawn % POWERS[size], size).matrix
    return Digits(matrix, digits.counts + source.forms.extra)


def _valid(numbers: pl.Series, region: str | None, *, keys: Keyring, domain: str) -> pl.Series:
    """Return the digits of valid numbers, as many as theirs; null where there is no valid one."""
    digits = numbers.str.replace_all("[^0-9]", "")
    if region in AMERICAN:
        numbers = numbers.str.replace(r"^\s*011", "+")
    known = phone_valid.read(numbers, region)
    new = phone_valid.replaced(known["code"], known["national"], keys=keys, domain=domain)
    length = known["national"].str.len_chars()
    kept = digits.str.len_chars() - length
    frame = pl.DataFrame({"digits": digits, "kept": kept, "own": known["national"], "new": new})
    ends = pl.col("digits").str.ends_with(pl.col("own"))
    made = pl.col("digits").str.head(pl.col("kept")) + pl.col("new")
    return frame.select_seq(pl.when(ends).then(made)).to_series()

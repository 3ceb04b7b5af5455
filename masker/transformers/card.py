"""Card: payment card numbers of the same scheme and length, with a right check digit."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import polars as pl

from masker.keys import Keyring, prf_integers
from masker.transformers.base import Masked, Param, Promises, Site, Transformer, Uniqueness
from masker.transformers.cells import POWERS, Digits, Integers, Numbers, Parsed, decimal
from masker.transformers.characters import permuted_numerals
from masker.transformers.checks import luhn_of
from masker.transformers.unparsed import staying, with_permutation, with_scramble

LIVE = (
    "live-range",
    "numbers of `range: format` may belong to somebody: they stand in the ranges that are in use",
)
RANGE = Param(
    name="range",
    type="text",
    default="test",
    choices=("test", "format"),
    meaning="`test`: from ranges that are nobody's, many to one; `format`: a permutation of the "
    "format, one to one, whose numbers may belong to somebody.",
)

_FORM = r"^[0-9](?:[ -]?[0-9]){11,18}$"

_LEAST, _LONGEST = 12, 37  # bytes: digits, and a separator between any two
_PREFIX = 8  # digits

# What of the number tells the scheme and stays under `range: format`. Prefix-free and complete,
# so that no number of one kind becomes one of another (ISO/IEC 7812-1, the schemes' own ranges).
_SCHEME = r"^(4|3[4-9]|5[1-5]|65|[0-9]{4})"

# First eight digits (the issuer's part since ISO/IEC 7812-1:2017) of numbers that Stripe, PayPal
# and its Braintree publish on their pages "Testing"; which of them which, in docs/masking.md.
TEST_PREFIXES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"^4", ("41111111", "42424242", "40128888", "40000566")),
    (r"^(5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)", ("55555555", "51051051", "22230031")),
    (r"^3[47]", ("37828224", "37144963")),
    (r"^(6011|64[4-9]|65)", ("60111111", "60110009")),
    (r"^(30[0-5]|36|38|39)", ("30569309", "38520000", "36227206")),
    (r"^35(2[89]|[3-8])", ("35301113", "35660020")),
    (r"^62", ("62000000",)),
    (r"^(50|5[6-9]|6)", ("63040000",)),
    # ISO/IEC 7812-1: behind a first digit 9 stands a country; ISO 3166-1 gives 999 to none.
    (r"^", ("99999999",)),
)


def promised(range: str) -> Promises:
    """Return what holds for every output of a number masked under `RANGE`."""
    if range == "format":
        return Promises(
            keeps_length=True, uniqueness=Uniqueness.INJECTIVE, reversible=True, chance="space"
        )
    return Promises(keeps_length=True, never_equal=True, chance="space")


@dataclass(frozen=True)
class Card(Transformer):
    """Replace payment card numbers."""

    range: str = "test"

    name: ClassVar[str] = "card"
    sentence: ClassVar[str] = (
        "Replaces payment card numbers by others of the same scheme, length and grouping with a "
        "right Luhn digit; a wrong one stays wrong under `range: format`."
    )
    params: ClassVar[tuple[Param, ...]] = (RANGE,)
    default_domain: ClassVar[str] = "card"

    def promises(self) -> Promises:
        """Return what holds for every output."""
        return promised(self.range)

    def apply(
        self, values: pl.Series, *, site: Site, keys: Keyring, others: Mapping[str, pl.Series]
    ) -> Masked:
        """Mask a column."""
        del others
        domain = site.domain or self.default_domain
        cards = Parsed.of(values, _parses, least=_LEAST, most=_LONGEST)
        if self.range == "format":
            digits, chance = _permuted(cards.digits, keys=keys, domain=domain)
            made = cards.written(digits, height=len(values))
            return with_permutation(
                values,
                made,
                parses=_parses,
                parsed=made.is_not_null(),
                keys=keys,
                domain=domain,
                chance=chance,
            )
        digits = _tested(cards.digits, keys=keys, domain=domain)
        made = cards.written(digits, height=len(values))
        return with_scramble(values, made, parsed=made.is_not_null(), keys=keys, domain=domain)

    def cautions(self, site: Site) -> tuple[tuple[str, str], ...]:
        """Return what a person must accept in writing."""
        del site
        return (LIVE,) if self.range == "format" else ()


def _parses(values: pl.Series) -> pl.Series:
    return values.str.contains(_FORM)


def _permuted(old: Digits, *, keys: Keyring, domain: str) -> tuple[Digits, float]:
    """Permute what stands between scheme and check digit; a wrong check digit stays as wrong.

    Returned beside the digits: how many numbers are expected to come out as they went in.
    """
    last = old.counts - 1
    start = _scheme_lengths()[old.leading(4)]
    free, matrix = old.between(start, last), old.matrix.copy()
    matrix[free] = permuted_numerals(
        matrix[free], last - start, keys=keys, domain=domain, tweak=b"card"
    )
    every = np.arange(len(last))
    check = matrix[every, last]
    right, now = (luhn_of(Digits(digits, last).number()) for digits in (old.matrix, matrix))
    matrix[every, last] = (check + 10 + now - right) % 10
    return Digits(matrix, old.counts), staying(last - start)


def _tested(old: Digits, *, keys: Keyring, domain: str) -> Digits:
    """Return numbers behind published test prefixes, never the number itself."""
    number, counts = old.number(), old.counts
    subject = np.stack([counts.astype(np.uint64), number], axis=1)
    drawn = prf_integers(subject, keys=keys, domain=domain, purpose="card")
    first, size = _test_prefixes()[_schemes()[old.leading(4)]].T
    chosen = first + (drawn[:, 0] % size.astype(np.uint64)).astype(np.int64)
    room = POWERS[counts - 1 - _PREFIX]
    body = _prefixes()[chosen] * room + drawn[:, 1] % room
    # A body that is the source's own takes the next of its ten.
    same = body == number // np.uint64(10)
    last = body % np.uint64(10)
    body = np.where(same, body - last + (last + np.uint64(1)) % np.uint64(10), body)
    return decimal(body * np.uint64(10) + luhn_of(body), counts)


@functools.cache
def _scheme_lengths() -> Integers:
    """Return by the first four digits how many of them tell the scheme."""
    return np.array([4 - len(re.sub(_SCHEME, "", f"{n:04d}")) for n in range(10_000)])


@functools.cache
def _schemes() -> Integers:
    """Return by the first four digits which line of `TEST_PREFIXES` they fall in."""
    forms = [re.compile(form) for form, _ in TEST_PREFIXES]
    return np.array(
        [next(k for k, form in enumerate(forms) if form.match(f"{n:04d}")) for n in range(10_000)]
    )


@functools.cache
def _test_prefixes() -> Integers:
    """Return by line where its prefixes begin in `_prefixes`, and how many they are."""
    sizes = np.array([len(prefixes) for _, prefixes in TEST_PREFIXES])
    return np.stack([np.cumsum(sizes) - sizes, sizes], axis=1)


@functools.cache
def _prefixes() -> Numbers:
    listed = [int(prefix) for _, prefixes in TEST_PREFIXES for prefix in prefixes]
    return np.array(listed, dtype=np.uint64)

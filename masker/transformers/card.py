"""Card: payment card numbers of the same scheme and length, with a right check digit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from masker.keys import Keyring, permute, pick, prf
from masker.transformers.base import Masked, Param, Promises, Site, Transformer, Uniqueness
from masker.transformers.characters import refilled
from masker.transformers.checks import luhn, numerals, rechecked
from masker.transformers.formats import DIGITS
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

# What of the number tells the scheme and stays under `range: format`. Prefix-free and complete,
# so that no number of one kind becomes one of another (ISO/IEC 7812-1, the schemes' own ranges).
_SCHEME = r"^(4|3[4-9]|5[1-5]|65|[0-9]{4})"

# First eight digits (the issuer's part since ISO/IEC 7812-1:2017) of numbers that Stripe, PayPal
# and its Braintree publish on their pages "Testing"; which of them which, in docs/masking.md.
_TEST: tuple[tuple[str, tuple[str, ...]], ...] = (
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
        parsed = _parses(values)
        old = values.set(~parsed, None).str.replace_all("[ -]", "")
        if self.range == "format":
            body = old.str.head(-1).str.replace(_SCHEME, "")
            made = refilled(values, _permuted(old, keys=keys, domain=domain))
            return with_permutation(
                values,
                made,
                parses=_parses,
                keys=keys,
                domain=domain,
                chance=staying(body),
            )
        made = refilled(values, _tested(old, keys=keys, domain=domain))
        return with_scramble(values, made, parsed=parsed, keys=keys, domain=domain)

    def cautions(self, site: Site) -> tuple[tuple[str, str], ...]:
        """Return what a person must accept in writing."""
        del site
        return (LIVE,) if self.range == "format" else ()


def _parses(values: pl.Series) -> pl.Series:
    return values.str.contains(_FORM)


def _permuted(old: pl.Series, *, keys: Keyring, domain: str) -> pl.Series:
    """Permute what stands between scheme and check digit; null stays null."""
    there = old.drop_nulls()
    scheme = there.str.extract(_SCHEME)
    body = there.str.head(-1).str.replace(_SCHEME, "")
    mixed = scheme + permute(body, alphabet=DIGITS, keys=keys, domain=domain, tweak=b"card")
    check = rechecked(there.str.head(-1), there.str.tail(1), mixed, luhn)
    return old.clone().scatter(old.is_not_null().arg_true(), mixed + check)


def _tested(old: pl.Series, *, keys: Keyring, domain: str) -> pl.Series:
    """Return numbers behind published test prefixes, never the number itself; null stays null."""
    words = prf(old, keys=keys, domain=domain, purpose="card").words
    prefix = pl.Series(["99999999"], dtype=pl.String).new_from_index(0, len(old))
    for scheme, prefixes in reversed(_TEST):
        rows = old.str.contains(scheme).arg_true()
        chosen = pl.Series(prefixes).gather(pick(words[rows.to_numpy(), 0], len(prefixes)))
        prefix = prefix.scatter(rows, chosen)
    frame = pl.DataFrame({"old": old, "prefix": prefix, "serial": numerals(words[:, 1:], 10)})
    room = pl.col("old").str.len_chars() - 9
    frame = frame.drop_nulls().with_columns(body=pl.col("prefix") + pl.col("serial").str.head(room))
    frame = frame.with_columns(
        body=pl.when(pl.col("body") == pl.col("old").str.head(-1))
        .then(pl.col("body").str.head(-1) + _next(pl.col("body").str.tail(1)))
        .otherwise("body")
    )
    made = frame["body"] + pl.Series(luhn(frame["body"])).cast(pl.String)
    return old.clone().scatter(old.is_not_null().arg_true(), made)


def _next(digit: pl.Expr) -> pl.Expr:
    return ((digit.cast(pl.Int64) + 1) % 10).cast(pl.String)

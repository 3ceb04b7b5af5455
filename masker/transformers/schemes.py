"""The national numbers that are known: their form, what of it is free, and their check digits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from masker.keys import Keyring, permute, pick, prf
from masker.transformers.checks import (
    Check,
    Integers,
    digit_matrix,
    luhn,
    modulo,
    numerals,
    rechecked,
    weighted,
)
from masker.transformers.formats import DIGITS, LETTERS


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """A national number.

    `form` is what it looks like in upper case without separators: `kept` characters, `body` free
    digits, then its check if it has one (`checked`, as digits or as one letter), or characters
    that stay. `test` lists starts that nobody is given; `given` tells which numbers, without
    their check, may be given at all.
    """

    form: str
    kept: int = 0
    body: int
    checked: Check | None = None
    letter: bool = False
    test: tuple[str, ...] = ()
    given: Callable[[pl.Series], pl.Series] | None = None

    def permuted(self, plain: pl.Series, *, keys: Keyring, domain: str) -> pl.Series:
        """Permute the free digits one to one, right numbers to right ones; none null."""
        old, tail = self._cut(plain)
        head, body = old.str.head(self.kept), old.str.slice(self.kept)
        tweak = self.form.encode()
        new = head + permute(body, alphabet=DIGITS, keys=keys, domain=domain, tweak=tweak)
        if self.given is not None:
            # Cycle walking keeps numbers that may be given among themselves, and the others too.
            wanted = self.given(old)
            astray = (self.given(new) != wanted).arg_true()
            while len(astray):
                body = new.gather(astray).str.slice(self.kept)
                step = permute(body, alphabet=DIGITS, keys=keys, domain=domain, tweak=tweak)
                new = new.scatter(astray, head.gather(astray) + step)
                astray = astray.filter(self.given(new.gather(astray)) != wanted.gather(astray))
        return new + self._tail(old, tail, new)

    def tested(self, plain: pl.Series, *, keys: Keyring, domain: str) -> pl.Series:
        """Return keyed numbers behind a start that nobody is given, never the number itself."""
        words = prf(plain, keys=keys, domain=domain, purpose=f"national id {self.form}").words
        start = pl.Series(self.test, dtype=pl.String).gather(pick(words[:, 0], len(self.test)))
        old, tail = self._cut(plain)
        new = start + numerals(words[:, 1:], self.kept + self.body - len(self.test[0]))
        unfit = self._unfit(new, old, tail)
        while len(unfit):
            left = new.gather(unfit)
            last = ((left.str.tail(1).cast(pl.Int64) + 1) % 10).cast(pl.String)
            new = new.scatter(unfit, left.str.head(-1) + last)
            unfit = self._unfit(new, old, tail)
        return new + self._tail(old, tail, new)

    def _unfit(self, new: pl.Series, old: pl.Series, tail: pl.Series) -> pl.Series:
        """Return the rows of numbers that are their own source, or whose check does not exist."""
        unfit = new == old
        if self.checked is not None and not self.letter:
            widths = tail.str.len_chars().to_numpy()
            unfit |= pl.Series(self.checked(new) >= 10 ** widths.astype(np.int64))
        return unfit.arg_true()

    def _cut(self, plain: pl.Series) -> tuple[pl.Series, pl.Series]:
        end = self.kept + self.body
        return plain.str.head(end), plain.str.slice(end)

    def _tail(self, old: pl.Series, tail: pl.Series, new: pl.Series) -> pl.Series:
        """Return the end of the new number, as far from right as the old one's."""
        if self.checked is None:
            return tail
        if not self.letter:
            return rechecked(old, tail, new, self.checked)
        off = tail.str.to_integer(base=36).to_numpy() - 10 - self.checked(old)
        letters = pl.Series(list(LETTERS.upper()))
        return letters.gather((self.checked(new) + off) % len(letters))


def _us_given(digits: pl.Series) -> pl.Series:
    # SSA, "Social Security Number Randomization Frequently Asked Questions": no area 000, 666 or
    # 900-999, no group 00, no serial 0000.
    return ~digits.str.contains("^(?:000|666|9)|^...00|0000$")


def _sin_given(digits: pl.Series) -> pl.Series:
    # No SIN begins with 0 or 8. Neither start is nobody's: the Canada Revenue Agency's individual
    # tax numbers begin with 0, business numbers with 8.
    return ~digits.str.contains("^[08]")


def _eleven(weights: tuple[int, ...]) -> Check:
    """Return the check modulo 11 whose weighted sum with it is 0; 10 where there is none."""

    def check(digits: pl.Series) -> Integers:
        return (11 - weighted(digits, weights, 11)) % 11

    return check


_nhs = _eleven((10, 9, 8, 7, 6, 5, 4, 3, 2))


def _nhs_given(digits: pl.Series) -> pl.Series:
    return pl.Series(_nhs(digits) < 10)  # noqa: PLR2004 - one digit


def _bsn(digits: pl.Series) -> Integers:
    return weighted(digits, (9, 8, 7, 6, 5, 4, 3, 2), 11)


def _bsn_given(digits: pl.Series) -> pl.Series:
    return pl.Series(_bsn(digits) < 10)  # noqa: PLR2004 - one digit


def _idnr(digits: pl.Series) -> Integers:
    """Return the check digit of ISO/IEC 7064 MOD 11,10."""
    rest = np.full(len(digits), 10, dtype=np.int64)
    for column in digit_matrix(digits, 10).T:
        total = (rest + column) % 10
        rest = np.where(total == 0, 10, total) * 2 % 11
    check: Integers = (11 - rest) % 10
    return check


def _idnr_given(digits: pl.Series) -> pl.Series:
    # Of ten digits, none 0 in front, exactly one occurs more than once: twice or three times.
    matrix = digit_matrix(digits, 10)
    counts = (matrix[:, :, None] == np.arange(10)).sum(axis=1)
    most = counts.max(axis=1)
    once = (counts > 1).sum(axis=1) == 1
    return pl.Series(once & (most <= 3) & (matrix[:, 0] > 0))  # noqa: PLR2004


def _dni(text: pl.Series) -> Integers:
    """Return the place in A-Z of the control letter; the X, Y, Z of a NIE count as 0, 1, 2."""
    letters = "TRWAGMYFPDXBNJZSQVHLCKE"
    places = np.array([ord(letter) - ord("A") for letter in letters])
    digits = text.str.replace_many(["X", "Y", "Z"], ["0", "1", "2"])
    return places[modulo(digits, len(letters))]


def _ean(digits: pl.Series) -> Integers:
    check: Integers = -weighted(digits, (1, 3) * 6, 10) % 10
    return check


def _cpf(digits: pl.Series) -> Integers:
    first = _eleven((10, 9, 8, 7, 6, 5, 4, 3, 2))(digits) % 10
    longer = digits + pl.Series(first).cast(pl.String)
    check: Integers = first * 10 + _eleven((11, 10, 9, 8, 7, 6, 5, 4, 3, 2))(longer) % 10
    return check


SCHEMES: Mapping[str, Scheme] = {
    "us_ssn": Scheme(form="^[0-9]{9}$", body=9, test=("000", "666"), given=_us_given),
    "ca_sin": Scheme(form="^[0-9]{9}$", body=8, checked=luhn, given=_sin_given),
    # HMRC, National Insurance Manual NIM39110: Q stands in no prefix.
    "gb_nino": Scheme(form="^[A-Z]{2}[0-9]{6}[A-D]$", kept=2, body=6, test=("QQ",)),
    # NHS England: 999 000 0000 to 999 999 9999 pass the check and are never issued.
    "gb_nhs": Scheme(form="^[0-9]{10}$", body=9, checked=_nhs, test=("999",), given=_nhs_given),
    "de_idnr": Scheme(form="^[0-9]{11}$", body=10, checked=_idnr, given=_idnr_given),
    "nl_bsn": Scheme(form="^[0-9]{9}$", body=8, checked=_bsn, given=_bsn_given),
    "es_dni": Scheme(form="^[0-9]{8}[A-Z]$", body=8, checked=_dni, letter=True),
    "es_nie": Scheme(form="^[XYZ][0-9]{7}[A-Z]$", kept=1, body=7, checked=_dni, letter=True),
    "ch_ahv": Scheme(form="^756[0-9]{10}$", kept=3, body=9, checked=_ean),
    "br_cpf": Scheme(form="^[0-9]{11}$", body=9, checked=_cpf),
}

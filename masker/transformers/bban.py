"""The national part of an IBAN: its structure by country, and its own check digits where known."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from masker.transformers.cells import Bytes, Flags
from masker.transformers.characters import code_points
from masker.transformers.checks import Check, Integers, modulo, weighted

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ZERO, _NINE = np.uint8(ord("0")), np.uint8(ord("9"))
_TEN_IS_A = np.uint8(ord("A") - 10)
_MODULUS = np.uint64(97)


@dataclass(frozen=True, slots=True)
class National:
    """A national check: where it stands in the BBAN, what it must be, from which alphabet."""

    start: int
    length: int
    check: Check
    letter: bool = False


@functools.cache
def groups(country: str) -> tuple[tuple[int, str], ...]:
    """Return the parts of a country's BBAN, (length, n | a | c) each; empty if it has no IBANs.

    From the SWIFT IBAN registry, as python-stdnum carries it.
    """
    from stdnum import numdb  # noqa: PLC0415 - the registry loads only when IBANs are masked

    _, properties = numdb.get("iban").info(country)[0]
    listed = re.findall(r"(\d+)!([nac])", properties.get("bban", ""))
    return tuple((int(size), kind) for size, kind in listed)


def known(symbols: Bytes, country: str) -> Flags:
    """Tell which BBANs, rows of upper-case ASCII of one length, have their country's structure."""
    listed = groups(country)
    if sum(size for size, _ in listed) != symbols.shape[1]:
        return np.zeros(len(symbols), dtype=np.bool_)
    kinds = np.array([kind for size, kind in listed for _ in range(size)])
    digit = symbols <= _NINE
    wrong = (digit & (kinds == "a")) | (~digit & (kinds == "n"))
    # Most often none is wrong, and that is told at once.
    fits: Flags = ~wrong.any(axis=1) if wrong.any() else np.ones(len(symbols), dtype=np.bool_)
    return fits


def bank_of(country: str) -> tuple[int, int]:
    """Return where the bank's code stands in a BBAN without its national check."""
    listed = groups(country)
    return 0, listed[1][0] if country in _LEADING_CHECK else listed[0][0]


def no_bank(country: str, code: Bytes) -> Bytes:
    """Return codes of the same form as those of a country's banks that no bank has."""
    if country in _NO_BANK:
        return np.frombuffer(_NO_BANK[country].encode(), dtype=np.uint8)
    return np.where(code <= _NINE, np.uint8(ord("0")), np.uint8(ord("X")))


def iban_check(bban: Bytes, country: str) -> Integers:
    """Return the check number of BBANs (ISO 13616: 98 - BBAN, country and 00 modulo 97).

    Letters count as two digits, A = 10 ... Z = 35.
    """
    rest = np.zeros(len(bban), dtype=np.uint64)
    for place, symbols in enumerate(np.ascontiguousarray(bban.T)):
        if symbols.max(initial=_ZERO) <= _NINE:
            rest *= np.uint64(10)
            rest += symbols - _ZERO
        else:
            digit = symbols <= _NINE
            rest *= np.where(digit, np.uint64(10), np.uint64(100))
            rest += np.where(digit, symbols - _ZERO, symbols - _TEN_IS_A)
        # 96 followed by eight letters is below 10^18.
        if place % 8 == 7:  # noqa: PLR2004
            rest -= rest // _MODULUS * _MODULUS
    first, second = (ord(letter) - int(_TEN_IS_A) for letter in country)
    rest = (rest - rest // _MODULUS * _MODULUS) * np.uint64(10**6)
    rest += np.uint64(10**4 * first + 10**2 * second)
    return 98 - (rest - rest // _MODULUS * _MODULUS).astype(np.int64)


def _belgian(digits: pl.Series) -> Integers:
    rest = modulo(digits, 97)
    return np.where(rest == 0, 97, rest)


def _french(text: pl.Series) -> Integers:
    # RIB key: letters count as the digits of their column on a telephone of the time.
    digits = text.str.replace_many(list(_LETTERS), list("12345678912345678923456789"))
    return 97 - modulo(digits + "00", 97)


def _iso_7064(digits: pl.Series) -> Integers:
    return 98 - modulo(digits + "00", 97)


def _spanish(digits: pl.Series) -> Integers:
    weights = (1, 2, 4, 8, 5, 10, 9, 7, 3, 6)
    turned = np.array([0, 1, 9, 8, 7, 6, 5, 4, 3, 2, 1])  # 11 - rest; 11 is written 0 and 10 as 1
    first = turned[weighted(digits.str.head(8).str.zfill(10), weights, 11)]
    check: Integers = first * 10 + turned[weighted(digits.str.tail(10), weights, 11)]
    return check


# Values of characters in odd places of the Italian control letter (CIN), digits then letters.
_ODD = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21)
_ODD_LETTERS = (*_ODD, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)


def _italian(text: pl.Series) -> Integers:
    points = code_points(text).astype(np.int64).reshape(len(text), -1)
    plain = np.where(points >= ord("A"), points - ord("A"), points - ord("0"))
    odd = np.array(_ODD_LETTERS)[plain]
    total: Integers = (odd[:, ::2].sum(axis=1) + plain[:, 1::2].sum(axis=1)) % 26
    return total


# Zeros are a bank's where codes are given from 0: 000 is bpost's (National Bank of Belgium, list of
# bank identification codes: none from 985 on), 00 was TBB pank's (Estonian Banking Association).
_NO_BANK: Mapping[str, str] = {"BE": "999", "EE": "66"}
_LEADING_CHECK = frozenset({"IT", "SM"})
NATIONAL: Mapping[str, National] = {
    "BE": National(10, 2, _belgian),
    "ES": National(8, 2, _spanish),
    "FR": National(21, 2, _french),
    "MC": National(21, 2, _french),
    "IT": National(0, 1, _italian, letter=True),
    "SM": National(0, 1, _italian, letter=True),
    "PT": National(19, 2, _iso_7064),
    "SI": National(13, 2, _iso_7064),
    "BA": National(14, 2, _iso_7064),
    "ME": National(16, 2, _iso_7064),
    "MK": National(13, 2, _iso_7064),
    "RS": National(16, 2, _iso_7064),
}

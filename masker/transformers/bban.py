"""The national part of an IBAN: its structure by country, and its own check digits where known."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from masker.transformers.characters import code_points
from masker.transformers.checks import Check, Integers, modulo, weighted

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_NUMBERED = [str(number) for number in range(10, 36)]  # A = 10 ... Z = 35 (ISO 13616)


@dataclass(frozen=True, slots=True)
class Structure:
    """How a country's BBAN is built: a pattern, its length, and the span of the bank's code."""

    pattern: str
    length: int
    bank: tuple[int, int]


@dataclass(frozen=True, slots=True)
class National:
    """A national check: where it stands in the BBAN, what it must be, from which alphabet."""

    start: int
    length: int
    check: Check
    letter: bool = False


@functools.cache
def structure(country: str) -> Structure | None:
    """Return the structure of a country's BBAN (SWIFT IBAN registry); None if it has none."""
    from stdnum import numdb  # noqa: PLC0415 - the registry loads only when IBANs are masked

    found = numdb.get("iban").info(country)
    if not found[0][1]:
        return None
    groups = [(int(size), kind) for size, kind in re.findall(r"(\d+)!([nac])", found[0][1]["bban"])]
    classes = {"n": "[0-9]", "a": "[A-Z]", "c": "[0-9A-Z]"}
    pattern = "".join(f"{classes[kind]}{{{size}}}" for size, kind in groups)
    first = groups[0][0] if country in _LEADING_CHECK else 0
    bank = groups[1][0] if country in _LEADING_CHECK else groups[0][0]
    return Structure(f"^{pattern}$", sum(size for size, _ in groups), (first, first + bank))


def iban_check(text: pl.Series) -> Integers:
    """Return the check number of `BBAN + country` (ISO 13616: 98 - text00 modulo 97)."""
    numbers = text.str.replace_many(list(_LETTERS), _NUMBERED) + "00"
    return 98 - modulo(numbers, 97)


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

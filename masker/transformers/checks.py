"""Check digits over whole columns: what the last digits of a number must be, given the others.

A transformer keeps the distance between the check digits that stand there and those that should,
so that a right number stays right, a wrong one stays wrong, and different numbers stay different.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import polars as pl

from masker.transformers.characters import code_points

Integers = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.uint64]
Check = Callable[[pl.Series], Integers]  # digits of a number without its check -> the check

_MOST = 19  # digits of a 64-bit number
_MYRIAD = np.uint64(10_000)
_CHECKS = (-np.arange(256) % 10).astype(np.uint64)  # what makes a sum a multiple of ten


def digit_matrix(digits: pl.Series, width: int) -> Integers:
    """Return digits, none null, as a matrix (rows, width) of numbers 0-9, right-aligned."""
    padded = digits.str.zfill(width)
    return (code_points(padded).astype(np.int64) - ord("0")).reshape(-1, width)


def luhn(digits: pl.Series) -> Integers:
    """Return the Luhn check digit of each row (ISO/IEC 7812-1, annex B); up to 32 digits."""
    matrix = digit_matrix(digits, 32)
    doubled = matrix[:, ::-1][:, ::2] * 2
    total = (doubled // 10 + doubled % 10).sum(axis=1) + matrix[:, ::-1][:, 1::2].sum(axis=1)
    check: Integers = -total % 10
    return check


def luhn_of(numbers: Numbers) -> Numbers:
    """Return the Luhn check digit of each number below 10^19, as `luhn` does of its digits."""
    total = np.zeros(len(numbers), dtype=np.uint8)
    left = numbers
    for _ in range(-(-_MOST // 4)):
        rest = left // _MYRIAD
        total += _luhn_sums()[left - rest * _MYRIAD]
        left = rest
    check: Numbers = _CHECKS[total]
    return check


@functools.cache
def _luhn_sums() -> npt.NDArray[np.uint8]:
    """Return for each number below 10,000 the sum of its digits, the last and third last doubled.

    A digit doubled above nine counts as the sum of its two digits.
    """
    numbers = np.arange(int(_MYRIAD))
    digits = [numbers // power % 10 for power in (1, 10, 100, 1000)]
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[::2]]  # noqa: PLR2004 - 2 * 5 is 10
    return sum([*doubled, *digits[1::2]], np.zeros_like(numbers)).astype(np.uint8)


def weighted(digits: pl.Series, weights: tuple[int, ...], modulus: int) -> Integers:
    """Return the sum of digit times weight, left to right, modulo `modulus`."""
    total: Integers = digit_matrix(digits, len(weights)) @ np.array(weights) % modulus
    return total


def modulo(digits: pl.Series, modulus: int) -> Integers:
    """Return numbers of any length modulo `modulus` (below 10^9), digit by digit as columns."""
    if not len(digits):
        return np.empty(0, dtype=np.int64)
    width = int(digits.str.len_chars().to_numpy().max())
    rest = np.zeros(len(digits), dtype=np.int64)
    for column in digit_matrix(digits, width).T:
        rest = (rest * 10 + column) % modulus
    return rest


def rechecked(old: pl.Series, checks: pl.Series, new: pl.Series, check: Check) -> pl.Series:
    """Return the check digits of `new`, as far from right as `checks` are from right for `old`.

    `old` and `new` are digits without their check, `checks` the check digits that stand in the
    source, all of one length; no nulls.
    """
    if not len(checks):
        return checks
    width = int(checks.str.len_chars().to_numpy().max())
    off = checks.cast(pl.Int64).to_numpy() - check(old)
    made = (check(new) + off) % 10**width
    return pl.Series(made).cast(pl.String).str.zfill(width)


def numerals(words: npt.NDArray[np.uint64], length: int) -> pl.Series:
    """Return keyed decimal digits, `length` <= 36 of them per row of four 64-bit words."""
    parts = [
        pl.Series(words[:, place] % np.uint64(10**9)).cast(pl.String).str.zfill(9)
        for place in range(-(-length // 9))
    ]
    joined = pl.DataFrame({str(number): part for number, part in enumerate(parts)})
    return joined.select_seq(pl.concat_str(pl.all())).to_series().str.head(length)

"""Keyed permutations of integers within a range that type and parameters fix, never the data."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import polars as pl

from masker.keys import columns
from masker.keys.ff1 import CHUNK, FF1, LEAST_SPACE, Numbers
from masker.keys.keyring import Keyring
from masker.keys.shuffle import shuffled

INTEGER_SPACES: Mapping[str, tuple[int, int]] = MappingProxyType(
    {"int1": (1, 2**7 - 1), "int2": (1, 2**14 - 1), "int4": (1, 2**30 - 1), "int8": (1, 2**52)}
)
"""The lowest and highest masked key by PostgreSQL's base type; sequences restart above it.

`int1` is for the eight bits of a frame's column, with sign or without.
"""


def permute_integers(
    values: pl.Series, *, low: int, high: int, keys: Keyring, domain: str
) -> pl.Series:
    """Replace every integer in low..high by another in low..high, one to one.

    The result is a permutation of the whole range, fixed by key, domain, low and high: FF1 over
    the bits of value - low with cycle walking from 10^6 integers on, below that a keyed shuffled
    table. Null stays null. Takes and returns Int64. ValueError, naming no value, when a value lies
    outside the range.
    """
    return _apply(values, low=low, high=high, keys=keys, domain=domain, forward=True)


def unpermute_integers(
    values: pl.Series, *, low: int, high: int, keys: Keyring, domain: str
) -> pl.Series:
    """Undo `permute_integers`: the same arguments bring the original values back."""
    return _apply(values, low=low, high=high, keys=keys, domain=domain, forward=False)


def _apply(
    values: pl.Series, *, low: int, high: int, keys: Keyring, domain: str, forward: bool
) -> pl.Series:
    if not -(2**63) <= low <= high < 2**63:
        raise ValueError("low and high must be 64-bit integers, low not above high")
    if not (values.dtype.is_integer() or values.dtype == pl.Null):
        raise TypeError(f"an integer column is permuted, not {values.dtype}")
    integers = values.cast(pl.Int64, strict=False)
    overflown = integers.null_count() - values.null_count()
    outside = overflown + int((~integers.is_between(low, high)).sum())
    if outside:
        raise ValueError(f"{outside} of {len(values)} values lie outside {low}..{high}")
    nulls = integers.is_null().to_numpy()
    # Unsigned arithmetic wraps, so that no difference of two 64-bit integers overflows.
    base = np.uint64(low % 2**64)
    offsets = integers.fill_null(low).to_numpy().view(np.uint64) - base
    size = high - low + 1
    if size < LEAST_SPACE:
        key = keys.subkey(f"shuffle integers {low} {high}", domain)
        moved = shuffled(key, size, forward=forward)[offsets].astype(np.uint64)
    else:
        key = keys.subkey(f"ff1 integers {low} {high}", domain)
        moved = _walk(offsets, size=size, key=key, forward=forward)
    masked = pl.Series(values.name, (moved + base).view(np.int64))
    return columns.restore_nulls(masked, nulls).rename(values.name)


def _walk(offsets: Numbers, *, size: int, key: bytes, forward: bool) -> Numbers:
    """Permute 0..size-1 within the bits that hold it: whoever steps outside steps on until inside.

    A step outside and back is part of one cycle, so the walk is itself a permutation (Black and
    Rogaway 2002); it takes fewer than two steps on average.
    """
    cipher = FF1(key, radix=2, length=(size - 1).bit_length())
    moved = _step(cipher, offsets, forward=forward)
    last = np.uint64(size - 1)
    astray = np.flatnonzero(moved > last)
    while len(astray):
        stepped = _step(cipher, moved[astray], forward=forward)
        moved[astray] = stepped
        astray = astray[stepped > last]
    return moved


def _step(cipher: FF1, numbers: Numbers, *, forward: bool) -> Numbers:
    """Permute the numbers of as many bits as the cipher has numerals; a half is one limb."""
    shift = np.uint64(cipher.right.digits)
    mask = np.uint64(cipher.right.size - 1)
    out = np.empty_like(numbers)
    for start in range(0, len(numbers), CHUNK):
        part = numbers[start : start + CHUNK]
        left, right = cipher.halves([part >> shift], [part & mask], forward=forward)
        out[start : start + CHUNK] = (left[0] << shift) | right[0]
    return out

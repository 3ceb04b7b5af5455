"""Keyed permutations of integers within a range that type and parameters fix, never the data."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from masker.keys import columns
from masker.keys.ff1 import FF1, LEAST_SPACE, Numbers
from masker.keys.keyring import Keyring
from masker.keys.shuffle import shuffled

INTEGER_SPACES: Mapping[str, tuple[int, int]] = MappingProxyType(
    {"int2": (1, 2**14 - 1), "int4": (1, 2**30 - 1), "int8": (1, 2**52)}
)
"""The lowest and highest masked key by PostgreSQL's base type; sequences restart above it."""

_CHUNK: Final = 1 << 13  # rows whose halves and blocks stay in the processor's cache


def permute_integers(
    values: pl.Series, *, low: int, high: int, keys: Keyring, domain: str
) -> pl.Series:
    """Replace every integer in low..high by another in low..high, one to one.

    The result is a permutation of the whole range, fixed by key, domain, low and high: FF1 over
    the bits of value - low with cycle walking from 10^6 integers on, below that a keyed shuffled
    table. Null stays null. Takes and returns Int64. ValueError, naming no value, when a value lies
    outside the range.
    """
    return _apply(values, low, high, keys, domain, forward=True)


def unpermute_integers(
    values: pl.Series, *, low: int, high: int, keys: Keyring, domain: str
) -> pl.Series:
    """Undo `permute_integers`: the same arguments bring the original values back."""
    return _apply(values, low, high, keys, domain, forward=False)


def _apply(
    values: pl.Series, low: int, high: int, keys: Keyring, domain: str, *, forward: bool
) -> pl.Series:
    if not -(2**63) <= low <= high < 2**63:
        raise ValueError("low and high must be 64-bit integers, low not above high")
    integers = values.cast(pl.Int64)
    outside = int((~integers.is_between(low, high)).sum())
    if outside:
        raise ValueError(f"{outside} of {len(values)} values lie outside {low}..{high}")
    nulls = integers.is_null().to_numpy()
    # Unsigned arithmetic wraps, so that no difference of two 64-bit integers overflows.
    base = np.uint64(low % 2**64)
    offsets = integers.fill_null(low).to_numpy().view(np.uint64) - base
    size = high - low + 1
    if size < LEAST_SPACE:
        key = keys.subkey(f"shuffle integers {low} {high}", domain)
        moved = shuffled(key, size)[0 if forward else 1][offsets].astype(np.uint64)
    else:
        key = keys.subkey(f"ff1 integers {low} {high}", domain)
        moved = _walk(offsets, size, key, forward=forward)
    masked = pl.Series(values.name, (moved + base).view(np.int64))
    return columns.restore_nulls(masked, nulls).rename(values.name)


def _walk(offsets: Numbers, size: int, key: bytes, *, forward: bool) -> Numbers:
    """Permute 0..size-1 within the bits that hold it: whoever steps outside steps on until inside.

    A step outside and back is part of one cycle, so the walk is itself a permutation (Black and
    Rogaway 2002); it takes fewer than two steps on average.
    """
    bits = (size - 1).bit_length()
    cipher = FF1(key, radix=2, length=bits)
    moved = np.empty_like(offsets)
    for start in range(0, len(offsets), _CHUNK):
        chunk = _step(cipher, offsets[start : start + _CHUNK], forward=forward)
        astray = np.flatnonzero(chunk > np.uint64(size - 1))
        while len(astray):
            chunk[astray] = _step(cipher, chunk[astray], forward=forward)
            astray = astray[chunk[astray] > np.uint64(size - 1)]
        moved[start : start + _CHUNK] = chunk
    return moved


def _step(cipher: FF1, numbers: Numbers, *, forward: bool) -> npt.NDArray[np.uint64]:
    """Permute numbers of as many bits as the cipher has numerals; a half has at most 32 bits."""
    shift = np.uint64(cipher.right.digits)
    mask = np.uint64(cipher.right.size - 1)
    left, right = cipher.halves([numbers >> shift], [numbers & mask], forward=forward)
    return (left[0] << shift) | right[0]

"""Keyed permutations of text: a value over an alphabet to another of the same length, and back."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import polars as pl

from masker.keys import columns
from masker.keys.alphabet import Alphabet
from masker.keys.ff1 import FF1, LEAST_SPACE, Numerals
from masker.keys.keyring import Keyring
from masker.keys.shuffle import shuffled


def permute(
    values: pl.Series, *, alphabet: str, keys: Keyring, domain: str, tweak: bytes = b""
) -> pl.Series:
    """Replace every value by another of the same length over the same alphabet, one to one.

    For every length the result is a permutation of all len(alphabet)^length texts, fixed by key,
    domain, alphabet and tweak: FF1 with AES-256 from 10^6 texts on, below that a keyed shuffled
    table of the whole space. Null stays null and empty stays empty. A value may be mapped to
    itself, as in every permutation. ValueError, naming no value, when a value holds a character
    outside the alphabet.
    """
    return _apply(values, Alphabet(alphabet), keys, domain, tweak, forward=True)


def unpermute(
    values: pl.Series, *, alphabet: str, keys: Keyring, domain: str, tweak: bytes = b""
) -> pl.Series:
    """Undo `permute`: the same arguments bring the original values back."""
    return _apply(values, Alphabet(alphabet), keys, domain, tweak, forward=False)


def weak_space(alphabet: str, length: int) -> bool:
    """Tell whether all texts of a length are so few (below 10^6) that guessing is easy."""
    space: int = len(alphabet) ** length
    return space < LEAST_SPACE


def _apply(
    values: pl.Series,
    alphabet: Alphabet,
    keys: Keyring,
    domain: str,
    tweak: bytes,
    *,
    forward: bool,
) -> pl.Series:
    text = columns.as_text(values)
    pieces: list[pl.Series] = []
    rows: list[npt.NDArray[np.int64]] = []
    for length, places in _by_length(text):
        group = text if len(places) == len(text) else text.gather(places)
        if length:
            numerals = alphabet.read(group, length)
            group = alphabet.write(
                _permuted(numerals, alphabet.radix, keys, domain, tweak, forward=forward)
            )
        pieces.append(group)
        rows.append(places)
    if len(pieces) == 1 and len(pieces[0]) == len(text):
        return pieces[0].rename(values.name)
    out = pl.Series(values.name, [None], dtype=pl.String).new_from_index(0, len(text))
    return out if not pieces else out.scatter(np.concatenate(rows), pl.concat(pieces))


def _by_length(text: pl.Series) -> Iterator[tuple[int, npt.NDArray[np.int64]]]:
    """Yield every length in characters with the rows that have it; null rows have none."""
    present = (~text.is_null()).arg_true().to_numpy()
    lengths = text.str.len_chars().drop_nulls().to_numpy()
    order = lengths.argsort(kind="stable")
    starts = np.flatnonzero(np.diff(lengths[order], prepend=-1))
    for places in np.split(order, starts)[1:]:
        yield int(lengths[places[0]]), present[places]


def _permuted(
    numerals: Numerals, radix: int, keys: Keyring, domain: str, tweak: bytes, *, forward: bool
) -> Numerals:
    length = numerals.shape[1]
    if radix**length >= LEAST_SPACE:
        cipher = FF1(keys.subkey("ff1", domain), radix=radix, length=length, tweak=tweak)
        return cipher.encrypt(numerals) if forward else cipher.decrypt(numerals)
    purpose = f"shuffle {radix} {length} {tweak.hex()}"
    table = shuffled(keys.subkey(purpose, domain), radix**length, forward=forward)
    weights = radix ** np.arange(length - 1, -1, -1, dtype=np.int64)
    index = table[numerals.astype(np.int64) @ weights].astype(np.int64)
    out: Numerals = (index[:, None] // weights % radix).astype(numerals.dtype)
    return out

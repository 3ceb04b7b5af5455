"""Keyed permutations of text: a value over an alphabet to another of the same length, and back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

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
    permutation = _Permutation(
        alphabet=Alphabet(alphabet), keys=keys, domain=domain, tweak=tweak, forward=True
    )
    return permutation.column(values)


def unpermute(
    values: pl.Series, *, alphabet: str, keys: Keyring, domain: str, tweak: bytes = b""
) -> pl.Series:
    """Undo `permute`: the same arguments bring the original values back."""
    permutation = _Permutation(
        alphabet=Alphabet(alphabet), keys=keys, domain=domain, tweak=tweak, forward=False
    )
    return permutation.column(values)


def weak_space(alphabet: str, length: int) -> bool:
    """Tell whether all texts of a length are so few (below 10^6) that guessing is easy."""
    space: int = len(alphabet) ** length
    return space < LEAST_SPACE


@dataclass(frozen=True, slots=True, kw_only=True)
class _Permutation:
    """One permutation for every length, or its inverse."""

    alphabet: Alphabet
    keys: Keyring
    domain: str
    tweak: bytes
    forward: bool

    def column(self, values: pl.Series) -> pl.Series:
        text = columns.as_text(values)
        rows: list[npt.NDArray[np.int64]] = []
        masked: list[pl.Series] = []
        for length, places in _by_length(text):
            if len(places) == len(text):
                return self._values(text, length).rename(values.name)
            rows.append(places)
            masked.append(self._values(text.gather(places), length))
        return columns.replace(text, np.concatenate(rows), pl.concat(masked)) if rows else text

    def _values(self, values: pl.Series, length: int) -> pl.Series:
        if not length:  # the empty text is a space of its own
            return values
        numerals = self.alphabet.read(values, length)
        if self.alphabet.radix**length >= LEAST_SPACE:
            return self.alphabet.write(self._by_cipher(numerals))
        return self.alphabet.write(self._by_table(numerals))

    def _by_cipher(self, numerals: Numerals) -> Numerals:
        cipher = FF1(
            self.keys.subkey("ff1", self.domain),
            radix=self.alphabet.radix,
            length=numerals.shape[1],
            tweak=self.tweak,
        )
        return cipher.encrypt(numerals) if self.forward else cipher.decrypt(numerals)

    def _by_table(self, numerals: Numerals) -> Numerals:
        radix, length = self.alphabet.radix, numerals.shape[1]
        key = self.keys.subkey(f"shuffle {radix} {length} {self.tweak.hex()}", self.domain)
        table = shuffled(key, radix**length, forward=self.forward)
        weights = radix ** np.arange(length - 1, -1, -1, dtype=np.int64)
        index = table[numerals.astype(np.int64) @ weights].astype(np.int64)
        out: Numerals = (index[:, None] // weights % radix).astype(numerals.dtype)
        return out


def _by_length(text: pl.Series) -> Iterator[tuple[int, npt.NDArray[np.int64]]]:
    """Yield every length in characters with the rows that have it; null rows have none."""
    present = (~text.is_null()).arg_true().to_numpy()
    lengths = text.str.len_chars().drop_nulls().to_numpy()
    order = lengths.argsort(kind="stable")
    starts = np.flatnonzero(np.diff(lengths[order], prepend=-1))
    for places in np.split(order, starts)[1:]:
        yield int(lengths[places[0]]), present[places]

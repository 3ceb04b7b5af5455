"""Keyed permutations of text: a value over an alphabet to another of the same length, and back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from masker.keys import columns
from masker.keys.alphabet import Alphabet
from masker.keys.ff1 import FF1, LEAST_SPACE, Numerals
from masker.keys.keyring import Keyring
from masker.keys.shuffle import shuffled

_KEPT: Final = 256  # ciphers: a few lengths for every column of a policy


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


def permute_numerals(
    numerals: Numerals, *, radix: int, keys: Keyring, domain: str, tweak: bytes = b""
) -> Numerals:
    """Permute rows of numerals below `radix`, a matrix (rows, length), as `permute` does texts.

    The same permutation as that of the texts they are the numerals of, for those who have cut a
    column into numerals already.
    """
    if not numerals.size:
        return numerals
    return _Mixer(radix=radix, keys=keys, domain=domain, tweak=tweak, forward=True).rows(numerals)


def weak_space(alphabet: str, length: int) -> bool:
    """Tell whether all texts of a length are so few (below 10^6) that guessing is easy."""
    space: int = len(alphabet) ** length
    return space < LEAST_SPACE


@dataclass(frozen=True, slots=True, kw_only=True)
class _Permutation:
    """One permutation of texts for every length, or its inverse."""

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
        mixer = _Mixer(
            radix=self.alphabet.radix,
            keys=self.keys,
            domain=self.domain,
            tweak=self.tweak,
            forward=self.forward,
        )
        return self.alphabet.write(mixer.rows(self.alphabet.read(values, length)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mixer:
    """One permutation of rows of numerals for every length, or its inverse."""

    radix: int
    keys: Keyring
    domain: str
    tweak: bytes
    forward: bool

    def rows(self, numerals: Numerals) -> Numerals:
        length = numerals.shape[1]
        if self.radix**length < LEAST_SPACE:
            return self._by_table(numerals)
        cipher = _cipher(self.keys.subkey("ff1", self.domain), self.radix, length, self.tweak)
        return cipher.encrypt(numerals) if self.forward else cipher.decrypt(numerals)

    def _by_table(self, numerals: Numerals) -> Numerals:
        radix, length = self.radix, numerals.shape[1]
        key = self.keys.subkey(f"shuffle {radix} {length} {self.tweak.hex()}", self.domain)
        table = shuffled(key, radix**length, forward=self.forward)
        weights = radix ** np.arange(length - 1, -1, -1, dtype=np.int64)
        index = table[numerals.astype(np.int64) @ weights].astype(np.int64)
        out: Numerals = (index[:, None] // weights % radix).astype(numerals.dtype)
        return out


@lru_cache(maxsize=_KEPT)
def _cipher(key: bytes, radix: int, length: int, tweak: bytes) -> FF1:
    """Return the cipher of a length; what of it is the same for all rows is worked out once."""
    return FF1(key, radix=radix, length=length, tweak=tweak)


def _by_length(text: pl.Series) -> Iterator[tuple[int, npt.NDArray[np.int64]]]:
    """Yield every length in characters with the rows that have it; null rows have none."""
    present = (~text.is_null()).arg_true().to_numpy()
    lengths = text.str.len_chars().drop_nulls().to_numpy()
    order = lengths.argsort(kind="stable")
    starts = np.flatnonzero(np.diff(lengths[order], prepend=-1))
    for places in np.split(order, starts)[1:]:
        yield int(lengths[places[0]]), present[places]

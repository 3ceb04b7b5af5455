"""Iban: account numbers of the same country, with right check digits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Final, Self

import numpy as np
import polars as pl

from masker.keys import Keyring, prf, prf_integers
from masker.keys.columns import from_bytes, to_bytes
from masker.transformers.base import Masked, Param, Promises, Site, Transformer
from masker.transformers.bban import NATIONAL, bank_of, groups, iban_check, known, no_bank
from masker.transformers.card import LIVE, RANGE, promised
from masker.transformers.cells import (
    Bytes,
    Cells,
    Integers,
    Numbers,
    Shapes,
    aligned,
    flattened,
    placed,
)
from masker.transformers.formats import permuted
from masker.transformers.unparsed import with_permutation, with_scramble

# Of shapes: A for a letter of any case, 0 for a digit.
_FORM: Final = r"^AA00(?:[ -]?[A0]){11,30}$"
_LEAST, _LONGEST = 15, 64  # bytes
_HEAD: Final = 4  # country and check digits
_ZERO, _A, _LETTERS = ord("0"), ord("A"), 26
_BYTES: Final = 256
_WORD: Final = 12  # symbols of which 64 bits hold any

# By byte: the upper-case letter or the digit that it is (else 0), and what shows it in a shape.
_SYMBOLS = np.zeros(_BYTES, dtype=np.uint8)
_SYMBOLS[_ZERO : _ZERO + 10] = np.arange(_ZERO, _ZERO + 10)
_SYMBOLS[_A : _A + _LETTERS] = _SYMBOLS[ord("a") : ord("z") + 1] = np.arange(_A, _A + _LETTERS)
_SHAPES = np.arange(_BYTES, dtype=np.uint8)
_SHAPES[_SYMBOLS > 0] = _ZERO
_SHAPES[_SYMBOLS >= _A] = _A


@dataclass(frozen=True)
class Iban(Transformer):
    """Replace international bank account numbers."""

    range: str = "test"

    name: ClassVar[str] = "iban"
    sentence: ClassVar[str] = (
        "Replaces IBANs by others of the same country, length and grouping with right check "
        "digits; under `range: test` of a bank that does not exist."
    )
    params: ClassVar[tuple[Param, ...]] = (RANGE,)
    default_domain: ClassVar[str] = "iban"

    def promises(self) -> Promises:
        """Return what holds for every output."""
        return promised(self.range)

    def apply(
        self, values: pl.Series, *, site: Site, keys: Keyring, others: Mapping[str, pl.Series]
    ) -> Masked:
        """Mask a column."""
        del others
        domain = site.domain or self.default_domain
        source = _Source.of(values)
        live = self.range == "format"
        made, chance = source.symbols.copy(), 0.0
        for country, rows in source.countries:
            own = source.symbols[rows, : source.counts[rows[0]]]
            fresh, more = _masked(own, country, live=live, keys=keys, domain=domain)
            made[rows, : own.shape[1]] = fresh
            chance += more
        new = source.written(made)
        if live:
            return with_permutation(
                values,
                new,
                parses=_parses,
                parsed=new.is_not_null(),
                keys=keys,
                domain=domain,
                chance=chance,
            )
        return with_scramble(values, new, parsed=new.is_not_null(), keys=keys, domain=domain)

    def cautions(self, site: Site) -> tuple[tuple[str, str], ...]:
        """Return what a person must accept in writing."""
        del site
        return (LIVE,) if self.range == "format" else ()


@dataclass(frozen=True, slots=True)
class _Source:
    """The IBANs of a column: `symbols` are their letters, upper-case, and digits, left-aligned.

    `rows` are theirs among `height`; `countries` names those of every country that is known, all
    of one length. What is none, or of no known country, has no rows there.
    """

    height: int
    rows: Integers
    cells: Cells
    symbols: Bytes
    counts: Integers
    countries: tuple[tuple[str, Integers], ...]

    @classmethod
    def of(cls, values: pl.Series) -> Self:
        """Read a column."""
        rows, cells = Cells.short(values, least=_LEAST, most=_LONGEST)
        shapes = Shapes.among(_SHAPES[cells.matrix])
        there = np.flatnonzero(shapes.where(shapes.distinct.str.contains(_FORM)))
        if len(there) < len(rows):
            rows, cells = rows[there], Cells(cells.matrix[there])
        found = _SYMBOLS[cells.matrix]
        symbols, counts = aligned(found, found > 0)
        countries = tuple(_by_country(symbols, counts))
        return cls(len(values), rows, cells, symbols, counts, countries)

    def written(self, symbols: Bytes) -> pl.Series:
        """Return the column with other symbols, lower-case letters where there were; else null."""
        known = np.zeros(len(self.rows), dtype=np.bool_)
        for _, rows in self.countries:
            known[rows] = True
        matrix = self.cells.matrix.copy()
        marks = _SYMBOLS[matrix] > 0
        flat = flattened(symbols, self.counts)
        lower = matrix[marks] >= ord("a")
        if lower.any():
            flat = flat + np.uint8(ord("a") - _A) * (lower & (flat >= _A))
        matrix[marks] = flat
        made = Cells(matrix if known.all() else matrix[known]).text()
        return placed(made, self.rows[known], height=self.height)


def _by_country(symbols: Bytes, counts: Integers) -> Iterator[tuple[str, Integers]]:
    """Yield every country that occurs, with the rows of its IBANs that have its structure."""
    if symbols.shape[1] < _HEAD:
        return
    pair = symbols[:, 0].astype(np.int64) * _BYTES + symbols[:, 1]
    for code in np.flatnonzero(np.bincount(pair)).tolist():
        country = bytes(divmod(code, _BYTES)).decode()
        size = _HEAD + sum(part for part, _ in groups(country))
        rows = np.flatnonzero((pair == code) & (counts == size))
        rows = rows[known(symbols[rows, _HEAD:size], country)] if size > _HEAD else rows[:0]
        if len(rows):
            yield country, rows


def _parses(values: pl.Series) -> pl.Series:
    source = _Source.of(values)
    return source.written(source.symbols).is_not_null()


def _masked(
    own: Bytes, country: str, *, live: bool, keys: Keyring, domain: str
) -> tuple[Bytes, float]:
    """Mask the IBANs of one country; return also how many stay by chance."""
    national = NATIONAL.get(country)
    start, length = (national.start, national.length) if national is not None else (0, 0)
    checks = np.arange(_HEAD + start, _HEAD + start + length)
    others = np.setdiff1d(np.arange(_HEAD, own.shape[1]), checks)
    free, made, chance = own[:, others], own.copy(), 0.0
    if live:
        text, chance = permuted(from_bytes(free), keys=keys, domain=domain)
        made[:, others] = to_bytes(text, free.shape[1])
    else:
        made[:, others] = _of_no_bank(free, country, keys=keys, domain=domain)
    if national is not None:
        off = _distance(free, made[:, others], lambda bban: national.check(from_bytes(bban)))
        made[:, checks] = _moved(own[:, checks], off)
    off = _distance(own[:, _HEAD:], made[:, _HEAD:], lambda bban: iban_check(bban, country))
    made[:, 2:_HEAD] = _moved(own[:, 2:_HEAD], off)
    return made, chance


def _distance(old: Bytes, new: Bytes, check: Callable[[Bytes], Integers]) -> Integers:
    distance: Integers = check(new) - check(old)
    return distance


def _moved(checks: Bytes, off: Integers) -> Bytes:
    """Return check digits, or a letter, as far from right as those of the source were."""
    first, size = (_A, _LETTERS) if checks[0, 0] >= _A else (_ZERO, 10)
    width = checks.shape[1]
    weights = size ** np.arange(width - 1, -1, -1)
    number = ((checks.astype(np.int64) - first) @ weights + off) % size**width
    made: Bytes = (number[:, None] // weights % size + first).astype(np.uint8)
    return made


def _of_no_bank(free: Bytes, country: str, *, keys: Keyring, domain: str) -> Bytes:
    """Return keyed account numbers behind a code that is no bank's, never the source's own."""
    start, end = bank_of(country)
    made, account = free.copy(), free[:, end:]
    made[:, start:end] = no_bank(country, free[:, start:end])
    drawn = _drawn(free, country, keys=keys, domain=domain)[:, : account.shape[1]]
    letter = account >= _A
    first = np.where(letter, np.uint8(_A), np.uint8(_ZERO))
    size = np.where(letter, np.uint16(_LETTERS), np.uint16(10))
    made[:, end:] = first + (drawn * size >> 8)
    same = np.flatnonzero((made == free).all(axis=1))
    made[same, end] = first[same, 0] + (made[same, end] - first[same, 0] + 1) % size[same, 0]
    return made


def _drawn(free: Bytes, country: str, *, keys: Keyring, domain: str) -> Bytes:
    """Return 32 keyed bytes for every account number of a country."""
    if free.shape[1] > 2 * _WORD:
        words = prf(from_bytes(free), keys=keys, domain=domain, purpose=f"iban {country}").words
    else:
        subject = np.stack([_number(free[:, :_WORD]), _number(free[:, _WORD:])], axis=1)
        halves = [
            prf_integers(subject, keys=keys, domain=domain, purpose=f"iban {country} {half}")
            for half in range(2)
        ]
        words = np.concatenate(halves, axis=1)
    return words.astype(">u8").view(np.uint8)


def _number(symbols: Bytes) -> Numbers:
    """Return up to twelve symbols as a number of base 36."""
    number = np.zeros(len(symbols), dtype=np.uint64)
    for column in np.ascontiguousarray(symbols.T):
        number *= np.uint64(36)
        number += np.where(column < _A, column - np.uint8(_ZERO), column - np.uint8(_A - 10))
    return number

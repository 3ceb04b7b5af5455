"""Digits and alphanumeric: keyed permutations of a text's own format, one to one.

Punctuation, blanks, letter case and the place of letters among digits are the format: they stay.
The letters of a value, taken together, are permuted among all texts of so many letters, its digits
among all numbers of so many digits (FF1, or a keyed table where the space is small). What holds no
letter and no digit stays as it is.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt
import polars as pl

from masker.keys import Keyring, permute, weak_space
from masker.transformers.base import Masked, Promises, Site, Transformer, Uniqueness
from masker.transformers.characters import Characters, Points, code_points, refilled
from masker.transformers.unparsed import with_fallback

DIGITS = "0123456789"
LETTERS = "abcdefghijklmnopqrstuvwxyz"

# Alphabets whose letters have a case: lower and upper at the same place. Case is format.
_CASED: tuple[tuple[str, str], ...] = (
    (LETTERS, LETTERS.upper()),
    ("àáâãäåæçèéêëìíîïðñòóôõöøùúûüýþ", "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞ"),
    ("αβγδεζηθικλμνξοπρστυφχψω", "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ"),
    ("абвгдежзийклмнопрстуфхцчшщъыьэюя", "АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ"),
)
# Alphabets without case, by first and last code point: CJK ideographs, Hangul syllables.
_WHOLE = ((0x4E00, 0x9FFF), (0xAC00, 0xD7A3))
# Blanks, joiners and punctuation that stay although they are not ASCII.
# The private planes hold the separators of `Characters`.
_STAYS = (
    (0x80, 0xBF),
    (0xD7, 0xD7),
    (0xF7, 0xF7),
    (0x2000, 0x206F),
    (0x3000, 0x3000),
    (0xF0000, 0x10FFFF),
)
_ASCII = 128
_PAGE = 128  # code points: every other script is permuted within its page of so many


@dataclass(frozen=True)
class Alphanumeric(Transformer):
    """Permute letters among letters and digits among digits."""

    name: ClassVar[str] = "alphanumeric"
    sentence: ClassVar[str] = (
        "Permutes the letters of a value among letters and its digits among digits, one to one; "
        "case, separators and the place of digits stay."
    )
    default_domain: ClassVar[str] = "alphanumeric"

    def promises(self) -> Promises:
        """Return what holds for every output."""
        return _PROMISES

    def apply(
        self, values: pl.Series, *, site: Site, keys: Keyring, others: Mapping[str, pl.Series]
    ) -> Masked:
        """Mask a column."""
        del others
        made, chance = _permuted(values, keys=keys, domain=site.domain or self.default_domain)
        return Masked(made, chance=chance)

    def cautions(self, site: Site) -> tuple[tuple[str, str], ...]:
        """Return what a person must accept in writing."""
        return _weak(site, LETTERS)


@dataclass(frozen=True)
class Digits(Transformer):
    """Permute digits and nothing else."""

    name: ClassVar[str] = "digits"
    sentence: ClassVar[str] = (
        "Permutes the digits of a value among all numbers of so many digits, one to one; "
        "everything else stays. A value without digits is permuted as `alphanumeric` does."
    )
    default_domain: ClassVar[str] = "digits"

    def promises(self) -> Promises:
        """Return what holds for every output."""
        return _PROMISES

    def apply(
        self, values: pl.Series, *, site: Site, keys: Keyring, others: Mapping[str, pl.Series]
    ) -> Masked:
        """Mask a column."""
        del others
        domain = site.domain or self.default_domain
        parsed = values.str.contains("[0-9]")
        old = values.str.replace_all("[^0-9]", "")
        made = refilled(values, permute(old, alphabet=DIGITS, keys=keys, domain=domain))
        # The fallback leaves no digit where there was none, so the two never meet.
        return with_permutation(
            values, made, parsed=parsed, keys=keys, domain=domain, free=old.str.len_chars()
        )

    def cautions(self, site: Site) -> tuple[tuple[str, str], ...]:
        """Return what a person must accept in writing."""
        return _weak(site, DIGITS)


_PROMISES = Promises(
    keeps_length=True, uniqueness=Uniqueness.INJECTIVE, reversible=True, chance="space"
)


def _weak(site: Site, alphabet: str) -> tuple[tuple[str, str], ...]:
    if site.length is None or not weak_space(alphabet, site.length):
        return ()
    sentence = (
        f"there are fewer than a million values of {site.length} characters: whoever knows some "
        "pairs, or how frequent the values are, can guess the rest"
    )
    return (("weak-space", sentence),)


def with_permutation(
    values: pl.Series,
    masked: pl.Series,
    *,
    parsed: pl.Series,
    keys: Keyring,
    domain: str,
    free: pl.Series,
) -> Masked:
    """Take `masked` where `parsed`; permute the others within their format, and count them.

    For transformers that are one to one: whether a value parses must follow from its format and
    from what they keep of it, so that no fallback becomes a value that parses. `free` is the
    number of digits that were permuted, from which follows how many stay by chance.
    """
    lengths = free.filter(parsed.fill_null(value=False)).to_numpy().astype(np.float64)
    others, chance = _permuted(values.filter(~parsed), keys=keys, domain=domain)
    made = with_fallback(values, masked, parsed=parsed, otherwise=lambda _: others)
    expected = float((0.1**lengths).sum()) + chance
    return Masked(made.values, made.unparsed, made.shapes, expected)


def permuted(values: pl.Series, *, keys: Keyring, domain: str, tweak: bytes = b"") -> pl.Series:
    """Permute every value within its format: each alphabet's letters together, digits together.

    Scripts with case keep it; CJK and Hangul are permuted whole, any other script within its
    page of 128 code points. One to one over all texts; null stays null.
    """
    return _permuted(values, keys=keys, domain=domain, tweak=tweak)[0]


def _permuted(
    values: pl.Series, *, keys: Keyring, domain: str, tweak: bytes = b""
) -> tuple[pl.Series, float]:
    """Return the permuted column and how many values are expected to stay by chance."""
    spelled = Characters.of(values)
    symbols = _symbols(spelled)
    points = symbols.lowered.copy()
    bits = np.zeros(spelled.height)
    for number, alphabet in enumerate(symbols.alphabets, start=1):
        which = symbols.classes == number
        text = spelled.only(which, symbols.lowered)
        made = permute(text, alphabet=alphabet, keys=keys, domain=domain, tweak=tweak)
        points[which] = code_points(made)
        bits += spelled.count(which) * np.log2(len(alphabet))
    points[symbols.upper] = _mapped(points[symbols.upper], _RAISED)
    present = ~values.is_null().to_numpy()
    return spelled.text(points), float(np.exp2(-bits[present]).sum())


@dataclass(frozen=True, slots=True)
class _Symbols:
    """What every point of a column is: its alphabet by number (0: it stays), case set apart."""

    alphabets: tuple[str, ...]
    classes: npt.NDArray[np.int64]
    lowered: Points
    upper: npt.NDArray[np.bool_]


def _symbols(spelled: Characters) -> _Symbols:
    # A loop over the distinct characters of the column, not over its rows.
    characters, inverse = np.unique(spelled.points, return_inverse=True)
    found = [_alphabet_of(int(point)) for point in characters]
    alphabets = tuple(sorted({alphabet for alphabet in found if alphabet}))
    number = {alphabet: place for place, alphabet in enumerate(("", *alphabets))}
    classes = np.array([number[alphabet] for alphabet in found], dtype=np.int64)[inverse]
    lowered = _mapped(spelled.points, _LOWERED)
    return _Symbols(alphabets, classes, lowered, lowered != spelled.points)


_LOWERED = {
    ord(u): ord(low) for lower, upper in _CASED for low, u in zip(lower, upper, strict=True)
}
_RAISED = {low: upper for upper, low in _LOWERED.items()}
_ALPHABETS = {
    ord(character): lower for lower, upper in _CASED for character in (*lower, *upper)
} | dict.fromkeys(map(ord, DIGITS), DIGITS)


def _mapped(points: Points, mapping: Mapping[int, int]) -> Points:
    characters, inverse = np.unique(points, return_inverse=True)
    changed = [mapping.get(int(point), int(point)) for point in characters]
    made: Points = np.array(changed, dtype=np.uint32)[inverse]
    return made


@functools.cache
def _alphabet_of(point: int) -> str:
    """Return the alphabet that a character is permuted in; an empty text if it stays.

    Fixed by code points alone, so that no version of Unicode changes a pseudonym. An alphabet
    never reaches outside itself: what is permuted into it reads as of it again.
    """
    if point in _ALPHABETS:
        return _ALPHABETS[point]
    if point < _ASCII or _within(point, _STAYS):
        return ""
    for low, high in _WHOLE:
        if low <= point <= high:
            return _text(range(low, high + 1))
    start = point - point % _PAGE
    return _text(
        other
        for other in range(start, start + _PAGE)
        if other not in _ALPHABETS and not _within(other, (*_STAYS, *_WHOLE))
    )


def _text(points: Iterable[int]) -> str:
    return "".join(map(chr, points))


def _within(point: int, ranges: tuple[tuple[int, int], ...]) -> bool:
    return any(low <= point <= high for low, high in ranges)

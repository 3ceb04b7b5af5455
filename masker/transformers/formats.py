"""Permutations of a text's own format: which characters change among which, and the rest stays."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from masker.keys import Keyring, permute
from masker.transformers.characters import Characters, Points, code_points

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


def permuted(values: pl.Series, *, keys: Keyring, domain: str) -> tuple[pl.Series, float]:
    """Permute every value within its format: each alphabet's letters together, digits together.

    Scripts with case keep it; CJK and Hangul are permuted whole, any other script within its
    page of 128 code points. One to one over all texts; null stays null. Returned beside the
    column: how many values are expected to come out as they went in.
    """
    spelled = Characters.of(values)
    symbols = _symbols(spelled)
    points = symbols.lowered.copy()
    bits = np.zeros(spelled.height)
    for number, alphabet in enumerate(symbols.alphabets, start=1):
        which = symbols.classes == number
        text = spelled.only(which, symbols.lowered)
        made = permute(text, alphabet=alphabet, keys=keys, domain=domain)
        points[which] = code_points(made)
        bits += spelled.count(which) * np.log2(len(alphabet))
    points[symbols.upper] = _mapped(points[symbols.upper], _RAISED)
    present = values.str.contains(r"\S").fill_null(value=False).to_numpy()
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

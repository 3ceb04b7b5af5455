"""Known words in texts: all words of all dictionaries, found in one pass over a column.

The texts are laid end to end and folded character by character (lower case, no accents, blanks for
all that is no letter), so that a place in the folded text is the same place in the text. One
Aho-Corasick automaton, built once, then finds every known word that stands between blanks.
"""

# ruff: noqa: RUF001 - letters that look alike are what this is about
from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

import ahocorasick_rs
import numpy as np
import numpy.typing as npt
import polars as pl

from masker.detect.entities import Entity

_BETWEEN = " \x1e "  # stands between two texts; no word crosses it
_OPEN = frozenset("_@#$%&+=<>{}[]|\\^~\x1e")  # no blank for a word: `anna_2`, `@rose`, `#hope`
_LETTERS = {
    "ß": "s",
    "æ": "a",
    "œ": "o",
    "ø": "o",
    "ł": "l",
    "đ": "d",
    "ð": "d",
    "ı": "i",
    "ς": "σ",
}
_SPELLED = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "oe", "æ": "ae", "å": "aa"}
_SHORTEST = 3  # letters of a name; those of two are words or abbreviations more often
_TITLES = Entity.PERSON  # these may be short: Mr, Dr


class _Fold(dict[int, str]):
    """Folds one character into exactly one; each character is looked up once."""

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        plain = unicodedata.normalize("NFKD", letter)[0].lower()[:1]
        plain = _LETTERS.get(letter.lower(), plain)
        if plain.isalpha():
            folded = plain
        elif letter.isdigit():
            folded = "0"
        else:
            folded = letter if letter in _OPEN else " "
        self[code] = folded
        return folded


_fold = _Fold()


def folded(text: str) -> str:
    """Return a text of the same length: lower case, no accents, blanks for marks."""
    return text.translate(_fold)


@dataclass(frozen=True, slots=True)
class Known:
    """Known words in a series of texts, one row per word and dictionary, in order of places.

    `rows` are indexes of texts, `starts` and `ends` characters in them, `kinds` indexes of
    `Dictionary.entities`.
    """

    rows: npt.NDArray[np.int64]
    starts: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]
    kinds: npt.NDArray[np.int64]


class Dictionary:
    """Words by entity, ready to be found."""

    def __init__(self, words: Mapping[Entity, pl.Series]) -> None:
        self.entities = tuple(words)
        patterns: list[str] = []
        kinds: list[int] = []
        for kind, series in enumerate(words.values()):
            shortest = 1 if list(words)[kind] is _TITLES else _SHORTEST
            forms = sorted(
                {form for word in series.drop_nulls() for form in _forms(word, shortest)}
            )
            patterns += [f" {form} " for form in forms]
            kinds += [kind] * len(forms)
        self._kinds = np.array(kinds, dtype=np.int64)
        self._automaton = ahocorasick_rs.AhoCorasick(patterns, store_patterns=False)

    def __len__(self) -> int:
        return len(self._kinds)

    def find(self, texts: pl.Series) -> Known:
        """Return the known words of a String series without nulls."""
        lengths = texts.str.len_chars().to_numpy().astype(np.int64) + len(_BETWEEN)
        borders = np.cumsum(lengths) - lengths
        haystack = " " + _BETWEEN.join(texts.to_list()).translate(_fold) + " "
        matches = self._automaton.find_matches_as_indexes(haystack, overlapping=True)
        found = np.array(matches, dtype=np.int64).reshape(-1, 3)
        # The blank before the word and the one in front of the haystack make up for each other
        starts, ends = found[:, 1], found[:, 2] - 2
        order = np.lexsort((ends, starts))
        rows = np.searchsorted(borders, starts[order], side="right") - 1
        return Known(
            rows=rows,
            starts=starts[order] - borders[rows],
            ends=ends[order] - borders[rows],
            kinds=self._kinds[found[order, 0]],
        )


def _forms(word: str, shortest: int) -> set[str]:
    """Return how a word may be written: folded, and with two letters for one (Müller, Mueller)."""
    lower = unicodedata.normalize("NFC", word).strip().lower()
    spelled = "".join(_SPELLED.get(letter, letter) for letter in lower)
    forms = {" ".join(folded(form).split()) for form in (lower, spelled)}
    return {form for form in forms if len(form) >= shortest and form.replace(" ", "").isalpha()}

"""Capitalised words that nothing is known of: in strict texts they are taken for names."""

# ruff: noqa: RUF001 - quotation marks and dashes of many languages are what this is about
from __future__ import annotations

import functools
import re

import numpy as np
import polars as pl

from masker.detect.dictionary import folded
from masker.transformers.fake_text import language_of
from masker.transformers.free_text.vocabulary import (
    DETERMINERS,
    PREPOSITIONS,
    compounding,
    has_ending,
    ordinary,
)
from masker.transformers.free_text.words import Words
from masker.transformers.person.languages import TITLES

_LANGUAGES = {"": "", "en_US": "en", "de_DE": "de", "fr_FR": "fr", "es_ES": "es"}
_ACRONYM = 4  # letters up to which a word in capitals is an abbreviation
_BEFORE = 3  # characters before a word that tell whether a sentence begins with it
# A sentence begins after one of these, or at the beginning; so do lines, cells and quotations.
_BEGINS = re.compile(r"(?:^|[.!?:;\n\r\t\"„“”«»>*•|#(\[-])\s*$")
_TAG = re.compile(r"<[^<>]{0,500}>|&[A-Za-z]{2,8};")
_INNER_CAPITAL = re.compile(r"^[^\W\d_]+[a-zß-öø-ÿ][A-Z]")
_OF_NAMES = re.compile(r"^(?:Mc|Mac|O['’]|D['’]|De|Di|La|Le|Van|Von|Fitz)[A-ZÀ-Þ]")


def unknown_names(texts: pl.Series, tokens: Words) -> pl.DataFrame:
    """Return the capitalised words of texts that are no ordinary words: row, start, end.

    Words of another script than Latin are left out: they have no capitals, or other customs.
    """
    distinct = tokens.written.unique()
    flags = pl.Series([_may_be_name(word) for word in distinct], dtype=pl.Boolean)
    may = tokens.written.replace_strict(distinct, flags, return_dtype=pl.Boolean)
    at = np.flatnonzero(may.to_numpy())
    languages = (
        language_of(texts, list(_LANGUAGES)).replace_strict(_LANGUAGES, default="").to_list()
    )
    written, plain = texts.to_list(), _Folded(tokens)
    tags: dict[int, list[tuple[int, int]]] = {}
    named: list[int] = []
    for each in at.tolist():
        row, start = int(tokens.rows[each]), int(tokens.starts[each])
        if row not in tags:
            tags[row] = [found.span() for found in _TAG.finditer(written[row])]
        if any(first <= start < last for first, last in tags[row]):
            continue
        begins = _BEGINS.search(written[row][max(0, start - _BEFORE) : start]) is not None
        begins = begins or start == 0
        if not _is_ordinary(plain, each, languages[row], begins=begins):
            named.append(each)
    rows = np.array(named, dtype=np.int64)
    return pl.DataFrame(
        {"row": tokens.rows[rows], "start": tokens.starts[rows], "end": tokens.ends[rows]}
    )


class _Folded:
    """The words of all texts, folded when asked for."""

    def __init__(self, tokens: Words) -> None:
        self._rows = tokens.rows
        self._written: list[str] = tokens.written.to_list()

    def word(self, at: int) -> str:
        """Return a word, folded."""
        return _fold(self._written[at])

    def before(self, at: int, back: int) -> str:
        """Return a word before one in the same text, "" if there is none."""
        there = at - back
        if there < 0 or self._rows[there] != self._rows[at]:
            return ""
        return self._written[there]


@functools.lru_cache(maxsize=1 << 16)
def _fold(word: str) -> str:
    return folded(word)


@functools.lru_cache(maxsize=1 << 16)
def _may_be_name(word: str) -> bool:
    if not word[0].isupper() or word[0].lower() == word[0].upper():
        return False
    if word.isupper() and len(word) <= _ACRONYM:
        return False
    plain = folded(word)
    if plain in TITLES:
        return False
    if plain in ordinary() or plain.removesuffix("s") in ordinary():
        return False
    return not (_INNER_CAPITAL.match(word) and not _OF_NAMES.match(word))


def _is_ordinary(words: _Folded, at: int, language: str, *, begins: bool) -> bool:
    """Tell whether a capitalised word is one for another reason than that it names somebody."""
    word = words.word(at)
    if language in {"de", ""} and _is_german_noun(words, at):
        return True
    spoken = (language,) if language else tuple(_LANGUAGES.values())
    return begins and any(has_ending(word, each) for each in spoken)


def _is_german_noun(words: _Folded, at: int) -> bool:
    word = words.word(at)
    if word.endswith(compounding()) or has_ending(word, "de"):
        return True
    before, two_before = words.before(at, 1), words.before(at, 2)
    if before in DETERMINERS or _fold(before) in DETERMINERS:
        return True
    if not before.islower() or not before.endswith(("e", "en", "er", "es", "em")):
        return False
    return _fold(two_before) in DETERMINERS or _fold(two_before) in PREPOSITIONS

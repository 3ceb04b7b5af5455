"""Names of people in texts, by dictionaries and by how names are written; no model.

Each word is given a letter for what it may be, and the names are found by regular expressions over
these letters: `Dr. Anna M. von der Berg` reads `TGIPPF`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from masker.detect.dictionary import Dictionary, Known, folded
from masker.detect.entities import Entity
from masker.detect.name_words import AMBIGUOUS, DOTTED_TITLES, PARTICLES, TITLES, little_words

_TOKEN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d+|\n|\S")  # noqa: RUF001 - as people type it

# The letters: G given name, F family name, B both; g f b the same in lower case; M a name that is
# also a word; C another capitalised word; I initial; T title; P particle; L place; w other word;
# comma and hyphen stand for themselves, | for any other mark.
_JOINED = "(?:-[GBFMC])?"
_MIDDLE = rf"(?:[GBM]{_JOINED}|I)*(?:C{_JOINED})?"  # a patronymic is in no dictionary
_FORMS: tuple[tuple[str, float, str], ...] = (
    ("title", 0.85, rf"T+(?P<title>(?:I*P*[GBFMC]{_JOINED}){{1,4}})"),
    ("last_first", 0.8, rf"P*[FBMC]{_JOINED},[GB]{_JOINED}(?:[GBM]|I)*(?![GBFMC])"),
    ("full", 0.85, rf"[GB]{_JOINED}{_MIDDLE}(?:P*[FB]|P+[MC]){_JOINED}(?:P*[FB]{_JOINED})?"),
    ("family_first", 0.7, rf"[FB]{_JOINED}[GB]{_JOINED}(?:[GBMC]{_JOINED})?"),
    ("word_family", 0.7, rf"MI*P*[FB]{_JOINED}"),
    ("word_word", 0.5, r"^MI*P*M$"),
    ("initials", 0.6, rf"I+P*[FB]{_JOINED}"),
    ("last_initial", 0.55, rf"[FB]{_JOINED},?I+(?![a-zA-Z])"),
    ("given_word", 0.6, rf"[GB]{_JOINED}(?:[GBM]|I)*P*[MCL]{_JOINED}"),
    ("list", 0.6, r"[GB](?:,[GB])+(?:,?w[GB])?"),
    ("given_given", 0.55, r"[GB]{2,3}"),
    ("lower", 0.55, r"(?<![^|,])[gb](?:-?[gb])?P?[fb](?![^|,])"),
    ("single", 0.4, r"(?<![^|])[GFB](?:-[GFBM])?(?![^|])"),
    ("lower_single", 0.4, r"^[gbf]$"),
)
_PEOPLE = re.compile("|".join(f"(?P<{name}_>{form})" for name, _, form in _FORMS))
_SCORES = {name: score for name, score, _ in _FORMS}
_SINGLE = {
    "G": (Entity.FIRST_NAME,),
    "B": (Entity.FIRST_NAME, Entity.LAST_NAME),
    "F": (Entity.LAST_NAME,),
}
_WHOLE = 0.6  # a place that is the whole value; in a text a place alone says less
_INSIDE = 0.5


@dataclass(frozen=True, slots=True)
class Name:
    """A name or place in one text, in characters; `form` says how it is written."""

    row: int
    entity: Entity
    start: int
    end: int
    score: float
    form: str


class People:
    """Finds people and places by dictionaries of given names, family names and cities."""

    def __init__(self, words: Mapping[Entity, pl.Series]) -> None:
        # Titles are looked for, too: who stands behind one may be in no dictionary
        titles = pl.Series(sorted({*TITLES, *DOTTED_TITLES}))
        self._dictionary = Dictionary({**words, Entity.PERSON: titles})
        self._entities = self._dictionary.entities

    def find(self, texts: pl.Series) -> list[Name]:
        """Return names and places in a String series without nulls, in order of rows and places."""
        if texts.is_empty():
            return []
        known = self._dictionary.find(texts)
        rows, begins = np.unique(known.rows, return_index=True)
        borders = [*begins.tolist(), len(known.rows)]
        names: list[Name] = []
        plain: dict[tuple[str, bool], str] = {}
        written = texts.gather(rows).to_list()
        for number, (row, text) in enumerate(zip(rows.tolist(), written, strict=True)):
            words = self._words_of(known, borders[number], borders[number + 1])
            names += _names(row, text, words, plain)
        return names

    def _words_of(self, known: Known, first: int, last: int) -> dict[int, _Word]:
        words: dict[int, _Word] = {}
        spans = slice(first, last)
        for start, end, kind in zip(
            known.starts[spans].tolist(),
            known.ends[spans].tolist(),
            known.kinds[spans].tolist(),
            strict=True,
        ):
            word = words.setdefault(start, _Word())
            word.ends.setdefault(end, set()).add(self._entities[kind])
        return words


class _Word:
    """What is known to start at one place: end -> entities."""

    __slots__ = ("ends",)

    def __init__(self) -> None:
        self.ends: dict[int, set[Entity]] = {}


@dataclass(slots=True)
class _Token:
    letter: str
    start: int
    end: int


def _names(
    row: int, text: str, words: dict[int, _Word], plain: dict[tuple[str, bool], str]
) -> Iterator[Name]:
    tokens = _tokens(text, words, plain)
    letters = "".join(token.letter for token in tokens)
    for match in _PEOPLE.finditer(letters):
        form = next(name for name, _, _ in _FORMS if match[f"{name}_"] is not None)
        first, last = match.span("title") if form == "title" else match.span()
        start, end = tokens[first].start, tokens[last - 1].end
        for entity in _entities(form, match[0]):
            yield Name(row, entity, start, end, _SCORES[form], form)
    yield from _places(row, text, tokens, words)


def _entities(form: str, letters: str) -> tuple[Entity, ...]:
    """Return what a form is: a name that stands alone may be given, family, or either."""
    return _SINGLE[letters[0].upper()] if form.endswith("single") else (Entity.PERSON,)


def _places(row: int, text: str, tokens: list[_Token], words: dict[int, _Word]) -> Iterator[Name]:
    whole = text.strip()
    for token in tokens:
        known = words.get(token.start)
        if known is None:
            continue
        ends = [end for end, kinds in known.ends.items() if Entity.CITY in kinds]
        if not ends:
            continue
        is_whole = text[token.start : max(ends)] == whole
        if token.letter == "L" or is_whole:
            score = _WHOLE if is_whole else _INSIDE
            yield Name(row, Entity.CITY, token.start, max(ends), score, "place")


def _tokens(text: str, words: dict[int, _Word], plain: dict[tuple[str, bool], str]) -> list[_Token]:
    """Cut a text into tokens; `plain` holds the letters of words of which nothing is known."""
    tokens: list[_Token] = []
    place_until = 0
    for match in _TOKEN.finditer(text):
        written, start, end = match[0], match.start(), match.end()
        if start < place_until:
            continue
        if written == "." and tokens and tokens[-1].letter in "TI" and tokens[-1].end == start:
            continue  # the dot of a title or an initial
        known = words.get(start)
        longer = [e for e in known.ends if e > end] if known else []
        if longer and written[0].isupper():
            end = place_until = max(longer)
            kinds = known.ends[end] if known else set()
            tokens.append(_Token(_kind(kinds, "L"), start, end))
            continue
        kinds = known.ends.get(end, set()) if known else set()
        follows = text[end : end + 1]
        if kinds:
            letter = _letter(written, kinds, follows)
        elif (written, follows == ".") in plain:
            letter = plain[written, follows == "."]
        else:
            letter = plain[written, follows == "."] = _letter(written, kinds, follows)
        tokens.append(_Token(letter, start, end))
    return tokens


def _letter(written: str, kinds: set[Entity], follows: str) -> str:
    if not written[0].isalpha():
        return written if written in {",", "-"} else ("w" if written.isdigit() else "|")
    plain = folded(written)
    capital = written[0].isupper() or written.lower() == written.upper()  # or a script of one case
    if capital and len(written) == 1:
        return "I"
    shouted = written.isupper() and follows != "."
    if (plain in TITLES and capital and not shouted) or (plain in DOTTED_TITLES and follows == "."):
        return "T"
    if plain in PARTICLES:
        return "P"
    if plain in AMBIGUOUS or plain in little_words():
        return (
            "M" if capital and kinds & _NAMES else ("C" if capital and plain in AMBIGUOUS else "w")
        )
    letter = _kind(kinds, "C" if capital else "w")
    return letter if capital else letter.lower()


_NAMES = {Entity.FIRST_NAME, Entity.LAST_NAME}


def _kind(kinds: set[Entity], otherwise: str) -> str:
    if kinds >= _NAMES:
        return "B"
    if Entity.FIRST_NAME in kinds:
        return "G"
    if Entity.LAST_NAME in kinds:
        return "F"
    return "L" if Entity.CITY in kinds else otherwise

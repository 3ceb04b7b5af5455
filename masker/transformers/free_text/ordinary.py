"""Names that a dictionary found, without ordinary words at the edges: `Gruß, Anna` is Anna."""

from __future__ import annotations

import functools
import re

import polars as pl

from masker.detect.dictionary import folded
from masker.detect.name_words import AMBIGUOUS
from masker.transformers.free_text.vocabulary import ordinary

_BY_DICTIONARY = "name:"
_BY_TITLE = "name:title"
_TOKEN = re.compile(r"[^\W\d_]+")
# Words that are titles and nouns, at the end of a sentence: the next word is no name for that.
_SENTENCE = re.compile(r"(?i)\b(?:frau|herrn?|madame|monsieur|se[nñ]ora?|signora?|miss|sir)\.\s*$")
_BEFORE = 16  # characters before a name that tell its title


def without_ordinary(found: pl.DataFrame, texts: pl.Series) -> pl.DataFrame:
    """Return the frame of `Detector.find` with names of a dictionary cut, or left out if empty."""
    by_words = pl.col("recognizer").str.starts_with(_BY_DICTIONARY)
    names = found.filter(by_words)
    if names.is_empty():
        return found
    written = texts.to_list()
    cut = [
        _cut(
            written[row][start:end],
            titled=recognizer == _BY_TITLE
            and not _SENTENCE.search(written[row][max(0, start - _BEFORE) : start]),
        )
        for row, start, end, recognizer in names.select(
            "value_index", "start", "end", "recognizer"
        ).iter_rows()
    ]
    moved = names.with_columns_seq(
        start=pl.col("start") + pl.Series([first for first, _ in cut], dtype=pl.Int64),
        end=pl.col("start") + pl.Series([last for _, last in cut], dtype=pl.Int64),
    )
    return pl.concat([found.filter(~by_words), moved.filter(pl.col("start") < pl.col("end"))])


def _cut(name: str, *, titled: bool) -> tuple[int, int]:
    """Return where a name begins and ends without its ordinary words."""
    if titled:
        return 0, len(name)
    words = list(_TOKEN.finditer(name))
    first, last = 0, len(words)
    while first < last and _is_plain(words[first][0]):
        first += 1
    while first < last and _is_plain(words[last - 1][0]):
        last -= 1
    if (first, last) == (0, len(words)):
        return 0, len(name)
    return (words[first].start(), words[last - 1].end()) if first < last else (0, 0)


@functools.lru_cache(maxsize=1 << 16)
def _is_plain(word: str) -> bool:
    plain = folded(word)
    return plain in ordinary() and plain not in AMBIGUOUS

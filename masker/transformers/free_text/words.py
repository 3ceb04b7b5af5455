"""The words of texts and their places: what known values are looked up by.

Texts are laid end to end and cut once by a regular expression; words are then folded as columns,
exactly as the audit folds what it searches, so that what it could find is found here first.
"""

# ruff: noqa: RUF001 - quotation marks and dashes of many languages are what this is about
from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from masker.keys.forms import folded
from masker.transformers.person.fold import token_key

Integers = npt.NDArray[np.int64]

_BORDER = "\x1e"  # between two texts; no word holds it
# What folding makes no blank of: letters and digits, `.@+-_%`, anything beyond ASCII.
_WORD = re.compile(r"[^\s\x00-\x20!-$&-*,/:-?\[-^`{-\x7f，、。；：（）【】「」『』]+")
_EDGES = "„“”‚‘’«»‹›…–—·•¿¡\ufeff\u200b"  # stand at a word and are none of it
_MARKS = "_-+%@"  # may be part of a value, or of how a text is marked up
_LETTER = "[^\\W\\d_][\u0300-\u036f]*"  # with what stands above and below it
_TOKEN = re.compile(rf"(?:{_LETTER})+(?:['’ʼ](?:{_LETTER})+)*")


@dataclass(frozen=True, slots=True)
class Words:
    """Words in order: the row of the text, where they start and end in it, how they are written.

    `starts` and `ends` count characters; `written` is as in the text, `form` as it is looked up.
    """

    rows: Integers
    starts: Integers
    ends: Integers
    written: pl.Series
    form: pl.Series

    def __len__(self) -> int:
        return len(self.rows)

    def frame(self) -> pl.DataFrame:
        """Return row, start, end, form."""
        return pl.DataFrame(
            {"row": self.rows, "start": self.starts, "end": self.ends, "form": self.form}
        )


class Laid:
    """Texts laid end to end."""

    def __init__(self, texts: pl.Series) -> None:
        self.texts = texts
        self.text = _BORDER.join(texts.to_list())
        sizes = texts.str.len_chars().to_numpy().astype(np.int64) + 1
        self.borders: Integers = np.cumsum(sizes) - sizes

    def _cut(self, pattern: re.Pattern[str]) -> tuple[Integers, Integers, Integers, list[str]]:
        places = [found.span() for found in pattern.finditer(self.text)]
        spans = np.array(places, dtype=np.int64).reshape(-1, 2)
        rows = np.searchsorted(self.borders, spans[:, 0], side="right") - 1
        written = [self.text[start:end] for start, end in places]
        return rows, spans[:, 0] - self.borders[rows], spans[:, 1] - self.borders[rows], written

    def words(self) -> Words:
        """Return what stands between blanks and punctuation, folded."""
        rows, starts, ends, written = self._cut(_WORD)
        raw = pl.Series("raw", written, dtype=pl.String)
        left = raw.str.strip_chars_start("." + _EDGES)
        bare = left.str.strip_chars_end("." + _EDGES)
        sizes = [each.str.len_chars().to_numpy().astype(np.int64) for each in (raw, left, bare)]
        starts, ends = starts + sizes[0] - sizes[1], ends - sizes[1] + sizes[2]
        there = np.flatnonzero(sizes[2] > 0)
        kept = bare.gather(there)
        return Words(rows[there], starts[there], ends[there], kept, _folded(kept))

    def tokens(self) -> Words:
        """Return runs of letters, of two and more, with their keys as name tokens."""
        rows, starts, ends, written = self._cut(_TOKEN)
        there = np.flatnonzero(ends - starts > 1)
        kept = pl.Series("token", written, dtype=pl.String).gather(there)
        distinct = kept.unique()
        keys = distinct.to_frame().select_seq(token_key(pl.col("token"))).to_series()
        form = kept.replace_strict(distinct, keys, return_dtype=pl.String)
        return Words(rows[there], starts[there], ends[there], kept, form)


def unmarked(words: Words) -> Words:
    """Return the words that have marks at their edges, without them."""
    left = words.form.str.strip_chars_start(_MARKS)
    bare = left.str.strip_chars_end(_MARKS)
    # Folding may change how many characters there are; then their places are not known.
    plain = words.form.str.len_chars().to_numpy() == words.ends - words.starts
    changed = np.flatnonzero(((bare != words.form) & (bare != "")).to_numpy() & plain)
    sizes = [
        each.gather(changed).str.len_chars().to_numpy().astype(np.int64)
        for each in (words.form, left, bare)
    ]
    return Words(
        words.rows[changed],
        words.starts[changed] + sizes[0] - sizes[1],
        words.ends[changed] - sizes[1] + sizes[2],
        words.written.gather(changed),
        bare.gather(changed),
    )


def runs(words: pl.DataFrame, count: int, *, between: str, first: pl.Series) -> pl.DataFrame:
    """Return all runs of so many words of one text that begin with a word of `first`.

    `words` has row, start, end, form; `first` are the positions in it of the words to begin with.
    """
    at = first.filter(first + count <= words.height)
    parts = [words["form"].gather(at + step) for step in range(count)]
    last = at + (count - 1)
    same = words["row"].gather(at) == words["row"].gather(last)
    made = pl.DataFrame(
        {
            "row": words["row"].gather(at),
            "start": words["start"].gather(at),
            "end": words["end"].gather(last),
            "form": pl.select(pl.concat_str(parts, separator=between)).to_series(),
        }
    )
    return made.filter(same)


def _folded(values: pl.Series) -> pl.Series:
    distinct = values.unique()
    return values.replace_strict(distinct, folded(distinct), return_dtype=pl.String)

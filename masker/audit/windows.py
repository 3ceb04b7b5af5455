"""The forms in which places are searched: whole values, words and runs of words, bare numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from masker.evidence.exposure import LONG, LONG_BARE
from masker.keys.forms import bare, folded, local_parts

WORDS = 4  # longest run of words that is looked up
_NUMBER_WORDS = 8  # an IBAN in groups of four
_ROWS = 1 << 32  # more than a batch has words
_LONGEST_BARE = 34  # letters and digits of an IBAN


@dataclass(frozen=True, slots=True)
class Forms:
    """Texts to look up. Whether they are `whole` values decides what they may be taken for."""

    texts: pl.Series
    whole: bool = False
    number: bool = False


def forms(values: pl.Series) -> Iterator[Forms]:
    """Yield every form of distinct values: String series without nulls."""
    if not values.len():
        return
    whole = folded(values)
    yield Forms(whole, whole=True)
    yield Forms(_long(whole.filter(~whole.str.contains(" ", literal=True))))
    yield Forms(_locals(whole))
    yield from _numbers(bare(values), whole=True)
    many = whole.filter(whole.str.contains(" ", literal=True))
    if many.len():
        yield from _windows(many)


def _windows(texts: pl.Series) -> Iterator[Forms]:
    words = pl.DataFrame(
        {"row": pl.int_range(texts.len(), eager=True), "word": texts.str.split(" ")}
    )
    words = words.explode("word").filter(pl.col("word") != "")
    single = _long(words["word"].unique())
    yield Forms(single)
    yield Forms(_locals(single))
    for count in range(2, WORDS + 1):
        yield Forms(_runs(words, count))
    # Numbers are written in groups: runs of words that hold a digit each, closed up.
    digits = words.with_columns(block=(~pl.col("word").str.contains("[0-9]")).cum_sum())
    digits = digits.filter(pl.col("word").str.contains("[0-9]"))
    digits = digits.with_columns(row=pl.col("row") * _ROWS + pl.col("block"))
    for count in range(1, _NUMBER_WORDS + 1):
        yield from _numbers(bare(_runs(digits, count)), whole=False)


def _runs(words: pl.DataFrame, count: int) -> pl.Series:
    """Return all runs of so many words of one row, without repetitions."""
    parts = [pl.col("word").shift(-step) for step in range(count)]
    together = pl.col("row") == pl.col("row").shift(1 - count)
    runs = words.select(pl.when(together).then(pl.concat_str(parts, separator=" ")).alias("run"))
    return runs["run"].drop_nulls().unique()


def _numbers(plain: pl.Series, *, whole: bool) -> Iterator[Forms]:
    length = plain.str.len_bytes()
    fits = (length >= LONG_BARE) & (length <= _LONGEST_BARE) & plain.str.contains("[0-9]{3}")
    yield Forms(plain.filter(fits), whole=whole, number=True)


def _locals(words: pl.Series) -> pl.Series:
    return _long(local_parts(words.filter(words.str.contains("@", literal=True))))


def _long(words: pl.Series) -> pl.Series:
    return words.filter((words.str.len_chars() >= LONG) & words.str.contains("[0-9@]"))

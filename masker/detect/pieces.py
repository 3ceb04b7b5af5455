"""Cut long texts into pieces, so that no pattern ever runs over megabytes at once."""

from __future__ import annotations

import re

import polars as pl

PIECE = 10_000  # characters
OVERLAP = 300  # characters that two pieces share: longer than any one finding but a private key
_BLANK = re.compile(r"\s")


def cut(values: pl.Series) -> pl.DataFrame:
    """Return texts as pieces: value_index (row of the value), offset (characters), text.

    Nulls and empty texts have none. Values of up to 10,000 characters are one piece; longer ones
    are cut, at a blank if there is one, and neighbouring pieces overlap.
    """
    whole = (
        values.alias("text")
        .to_frame()
        .with_row_index("value_index")
        .filter(pl.col("text").str.len_bytes() > 0)
        .select("value_index", pl.lit(0, dtype=pl.Int64).alias("offset"), "text")
    )
    long = pl.col("text").str.len_chars() > PIECE
    if not whole.select(long.any()).item():
        return whole
    rows = [
        (index, start, text[start:end])
        for index, text in whole.filter(long).select("value_index", "text").iter_rows()
        for start, end in _spans(text)
    ]
    pieces = pl.DataFrame(rows, schema=whole.schema, orient="row")
    return pl.concat([whole.filter(~long), pieces])


def _spans(text: str) -> list[tuple[int, int]]:
    spans, start = [], 0
    while start + PIECE < len(text):
        end = _blank_before(text, start + PIECE)
        spans.append((start, end))
        start = _blank_before(text, end - OVERLAP)
    return [*spans, (start, len(text))]


def _blank_before(text: str, end: int) -> int:
    """Return the place behind the last blank of the characters before `end`, or `end` itself."""
    tail = text[end - OVERLAP : end]
    blanks = [found.end() for found in _BLANK.finditer(tail)]
    return end - len(tail) + blanks[-1] if blanks else end

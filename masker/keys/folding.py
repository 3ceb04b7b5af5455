"""Canonical text: which spellings of a value are one value in a canonical domain."""

from __future__ import annotations

import unicodedata

import polars as pl

from masker.keys import columns


def canonical(values: pl.Series) -> pl.Series:
    """Return a String column trimmed, casefolded and in Unicode NFC; null stays null.

    Two values become one exactly when they are, trimmed, a canonical caseless match (Unicode
    Standard 3.13, definition 145). ASCII is folded in bulk, other values once per distinct value.
    """
    trimmed = columns.as_text(values).str.strip_chars()
    lower = trimmed.str.to_lowercase()
    rows = (
        (trimmed.str.len_bytes() != trimmed.str.len_chars())
        .fill_null(value=False)
        .arg_true()
        .to_numpy()
    )
    if not len(rows):
        return lower
    others, index = columns.distinct(trimmed.gather(rows))
    folded = pl.Series([_fold(value) for value in others], dtype=pl.String)
    return columns.replace(lower, rows, folded.gather(index))


def _fold(value: str) -> str:
    folded = unicodedata.normalize("NFD", value).casefold()
    return unicodedata.normalize("NFC", folded)

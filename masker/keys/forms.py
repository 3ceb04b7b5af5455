"""The forms in which a value is looked for: folded text, bare letters and digits, local part.

A batch is folded as one text whose values are separated by NUL, which hardly any text holds (of the
engines only SQLite stores it): the C loops over one long string cost a fifth of expressions over
many short ones.
"""

from __future__ import annotations

import enum
import re
import unicodedata

import polars as pl

_SEPARATOR = "\0"
# Punctuation becomes a blank, so that words of running text, JSON, arrays and tsvector lexemes
# come out bare; what e-mails, phones, IPs, UUIDs and dates hold inside stays.
_ASCII_ENDS = 0x80
_INSIDE = ".@+-_%\0"
_FOLD = bytes(
    byte
    if byte >= _ASCII_ENDS or chr(byte) in _INSIDE
    else ord(chr(byte).lower())
    if chr(byte).isalnum()
    else ord(" ")
    for byte in range(256)
)
_NOT_BARE = bytes(byte for byte in range(1, _ASCII_ENDS) if not chr(byte).isalnum())
_NOT_DIGIT = bytes(set(range(1, 256)) - set(b"0123456789"))
_LAST_DOTS = re.compile(rb"\.+(?=[ \0]|\Z)")
_FIRST_DOTS = re.compile(rb" \.+")
_FEW = 4  # up to one value in so many is folded by itself


class Form(enum.StrEnum):
    """What of a value was fingerprinted."""

    WHOLE = "whole"  # folded text
    BARE = "bare"  # its letters and digits alone
    LOCAL = "local"  # what stands before the @ of an e-mail


def folded(values: pl.Series) -> pl.Series:
    """Return values NFKC-composed, case-folded, punctuation and blanks as single blanks, trimmed.

    A full stop at the edge of a word ends a sentence or an abbreviation and counts as a blank.
    Takes a String series without nulls; same length.
    """
    if not values.len():
        return values
    joined, plain = _joined(values)
    raw = joined.translate(_FOLD)
    if b"." in raw and (b" " in raw or values.str.ends_with(".").any()):
        raw = _LAST_DOTS.sub(b" ", raw)
        raw = _FIRST_DOTS.sub(b" ", raw) if b" ." in raw else raw
    if b" " in raw:
        raw = _single(raw).replace(b" \0", b"\0").replace(b"\0 ", b"\0").strip(b" ")
    return values if raw == joined and plain else _parted(raw, values)


def bare(values: pl.Series) -> pl.Series:
    """Return the letters and digits alone, case-folded; same length, no nulls in or out."""
    if not values.len():
        return values
    joined, plain = _joined(values)
    raw = joined.translate(_FOLD, _NOT_BARE)
    return values if raw == joined and plain else _parted(raw, values)


def all_digits(values: pl.Series) -> bool:
    """Tell whether values hold nothing but ASCII digits."""
    joined, _ = _joined(values)
    return len(joined.translate(None, _NOT_DIGIT)) == len(joined)


def local_parts(addresses: pl.Series) -> pl.Series:
    """Return what stands before the first @ of folded e-mail addresses; others are left out."""
    ends = pl.col("").str.find("@", literal=True).fill_null(0)
    # In bytes: cutting a text at a character would count through it first.
    before = pl.col("").cast(pl.Binary).bin.slice(0, ends).cast(pl.String)
    return addresses.rename("").to_frame().select_seq(before).to_series()


def _single(raw: bytes) -> bytes:
    return re.sub(rb" {2,}", b" ", raw) if b"  " in raw else raw


def _joined(values: pl.Series) -> tuple[bytes, bool]:
    """Return values as one text, composed and case-folded beyond ASCII, and if it is as they were.

    A NUL within a value counts as a blank.
    """
    text: str = values.str.join(_SEPARATOR).item()
    parted = text.count(_SEPARATOR) == values.len() - 1
    if not parted:
        values = values.str.replace_all(_SEPARATOR, " ", literal=True)
        text = values.str.join(_SEPARATOR).item()
    if text.isascii():
        return text.encode(), parted
    rows = (values.str.len_bytes() != values.str.len_chars()).arg_true()
    if rows.len() * _FEW > values.len():
        return _composed(text).encode(), False
    # A single umlaut would send the whole batch down the slow way: only its value goes there.
    few = _composed(values.gather(rows).str.join(_SEPARATOR).item())
    folded_few = pl.Series(few.split(_SEPARATOR))
    whole: str = values.clone().scatter(rows, folded_few).str.join(_SEPARATOR).item()
    return whole.encode(), False


def _composed(text: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def _parted(raw: bytes, values: pl.Series) -> pl.Series:
    return pl.Series(values.name, [raw.decode()]).str.split(_SEPARATOR).explode()

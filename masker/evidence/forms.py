"""The forms in which a value is looked for: folded text, bare letters and digits, local part.

A batch is folded as one text whose values are separated by NUL, which no database stores in text:
the C loops over one long string cost a fifth of expressions over many short ones.
"""

from __future__ import annotations

import enum
import re
import unicodedata

import polars as pl

_SEPARATOR = "\0"
# Punctuation becomes a blank, so that words of running text, JSON, arrays and tsvector lexemes
# come out bare; what e-mails, phones, IPs, UUIDs and dates hold inside stays: . @ + - _ %
_INSIDE = b".@+-_%"
_BLANKED = bytes(
    byte
    if byte == 0 or byte > 0x7F or chr(byte).isalnum() or byte in _INSIDE  # noqa: PLR2004 - ASCII ends
    else 0x20
    for byte in range(256)
)
_NOT_BARE = bytes(byte for byte in range(1, 128) if not chr(byte).isalnum())
# A full stop ends a sentence unless something follows it at once.
_EDGES = ((b". ", b" "), (b".\0", b"\0"), (b" .", b" "))


class Form(enum.StrEnum):
    """What of a value was fingerprinted."""

    WHOLE = "whole"  # folded text
    BARE = "bare"  # its letters and digits alone
    LOCAL = "local"  # what stands before the @ of an e-mail


def folded(values: pl.Series) -> pl.Series:
    """Return values NFKC-composed, case-folded, punctuation and blanks as single blanks, trimmed.

    Takes a String series without nulls; same length.
    """
    return _split(_folded(values), values)


def bare(values: pl.Series) -> pl.Series:
    """Return the folded values' letters and digits alone; same length, no nulls in or out."""
    return _split(_folded(values).translate(None, _NOT_BARE), values)


def local_parts(addresses: pl.Series) -> pl.Series:
    """Return what stands before the @ of folded e-mail addresses; others are left out."""
    addresses = addresses.filter(addresses.str.contains("@", literal=True))
    return addresses.str.split("@").list.first()


def _folded(values: pl.Series) -> bytes:
    text = values.str.join(_SEPARATOR).item() if values.len() else ""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    raw: bytes = text.encode().lower().translate(_BLANKED)
    if b"." in raw:
        for edge, instead in _EDGES:
            raw = raw.replace(edge, instead)
        raw = raw.removesuffix(b".")
    if b" " in raw:
        raw = re.sub(rb" {2,}", b" ", raw)
        raw = raw.replace(b" \0", b"\0").replace(b"\0 ", b"\0").strip(b" ")
    return raw


def _split(raw: bytes, values: pl.Series) -> pl.Series:
    if not values.len():
        return values
    return pl.Series(values.name, [raw.decode()]).str.split(_SEPARATOR).explode()

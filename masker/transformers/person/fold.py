"""How a name token is compared and how it is written in plain ASCII."""

# ruff: noqa: RUF001, SIM905 - look-alike letters are what this is about; lists read best as text
from __future__ import annotations

import polars as pl

# Marks that may be left out in writing without changing the name: Latin, Greek and Cyrillic
# accents, Hebrew points, Arabic vowels. Vowel signs of Indic scripts and Thai are letters here.
_MARKS = "[\u0300-\u036f\u0591-\u05c7\u064b-\u0655\u0670]"
_APOSTROPHES = "['\u2019\u02bc\u2018`\u00b4\u02bb]"

# Letters that Unicode does not take apart, as people type them without their keyboard.
_LETTERS = {
    "ß": "ss",
    "æ": "ae",
    "œ": "oe",
    "ø": "o",
    "ł": "l",
    "đ": "d",
    "ð": "d",
    "þ": "th",
    "ı": "i",
    "ħ": "h",
    "ŋ": "n",
    "ə": "a",
    "ς": "σ",
}

# One simple romanisation each (close to passports: ICAO Doc 9303 part 3), on folded letters.
_ROMAN = dict(
    zip(
        "абвгдежзиклмнопрстуфхцчшщъыьэюяіїєґђјљњћџѓќѕў",
        "a b v g d e zh z i k l m n o p r s t u f kh ts ch sh shch - y - e iu ia i i e g d j lj nj "
        "c dz g k dz u".split(),
        strict=True,
    )
) | dict(
    zip(
        "αβγδεζηθικλμνξοπρστυφχψω",
        "a v g d e z i th i k l m n x o p r s t y f ch ps o".split(),
        strict=True,
    )
)
_ROMAN = {letter: roman.replace("-", "") for letter, roman in _ROMAN.items()}

_DIGRAPHS = {"ae": "a", "oe": "o", "ue": "u"}


def folded(token: pl.Expr) -> pl.Expr:
    """Return the token in lower case without marks, apostrophes and letters of one language."""
    bare = (
        token.str.to_lowercase()
        .str.normalize("NFKD")
        .str.replace_all(f"{_MARKS}|{_APOSTROPHES}", "")
        .str.to_lowercase()
    )
    return bare.str.replace_many(list(_LETTERS), list(_LETTERS.values()))


def token_key(token: pl.Expr) -> pl.Expr:
    """Return what makes two spellings one token: Müller, Mueller and muller are `muller`.

    Also `ae`, `oe`, `ue` become one letter, except where only that letter would be left.
    """
    plain = folded(token)
    short = plain.str.replace_many(list(_DIGRAPHS), list(_DIGRAPHS.values()))
    return pl.when(short.str.len_chars() > 1).then(short).otherwise(plain)


def ascii_form(token: pl.Expr) -> pl.Expr:
    """Return the token in lower-case ASCII letters, empty where its script has no romanisation."""
    roman = folded(token).str.replace_many(list(_ROMAN), list(_ROMAN.values()))
    return roman.str.replace_all("[^a-z]", "")

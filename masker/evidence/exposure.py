"""How much a value that is found elsewhere gives away, by the transformer that should hide it."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from masker.catalog import Kind
from masker.keys.forms import Form, all_digits, folded, local_parts
from masker.keys.forms import bare as bare_of


class Exposure(enum.StrEnum):
    """What finding a source value outside its column means."""

    DIRECT = "direct"  # it names one person, and nothing equals it by chance
    DIGITS = "digits"  # it names one person, but other numbers of its length may equal it
    NAME = "name"  # several words that name a person; other people may share them
    QUASI = "quasi"  # many share it: counted and reported, never a leak by itself


@dataclass(frozen=True, slots=True)
class Traces:
    """Forms of some values, by exposure and form, and how many were too short to look for."""

    found: tuple[tuple[Exposure, Form, pl.Series], ...]
    short: int = 0


# Numbers that people write with any punctuation, or none.
NUMBERS = frozenset({"phone", "card", "iban", "national_id"})
_NAMES = frozenset({"full_name"})

# The kinds whose values are looked for; dates, numbers and booleans coincide too easily.
SEARCHED = frozenset({Kind.TEXT, Kind.UUID, Kind.INET, Kind.JSON, Kind.XML, Kind.ARRAY, Kind.ENUM})

LONG = 8  # characters of a word with a digit or an @ that is worth looking for
LONG_BARE = 7  # digits of a number that is worth looking for
_LONG_TOKEN = 12  # characters of a word of letters and digits of which nothing else is known
_LONG_NUMBER = 9  # digits of a number of which nothing else is known; a date has eight
_LONG_TEXT = 5  # words of a sentence that nobody writes twice

# Addresses that stand in every network.
_EVERYWHERE = (
    r"^(127\.|10\.|192\.168\.|169\.254\.|172\.(1[6-9]|2\d|3[01])\.|0\.|255\.|fe80|f[cd]|1?$)"
)


def traces(use: str, values: pl.Series) -> Traces:
    """Return the forms in which distinct source values of a transformer's column are looked for.

    `values` is a String series without nulls.
    """
    if use in NUMBERS:
        return _numbers(values)
    whole = folded(values)
    if use == "email":
        return _addresses(whole)
    if use in _NAMES:
        return _told(Exposure.NAME, whole, _is_many(whole))
    if use in _TELLING:
        return _told(Exposure.DIRECT, whole, _TELLING[use](whole))
    return _anything(values, whole)


def _told(exposure: Exposure, whole: pl.Series, telling: pl.Series) -> Traces:
    return _of((exposure, Form.WHOLE, whole.filter(telling)), quasi=whole.filter(~telling))


def _is_many(whole: pl.Series) -> pl.Series:
    return whole.str.contains(" ", literal=True)


def _is_house(whole: pl.Series) -> pl.Series:
    return whole.str.contains("[0-9]") & _is_many(whole)


def _is_sentence(whole: pl.Series) -> pl.Series:
    return whole.str.count_matches(" ", literal=True) >= _LONG_TEXT - 1


def _is_somewhere(whole: pl.Series) -> pl.Series:
    return ~whole.str.contains(_EVERYWHERE)


def _is_shared(whole: pl.Series) -> pl.Series:
    return pl.repeat(value=False, n=whole.len(), eager=True, dtype=pl.Boolean)


def _anything(values: pl.Series, whole: pl.Series) -> Traces:
    """Tell by its looks what a value is of whose column only the transformer is known."""
    numbers = whole.str.contains(r"^[+0-9 .-]+$") & (
        whole.str.count_matches("[0-9]") >= _LONG_NUMBER
    )
    telling = _is_token(whole) & ~numbers
    return _of(
        (Exposure.DIRECT, Form.WHOLE, whole.filter(telling)),
        (Exposure.DIGITS, Form.BARE, bare_of(values.filter(numbers))),
        quasi=whole.filter(~telling & ~numbers),
    )


def _is_long(whole: pl.Series) -> pl.Series:
    return (whole.str.len_chars() >= LONG) & whole.str.contains(r"[0-9@]")


def _is_token(whole: pl.Series) -> pl.Series:
    """Tell e-mails, and words of letters and digits that are too long to be anything common."""
    word = (
        (whole.str.len_chars() >= _LONG_TOKEN)
        & ~whole.str.contains(" ", literal=True)
        & whole.str.contains("[0-9]")
        & (whole.str.count_matches(r"[a-z]") >= LONG // 2)
    )
    return word | (whole.str.contains(r"^\S+@\S+$") & (whole.str.len_chars() >= LONG))


_TELLING: dict[str, Callable[[pl.Series], pl.Series]] = {
    **dict.fromkeys(("uuid", "token", "username", "password_hash"), _is_long),
    **dict.fromkeys(
        ("first_name", "last_name", "company", "city", "postcode", "region", "country"), _is_shared
    ),
    "ip": _is_somewhere,
    "street": _is_house,
    "fake_text": _is_sentence,
}


def _addresses(whole: pl.Series) -> Traces:
    telling = whole.filter(whole.str.len_bytes() >= LONG)
    # Of local parts only those with a digit are looked for, and the search sees to that.
    local = local_parts(telling)
    return Traces(
        (
            (Exposure.DIRECT, Form.WHOLE, telling),
            (Exposure.DIRECT, Form.LOCAL, local.filter(local.str.len_bytes() >= LONG)),
        ),
        short=whole.len() - telling.len(),
    )


def _numbers(values: pl.Series) -> Traces:
    plain = bare_of(values)
    plain = plain.filter(plain.str.len_bytes() >= LONG_BARE)
    short = values.len() - plain.len()
    if plain.len() and all_digits(plain):
        return Traces(((Exposure.DIGITS, Form.BARE, plain),), short=short)
    letters = plain.str.contains("[a-z]")
    # Words without a number are looked for nowhere: the search asks for three digits in a row.
    return Traces(
        (
            (Exposure.DIRECT, Form.BARE, plain.filter(letters)),
            (Exposure.DIGITS, Form.BARE, plain.filter(~letters)),
        ),
        short=short,
    )


def _of(
    *found: tuple[Exposure, Form, pl.Series], quasi: pl.Series | None = None, least: int = 3
) -> Traces:
    if quasi is None:
        return Traces(found)
    long = quasi.filter(quasi.str.len_chars() >= least)
    return Traces((*found, (Exposure.QUASI, Form.WHOLE, long)), short=quasi.len() - long.len())

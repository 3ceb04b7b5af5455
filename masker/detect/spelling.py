"""Cut names of columns and tables into words: seams, accents, abbreviations, grown-together words.

`dateOfBirth`, `DATE_OF_BIRTH` and `date of birth` are one; so are `custEmailAddr` and
`customer_email_address`.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Collection, Mapping

_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[^A-Za-z0-9]+")
_DIGITS = re.compile(r"(?<=[a-z])(?=[0-9])|(?<=[0-9])(?=[a-z])")
_SPELLED = {"1": "one", "2": "two", "3": "three", "4": "four"}  # address_line_1, cvv2, zip+4
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ł": "l", "ø": "o", "æ": "ae",
                          "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "Ł": "L", "Ø": "O"})  # fmt: skip
# What may stand behind a word to say whose or which: emailpro, phonehome.
_BEHIND = frozenset({"pro", "perso", "privat", "work", "home", "alt", "no", "nr", "num"})
ABBREVIATIONS: Mapping[str, str] = {
    "acc": "account", "acct": "account", "addr": "address", "adr": "adresse", "apt": "apartment",
    "bday": "birthday", "bdate": "birthdate", "brth": "birth", "cmt": "comment",
    "cmnt": "comment", "cntct": "contact", "cntry": "country", "ctry": "country",
    "comp": "company", "cust": "customer", "descr": "description", "desc": "description",
    "dt": "date", "eml": "email", "emp": "employee", "frst": "first", "fst": "first",
    "gebdat": "geburtsdatum", "hdr": "header", "hdrs": "headers", "kd": "kunde", "lst": "last",
    "mgr": "manager", "mob": "mobile", "msg": "message", "nm": "name", "nbr": "number",
    "no": "number", "nr": "number", "num": "number", "org": "organization", "ph": "phone",
    "pers": "person", "psw": "password", "psswd": "password", "pswd": "password",
    "pw": "password", "pwd": "password", "ref": "reference", "sess": "session",
    "tel": "telephone", "tlf": "telephone", "tk": "token", "tkn": "token", "txt": "text",
    "usr": "user", "val": "value",
}  # fmt: skip
_SHORTEST = 3  # letters of a word that may be grown together with another
_TELLING = 7  # letters from which on a word tells, whatever stands in front: altcontactfirstname


@functools.lru_cache(maxsize=8192)
def split(name: str) -> tuple[str, ...]:
    """Return the words of a name: lower case, accents folded, line_1 as line_one."""
    plain = unicodedata.normalize("NFKD", name.translate(_UMLAUTS))
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    # Words of capitals only have no inner boundaries: CUSTOMER_NAME, not C-U-S-…
    found = [word.lower() for word in _BOUNDARY.split(plain) if word]
    parts = [part for word in found for part in _DIGITS.split(word)]
    return tuple(_SPELLED.get(part, part) for part in parts)


def snake(name: str) -> str:
    """Return a name in one spelling: `firstName`, `First Name` and `FIRST_NAME` are one."""
    return "_".join(split(name))


def spelled_out(parts: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words with abbreviations written out."""
    return tuple(ABBREVIATIONS.get(part, part) for part in parts)


def singular(word: str) -> str:
    """Return a word without the ending of an English plural, which may be no plural at all."""
    if word.endswith("ies") and len(word) > _SHORTEST:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    return word.removesuffix("s") if not word.endswith("ss") else word


def cut(parts: tuple[str, ...], first: Collection[str], last: Collection[str]) -> tuple[str, ...]:
    """Cut words that have grown together: `custname`, `useremail`, `Kundenstrasse`.

    The front must be one of `first` (what a thing belongs to), the rest one of `last`.
    """
    return tuple(half for part in parts for half in _halves(part, first, last))


def _halves(word: str, first: Collection[str], last: Collection[str]) -> tuple[str, ...]:
    if word in last or word in first:
        return (word,)
    for at in range(2, len(word) - _SHORTEST + 1):
        front, rest = word[:at], word[at:]
        # German joins with an n or an s: Kunde-n-name, Geschäft-s-telefon.
        if rest in last and (
            {front, front.removesuffix("n"), front.removesuffix("s")} & set(first)
        ):
            return front, rest
    for at in range(2, len(word) - _TELLING + 1):
        if word[at:] in last:
            return word[:at], word[at:]
    for at in range(_SHORTEST, len(word) - 1):
        if word[:at] in last and word[at:] in _BEHIND:
            return word[:at], word[at:]
    return (word,)

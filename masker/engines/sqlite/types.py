"""Declared types in the words of the catalog, by SQLite's rules of affinity and by custom.

SQLite keeps whatever it is given; a declared type only says what is tried first. So a column's
kind comes from the name that people gave the type, and its affinity from SQLite's five rules.
https://www.sqlite.org/datatype3.html, "Determination Of Column Affinity"
"""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from masker.catalog import Kind, Type

NOCASE = "NOCASE"
RTRIM = "RTRIM"
# A text that SQLite may store as a number: `0123` becomes 123.
NUMERIC_TEXT = "numeric_text"


class Affinity(enum.StrEnum):
    """What SQLite tries to store a column's values as."""

    INTEGER = "INTEGER"
    TEXT = "TEXT"
    BLOB = "BLOB"  # as it comes
    REAL = "REAL"
    NUMERIC = "NUMERIC"


# The first that is part of the declared type decides.
_RULES: tuple[tuple[str, Affinity], ...] = (
    ("INT", Affinity.INTEGER),
    ("CHAR", Affinity.TEXT),
    ("CLOB", Affinity.TEXT),
    ("TEXT", Affinity.TEXT),
    ("BLOB", Affinity.BLOB),
    ("REAL", Affinity.REAL),
    ("FLOA", Affinity.REAL),
    ("DOUB", Affinity.REAL),
)

# Names by which people mean more than SQLite does.
_KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        **dict.fromkeys(("bool", "boolean"), Kind.BOOLEAN),
        "date": Kind.DATE,
        **dict.fromkeys(("time", "time without time zone"), Kind.TIME),
        **dict.fromkeys(
            ("datetime", "timestamp", "smalldatetime", "datetime2", "timestamp without time zone"),
            Kind.TIMESTAMP,
        ),
        **dict.fromkeys(
            ("timestamptz", "datetimeoffset", "timestamp with time zone"), Kind.TIMESTAMP_TZ
        ),
        **dict.fromkeys(("uuid", "guid", "uniqueidentifier"), Kind.UUID),
        **dict.fromkeys(("json", "jsonb"), Kind.JSON),
        "xml": Kind.XML,
        **dict.fromkeys(("inet", "cidr"), Kind.INET),
        **dict.fromkeys(("decimal", "dec", "numeric", "number", "money", "currency"), Kind.DECIMAL),
        **dict.fromkeys(("bytea", "binary", "varbinary", "image", "binary varying"), Kind.BYTES),
    }
)
_BY_AFFINITY: Mapping[Affinity, Kind] = MappingProxyType(
    {
        Affinity.INTEGER: Kind.INTEGER,
        Affinity.TEXT: Kind.TEXT,
        Affinity.BLOB: Kind.BYTES,
        Affinity.REAL: Kind.FLOAT,
        Affinity.NUMERIC: Kind.TEXT,  # a name that nobody knows: STRING, PHONE
    }
)
# The plain names by which the rest of masker knows types.
_BASES: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.INTEGER: "int8",
        Kind.FLOAT: "float8",
        Kind.DECIMAL: "numeric",
        Kind.TEXT: "text",
        Kind.BYTES: "bytea",
        Kind.BOOLEAN: "bool",
        Kind.DATE: "date",
        Kind.TIME: "time",
        Kind.TIMESTAMP: "timestamp",
        Kind.TIMESTAMP_TZ: "timestamptz",
        Kind.UUID: "uuid",
        Kind.JSON: "json",
        Kind.XML: "xml",
        Kind.INET: "inet",
    }
)
_MODIFIER = re.compile(r"\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\)")
_NUMBERS = frozenset({Affinity.INTEGER, Affinity.REAL, Affinity.NUMERIC})


def affinity(declared: str, *, strict: bool = False) -> Affinity:
    """Return the affinity of a declared type; in a STRICT table ANY keeps what it is given."""
    upper = declared.upper()
    if not upper.strip() or (strict and upper == "ANY"):
        return Affinity.BLOB
    return next((found for part, found in _RULES if part in upper), Affinity.NUMERIC)


def affinity_of(known: Type) -> Affinity:
    """Return the affinity of a column's type as `resolve` made it."""
    strict = known.base == _BASES[Kind.TEXT]  # else ANY would be a number
    return affinity(known.name, strict=strict)


def as_text(known: Type) -> Type:
    """Return a column's type for a column that holds texts, whatever was declared."""
    base = NUMERIC_TEXT if has_numbers(known) else _BASES[Kind.TEXT]
    return replace(known, kind=Kind.TEXT, base=base, precision=None, scale=None)


def has_numbers(known: Type) -> bool:
    """Tell whether SQLite stores a text in such a column as a number where it reads as one."""
    return affinity_of(known) in _NUMBERS


def resolve(declared: str, *, collation: str = "", strict: bool = False) -> Type:
    """Return a column's type; `collation` is the column's own, `strict` whether its table is.

    The length in `VARCHAR(40)` is not told: SQLite stores longer texts as well.
    """
    tends = affinity(declared, strict=strict)
    plain = " ".join(_MODIFIER.sub(" ", declared).lower().split())
    kind = Kind.TEXT if not plain or plain == "any" else _KINDS.get(plain, _BY_AFFINITY[tends])
    precision = scale = None
    if kind is Kind.DECIMAL and (found := _MODIFIER.search(declared)):
        precision, scale = int(found[1]), int(found[2] or 0)
    base = _BASES[kind]
    if kind is Kind.TEXT and tends in _NUMBERS:
        base = NUMERIC_TEXT
    elif kind is Kind.TEXT and collation.upper() == RTRIM:
        base = "bpchar"  # blanks at the end say nothing
    return Type(
        name=declared,
        base=base,
        kind=kind,
        precision=precision,
        scale=scale,
        case_insensitive=collation.upper() == NOCASE,
    )

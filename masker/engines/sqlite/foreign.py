r"""Columns of another engine in SQLite's words: declared types, collations, defaults.

A declared type says by its affinity what SQLite tries to store a value as, so it is chosen such
that nothing is lost: a decimal is NUMERIC only where a double gives back each of its digits.
https://www.sqlite.org/datatype3.html, https://www.sqlite.org/floatingpoint.html
"""

from __future__ import annotations

import re

from masker.catalog import Column, Kind, Type
from masker.engines.sqlite.types import NOCASE, RTRIM
from masker.engines.sqlite.values import HEX, is_hex, number

INTEGER, TEXT = "INTEGER", "TEXT"
_DIGITS = 15  # that a double holds for certain: DBL_DIG of C
_DECLARED = {Kind.FLOAT: "REAL", Kind.BOOLEAN: "BOOLEAN", Kind.BYTES: "BLOB"}
_WORDS = {"true": "1", "false": "0"}
_CAST = r"""(?:::(?:[a-z_0-9. ]|"[^"]*")+(?:\([0-9, ]+\))?[a-z ]*(?:\[\])*)?"""
_NUMBER = re.compile(r"\(?(-?[0-9]+(?:\.[0-9]+)?)\)?" + _CAST)
_TEXT = re.compile(r"'((?:[^'\\]|''|\\x)*)'" + _CAST)


def declared(kind: Type) -> str:
    """Return the declared type of a column that holds all values of another engine's type."""
    if kind.kind is Kind.INTEGER or kind.base == "oid":
        return INTEGER
    if kind.kind is Kind.DECIMAL and kind.precision is not None:
        precision, scale = kind.precision, kind.scale or 0
        if 0 <= scale <= precision <= _DIGITS:
            return f"NUMERIC({precision}, {scale})"
    return _DECLARED.get(kind.kind, TEXT)


def collation(kind: Type) -> str:
    """Return the collation by which texts are equal as they are there, empty for SQLite's own."""
    if declared(kind) != TEXT:
        return ""
    if kind.case_insensitive:
        return NOCASE
    return RTRIM if kind.base == "bpchar" else ""


def default(column: Column) -> str | None:
    """Return a column's default as SQL, None where it is none, or no constant."""
    written = (column.default or "").strip()
    kind = declared(column.type)
    if column.type.kind is Kind.BOOLEAN:
        return _WORDS.get(written)
    found = _NUMBER.fullmatch(written) or _TEXT.fullmatch(written)
    if found is None:
        return None
    value = found[1].replace("''", "'")
    if kind == "BLOB":
        return f"X'{value.removeprefix(HEX)}'" if is_hex(value) else None
    if kind != TEXT and not isinstance(number(value), str):
        return value
    return "'" + value.replace("'", "''") + "'"

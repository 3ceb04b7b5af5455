"""Columns that hold values which their declared type does not let one expect.

SQLite stores whatever it is given: a text in a column for integers, a name in one for dates. What
type a column has says nothing then, so such a column counts as text: people decide on it, scans
look into it and audits search it. Empty texts, which often stand for nothing, are no strays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from masker.catalog import Column, Kind, TableName
from masker.engines.sqlite import layout as lay
from masker.engines.sqlite.session import Session, quote
from masker.engines.sqlite.types import as_text

# Numbers come before every text in SQLite's order, so this is true of texts and blobs alone.
_TEXT = "{0} > ''"
_DAY = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"
_MOMENT = f"{_TEXT} AND ({{0}} NOT GLOB '{_DAY}*' OR {{0}} GLOB '*[^0-9:+. TZ-]*')"
# What is true of a value that is none of its kind.
_STRAYS: Mapping[Kind, str] = MappingProxyType(
    {
        **dict.fromkeys((Kind.INTEGER, Kind.DECIMAL, Kind.FLOAT), _TEXT),
        Kind.BOOLEAN: (
            f"{_TEXT} AND lower({{0}}) NOT IN ('t', 'f', 'true', 'false', 'yes', 'no', 'y', 'n')"
        ),
        **dict.fromkeys((Kind.DATE, Kind.TIMESTAMP, Kind.TIMESTAMP_TZ), _MOMENT),
        Kind.TIME: f"{_TEXT} AND ({{0}} NOT GLOB '[0-9]*' OR {{0}} GLOB '*[^0-9:+. Z-]*')",
        Kind.UUID: (
            f"{_TEXT} AND iif(typeof({{0}}) = 'blob', length({{0}}) <> 16, "
            "length({0}) NOT BETWEEN 32 AND 38 OR {0} GLOB '*[^0-9a-fA-F{{}}-]*')"
        ),
        Kind.INET: f"{_TEXT} AND {{0}} GLOB '*[^0-9a-fA-F:./]*'",
        Kind.BYTES: f"{_TEXT} AND typeof({{0}}) = 'text'",
    }
)


def with_strays(
    session: Session, table: TableName, columns: Sequence[Column], *, alias: str | None
) -> tuple[Column, ...]:
    """Return a table's columns, those with strays as text. The table is read once.

    `alias` is the column that is the rowid, which holds integers and nothing else.
    """
    looked = [
        column
        for column in columns
        if column.type.kind in _STRAYS and not column.generated and column.name != alias
    ]
    if not looked:
        return tuple(columns)
    asked = ", ".join(
        f"max({_STRAYS[column.type.kind].format(quote(column.name))})" for column in looked
    )
    (found,) = session.query(f"SELECT {asked} FROM {lay.sql(table)}")
    stray = {column.name for column, any_one in zip(looked, found, strict=True) if any_one}
    return tuple(
        replace(column, type=as_text(column.type)) if column.name in stray else column
        for column in columns
    )

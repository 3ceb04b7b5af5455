"""How SQLite stores a table's rows: what numbers them, in which order a key without rowid goes."""

from __future__ import annotations

from dataclasses import dataclass

from masker.catalog import TableName
from masker.engines.sqlite.definitions import read_definition
from masker.engines.sqlite.session import MAIN, Session, quote
from masker.engines.sqlite.words import fold
from masker.errors import ConfigError

_BINARY = "BINARY"
_ROWIDS = ("rowid", "_rowid_", "oid")
_TABLES = """
SELECT name, type, wr, strict FROM pragma_table_list
WHERE schema = 'main' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name
"""
_COLUMNS = "SELECT name, pk FROM pragma_table_xinfo(?, 'main')"
_DEFINITION = "SELECT +sql FROM sqlite_schema WHERE type = 'table' AND name = ?"
_KEY = """
SELECT x.name, x.coll FROM pragma_index_list(?, 'main') l, pragma_index_xinfo(l.name, 'main') x
WHERE l.origin = 'pk' AND x.key ORDER BY x.seqno
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """One row of PRAGMA table_list: type is table, view, virtual or shadow."""

    name: str
    type: str
    without_rowid: bool
    strict: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A table's way of naming its rows.

    `rowid` is the name by which the rowid may be called, None in a table WITHOUT ROWID, whose rows
    lie in the order of `key`: columns with the collations by which they are compared; `apart` are
    those whose own collation is another. `alias` is the column that is the rowid, if one is.
    """

    rowid: str | None
    key: tuple[tuple[str, str], ...]
    alias: str | None = None
    apart: frozenset[str] = frozenset()

    def compared(self, alias: str = "") -> list[str]:
        """Return the key's columns as SQL that compares as the key's index does.

        A collation is written only where it must be: SQLite looks no pair of columns up in an
        index where one is.
        """
        front = f"{alias}." if alias else ""
        return [
            f"{front}{quote(name)}" + (f" COLLATE {quote(collation)}" if name in self.apart else "")
            for name, collation in self.key
        ]


def relations(session: Session) -> list[Relation]:
    """Return the tables and views of the file, those of SQLite itself left out."""
    return [
        Relation(name=name, type=kind, without_rowid=bool(without), strict=bool(strict))
        for name, kind, without, strict in session.query(_TABLES)
    ]


def layout(session: Session, table: TableName, *, without_rowid: bool) -> Layout:
    """Return how a table numbers its rows; ConfigError where columns hide the rowid."""
    columns = session.query(_COLUMNS, [table.name])
    key = tuple((name, collation) for name, collation in session.query(_KEY, [table.name]))
    if without_rowid:
        own = read_definition(session.one(_DEFINITION, [table.name])).collations
        apart = (n for n, coll in key if own.get(fold(n), _BINARY).upper() != coll.upper())
        return Layout(rowid=None, key=key, apart=frozenset(apart))
    primary = [name for name, place in columns if place]
    if primary and not key:  # a primary key without an index of its own is the rowid itself
        return Layout(rowid=primary[0], key=((primary[0], _BINARY),), alias=primary[0])
    taken = {fold(name) for name, _ in columns}
    free = next((name for name in _ROWIDS if name not in taken), None)
    if free is None:
        raise ConfigError(
            f"the table `{table}` has columns called rowid, _rowid_ and oid, so that nobody can "
            "ask for its rows by number",
            help="rename one of them, or exclude the table",
            code="no-rowid",
            subject=str(table),
        )
    return Layout(rowid=free, key=key)


def sql(table: TableName) -> str:
    """Return a table's name as SQL."""
    return quote(MAIN, table.name)

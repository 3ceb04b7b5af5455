"""Whether a condition is SQL that SQLite takes for a table: asked, never run."""

from __future__ import annotations

import difflib
import re
import sqlite3

from masker.catalog import TableName
from masker.engines.sqlite import layout as lay
from masker.engines.sqlite.errors import mapped
from masker.engines.sqlite.session import Session
from masker.engines.sqlite.words import fold, words

# What SQLite says of a statement's text. Only the beginning is looked at: a condition may hold
# values, and what follows may be one.
_SAID: tuple[tuple[str, str], ...] = (
    (r"no such column", "it names a column that the table does not have"),
    (r"ambiguous column", "it names a column that two tables have: write the table in front"),
    (r"no such function", "it uses a function that SQLite does not have"),
    (r"wrong number of arguments", "a function in it has the wrong number of arguments"),
    (r"misuse of (aggregate|window)", "it counts or sums over rows, which a condition cannot"),
    (r"no such table", "it names a table that is not there"),
    (r"no such collation", "it names a collation that SQLite does not have"),
    (r"row value misused|sub-select returns", "it compares unlike numbers of values"),
    (r"near |incomplete input|unrecognized token|You can only execute", "it is not SQL"),
    (r"Incorrect number of bindings|You did not supply", "it holds a `?`, and nothing is given"),
)
_OTHER = "SQLite refuses it"
_NAMES = """
SELECT c.name FROM pragma_table_list t, pragma_table_xinfo(t.name, t.schema) c
WHERE t.schema = 'main' AND t.type <> 'virtual' UNION SELECT name FROM pragma_table_list
"""
_COLUMNS = "SELECT name FROM pragma_table_xinfo(?, 'main')"


def complaint(session: Session, table: TableName, where: str) -> str | None:
    """Return what is wrong with a condition, None when SQLite takes it.

    SQLite takes a name in double quotes that it does not know for a text; that is told, too.
    """
    try:
        # The newline ends a comment that the condition may end with.
        session.raw.execute(f"EXPLAIN SELECT 1 FROM {lay.sql(table)} WHERE ({where}\n)").close()
    except (sqlite3.Error, sqlite3.Warning) as failure:
        said = str(failure)
        if getattr(failure, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF != 1:
            with mapped(f"query on {session.side} {session.address}"):
                raise
    else:
        return _quoted(session, where)
    sentence = next((told for begin, told in _SAID if re.match(begin, said)), _OTHER)
    near = _near(session, table, where) if said.startswith("no such column") else ""
    return f"{sentence}; did you mean `{near}`?" if near else sentence


def _near(session: Session, table: TableName, where: str) -> str:
    """Return a column of the table that a name in the condition almost is."""
    columns: dict[str, str] = {
        fold(name): name for (name,) in session.query(_COLUMNS, [table.name])
    }
    for word in words(where):
        name = fold(word.name)
        if name and name not in columns:
            for near in difflib.get_close_matches(name, columns, n=1):
                return columns[near]
    return ""


def _quoted(session: Session, where: str) -> str | None:
    known = {fold(name) for (name,) in session.query(_NAMES)}
    for word in words(where):
        if word.text.startswith('"') and fold(word.name) not in known:
            return (
                "a name in double quotes is no column, and SQLite takes it for a text: "
                "texts are written in single quotes"
            )
    return None

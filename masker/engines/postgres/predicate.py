"""Whether a condition is SQL that the server takes for a table: asked, never run."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from masker.catalog import TableName
from masker.engines.postgres.session import Session, quote
from masker.errors import MaskerError

# What the server may say of a condition's text (PostgreSQL manual, appendix A).
_NO_COLUMN = "42703"
_STATES = {
    "42601": "it is not SQL",
    _NO_COLUMN: "it names a column that the table does not have",
    "42883": "it uses a function or an operator that is not there for these types",
    "42804": "it is not true or false, or types do not go together",
    "42P01": "it names a table that is not there: write the schema in front",
    "22P02": "a value is not written as its column's type wants it",
    "22007": "a date or time is not written right",
}
# Texts and comments are passed over; so is a name before a dot or a bracket, which is no column.
_WORD = re.compile(
    r"""'(?:[^']|'')*' | \$(?P<tag>\w*)\$.*?\$(?P=tag)\$ | --[^\n]* | /\*.*?\*/
      | (?: "(?P<quoted>(?:[^"]|"")+)" | \b(?P<name>[^\W\d][\w$]*) ) (?!\s*[.(]|[\w$"])""",
    re.VERBOSE | re.DOTALL,
)
_COLUMNS = """
SELECT attname::text FROM pg_catalog.pg_attribute
 WHERE attrelid = %s::pg_catalog.regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum
"""
_RESERVED = "SELECT word FROM pg_catalog.pg_get_keywords() WHERE catcode IN ('R', 'T')"


def complaint(session: Session, table: TableName, where: str) -> str | None:
    """Return what is wrong with a condition, None when the server takes it.

    Within an open transaction, which goes on whatever the answer is, and holds no lock of it.
    """
    name = quote(table.schema, table.name)
    session.execute("SAVEPOINT masker_condition")
    try:
        session.query(f"EXPLAIN SELECT FROM {name} WHERE ({where}\n)")
    except MaskerError as failure:
        state = failure.sqlstate
        if not state.startswith(("42", "22")):
            raise
        _forget(session)
        near = _near(session, name, where) if state == _NO_COLUMN else ""
        sentence = _STATES.get(state, f"SQLSTATE {state}")
        return f"{sentence}; did you mean `{near}`?" if near else sentence
    _forget(session)
    return None


def _forget(session: Session) -> None:
    """Give back the lock that asking took: who locks the table next would wait for its like."""
    session.execute("ROLLBACK TO SAVEPOINT masker_condition")
    session.execute("RELEASE SAVEPOINT masker_condition")


def _near(session: Session, table: str, where: str) -> str:
    """Return a column of the table that a name in the condition almost is."""
    columns: list[str] = [name for (name,) in session.query(_COLUMNS, [table])]
    reserved = {word for (word,) in session.query(_RESERVED)}
    for name in _names(where):
        if name not in columns and name not in reserved:
            for near in difflib.get_close_matches(name, columns, n=1):
                return near
    return ""


def _names(where: str) -> Iterator[str]:
    """Yield the names that may be columns, as the server reads them."""
    for word in _WORD.finditer(where):
        if word["quoted"] is not None:
            yield word["quoted"].replace('""', '"')
        elif word["name"] is not None:
            yield word["name"].lower()

"""Whether a condition is SQL that the server takes for a table: asked, never run."""

from __future__ import annotations

from masker.catalog import TableName
from masker.engines.postgres.session import Session, quote
from masker.errors import MaskerError

# What the server may say of a condition's text (PostgreSQL manual, appendix A).
_STATES = {
    "42601": "it is not SQL",
    "42703": "it names a column that the table does not have",
    "42883": "it uses a function or an operator that is not there for these types",
    "42804": "it is not true or false, or types do not go together",
    "42P01": "it names a table that is not there: write the schema in front",
    "22P02": "a value is not written as its column's type wants it",
    "22007": "a date or time is not written right",
}


def complaint(session: Session, table: TableName, where: str) -> str | None:
    """Return what is wrong with a condition, None when the server takes it.

    Within an open transaction, which goes on whatever the answer is.
    """
    name = quote(table.schema, table.name)
    session.execute("SAVEPOINT masker_condition")
    try:
        session.query(f"EXPLAIN SELECT FROM {name} WHERE ({where}\n)")
    except MaskerError as failure:
        state = failure.sqlstate
        if not state.startswith(("42", "22")):
            raise
        session.execute("ROLLBACK TO SAVEPOINT masker_condition")
        return _STATES.get(state, f"SQLSTATE {state}")
    session.execute("RELEASE SAVEPOINT masker_condition")
    return None

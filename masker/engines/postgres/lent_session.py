"""A session on a connection that belongs to a caller, of psycopg or psycopg2."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from masker.catalog import TableName
from masker.engines.postgres.errors import Fault, mapped, tell
from masker.engines.postgres.session import Session

# What psycopg2 reads by casters that a program may have put its own in place of.
_TYPES = (
    "UNICODE", "INTEGER", "LONGINTEGER", "FLOAT", "DECIMAL", "BOOLEAN", "UNICODEARRAY",
    "INTEGERARRAY", "LONGINTEGERARRAY", "BOOLEANARRAY",
)  # fmt: skip
_IDLE = 0  # TransactionStatus of psycopg and psycopg2 alike


class LentSession(Session):
    """A session on a connection that belongs to a caller: rows come as ours do, not as theirs.

    They are tuples of the driver's own types, whatever row factory, cursor class and adapters the
    caller has. It never commits, and it is never closed here.
    """

    @contextmanager
    def _cursor(self) -> Iterator[Any]:
        """Open a cursor that gives and takes values as the driver itself does."""
        raw: Any = self._connection
        if type(raw).__module__.startswith("psycopg2"):
            extensions = sys.modules["psycopg2.extensions"]
            with raw.cursor(cursor_factory=extensions.cursor) as cursor:
                extensions.register_type(sys.modules["psycopg2"].ROWID, cursor)
                for name in _TYPES:
                    extensions.register_type(getattr(extensions, name), cursor)
                yield cursor
        else:
            plain = sys.modules["psycopg"].Cursor
            with plain(raw, row_factory=sys.modules["psycopg.rows"].tuple_row) as cursor:
                sys.modules["psycopg.postgres"].register_default_adapters(cursor)
                yield cursor

    def query(self, sql: str, params: Sequence[Any] | None = None) -> list[tuple[Any, ...]]:
        """Run a statement with bind parameters (`%s`) and return its rows."""
        with self.mapped("query"), self._cursor() as cursor:
            cursor.execute(sql, params)
            return cursor.fetchall() if cursor.description else []

    def execute(self, sql: str, params: Sequence[Any] | None = None) -> int:
        """Run a statement and return the number of rows that it changed."""
        with self.mapped("statement"), self._cursor() as cursor:
            cursor.execute(sql, params)
            return int(cursor.rowcount)

    def lock(self, table: TableName, sql: str, mode: str) -> None:
        """Lock a table, which is written in `sql` as LOCK takes it; it is named when that fails."""
        with self.mapped(f"locking {table}"), self._cursor() as cursor:
            cursor.execute(f"LOCK TABLE {sql} IN {mode} MODE")

    @property
    def in_transaction(self) -> bool:
        """Tell whether a transaction is open on the server."""
        return int(self._connection.info.transaction_status) != _IDLE

    @property
    def encoding(self) -> str:
        """Return the encoding that server and driver speak, "" where they do not agree."""
        raw: Any = self._connection
        told = str(raw.info.parameter_status("client_encoding"))
        agreed = getattr(raw, "encoding", told)  # psycopg2 notes what it was told itself
        return told if agreed == told else ""

    @contextmanager
    def mapped(self, what: str) -> Iterator[None]:
        """Turn the driver's errors inside the block into ours."""
        where = f"{what} on {self.address}"
        other = getattr(sys.modules.get("psycopg2"), "Error", ())
        try:
            with mapped(where):
                yield
        except UnicodeError:  # it holds the text
            told = tell(Fault(state="22021"), where)
        except other as failure:
            told = tell(
                Fault.of(SimpleNamespace(sqlstate=failure.pgcode, diag=failure.diag)), where
            )
        else:
            return
        raise told from None

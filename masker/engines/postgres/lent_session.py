"""A session on a connection that belongs to a caller, of psycopg or psycopg2."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from masker.engines.postgres.errors import Fault, mapped, tell
from masker.engines.postgres.session import Session

_IDLE = 0  # TransactionStatus of psycopg and psycopg2 alike


class LentSession(Session):
    """A session on a connection that belongs to a caller: rows come as tuples, whatever theirs do.

    It never commits, and it is never closed here.
    """

    @contextmanager
    def _cursor(self) -> Iterator[Any]:
        raw: Any = self._connection
        if type(raw).__module__.startswith("psycopg2"):
            with raw.cursor(cursor_factory=sys.modules["psycopg2.extensions"].cursor) as cursor:
                yield cursor
        else:
            with raw.cursor(row_factory=sys.modules["psycopg.rows"].tuple_row) as cursor:
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

    @property
    def in_transaction(self) -> bool:
        """Tell whether a transaction is open on the server."""
        return int(self._connection.info.transaction_status) != _IDLE

    @contextmanager
    def mapped(self, what: str) -> Iterator[None]:
        """Turn the driver's errors inside the block into ours."""
        where = f"{what} on {self.address}"
        other = getattr(sys.modules.get("psycopg2"), "Error", None)
        if other is None:
            with mapped(where):
                yield
            return
        try:
            with mapped(where):
                yield
        except other as failure:
            told = tell(
                Fault.of(SimpleNamespace(sqlstate=failure.pgcode, diag=failure.diag)), where
            )
        else:
            return
        raise told from None

"""A session on a connection of sqlite3 that belongs to a caller."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from masker.engines.sqlite.session import Params, Session


class LentSession(Session):
    """A session on a connection that belongs to a caller: rows come as tuples, whatever theirs do.

    It never commits, and it is never closed here.
    """

    def _run(self, statement: str, params: Params = ()) -> sqlite3.Cursor:
        cursor = self.raw.cursor()
        cursor.row_factory = None
        return cursor.execute(statement, params)

    def query(self, sql: str, params: Params = ()) -> list[tuple[Any, ...]]:
        """Run a statement with bind parameters (`?`) and return its rows."""
        with self.mapped("query"):
            return self._run(sql, params).fetchall()

    def execute(self, sql: str, params: Params = ()) -> int:
        """Run one statement and return the number of rows that it changed."""
        with self.mapped("statement"):
            return self._run(sql, params).rowcount

    @contextmanager
    def cursor(self, what: str, sql: str, params: Params = ()) -> Iterator[sqlite3.Cursor]:
        """Run a statement and hand out its cursor; `what` is told when it fails."""
        with self.mapped(what):
            cursor = self._run(sql, params)
            try:
                yield cursor
            finally:
                cursor.close()

    @contextmanager
    def mapped(self, what: str) -> Iterator[None]:
        """Turn sqlite3's errors inside the block into ours."""
        with super().mapped(what.replace("target ", "")):
            yield

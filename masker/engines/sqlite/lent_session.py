"""A session on a connection of sqlite3 that belongs to a caller, whatever its own settings are."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from masker.engines.sqlite.session import TEXT, Params, Session


class LentSession(Session):
    """A session on a connection that belongs to a caller: rows come as ours do, not as theirs.

    They are tuples, and texts are decoded as everywhere here, also those that are no UTF-8; the
    caller's `row_factory` and `text_factory` are back after each statement. It never commits, and
    it is never closed here.
    """

    @contextmanager
    def _running(self, statement: str, params: Params) -> Iterator[sqlite3.Cursor]:
        theirs = self.raw.text_factory
        cursor = self.raw.cursor()
        cursor.row_factory = None
        self.raw.text_factory = TEXT
        try:
            yield cursor.execute(statement, params)
        finally:
            cursor.close()
            self.raw.text_factory = theirs

    def query(self, sql: str, params: Params = ()) -> list[tuple[Any, ...]]:
        """Run a statement with bind parameters (`?`) and return its rows."""
        with self.mapped("query"), self._running(sql, params) as cursor:
            return cursor.fetchall()

    def execute(self, sql: str, params: Params = ()) -> int:
        """Run one statement and return the number of rows that it changed."""
        with self.mapped("statement"), self._running(sql, params) as cursor:
            return cursor.rowcount

    @contextmanager
    def cursor(self, what: str, sql: str, params: Params = ()) -> Iterator[sqlite3.Cursor]:
        """Run a statement and hand out its cursor; `what` is told when it fails."""
        with self.mapped(what), self._running(sql, params) as cursor:
            yield cursor

    @contextmanager
    def mapped(self, what: str) -> Iterator[None]:
        """Turn sqlite3's errors inside the block into ours."""
        with super().mapped(what.replace("target ", "")):
            yield

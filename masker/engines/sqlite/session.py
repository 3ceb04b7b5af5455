"""One connection to a SQLite file, with the settings that every session of ours has."""

from __future__ import annotations

import enum
import functools
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

from masker.engines.sqlite.address import Address, refuse_missing
from masker.engines.sqlite.errors import mapped
from masker.errors import ConfigError, MaskerError, TryAgainError

LEAST_VERSION = (3, 37, 0)  # STRICT tables and PRAGMA table_list
BUSY_SECONDS = 10.0
MAIN = "main"

# Bytes that are no UTF-8 become lone surrogates (PEP 383), which no valid text holds: nothing
# raises, nothing is lost, and `values.py` writes the same bytes back.
TEXT = functools.partial(str, encoding="utf-8", errors="surrogateescape")

Params = Sequence[Any]


class Side(enum.StrEnum):
    """Whether a session reads a source or writes a target."""

    SOURCE = "source"
    TARGET = "target"


def quote(*names: str) -> str:
    """Return names quoted as SQL identifiers, joined by dots."""
    return ".".join('"' + name.replace('"', '""') + '"' for name in names if name)


class Session:
    """A connection in autocommit mode; transactions are begun in so many words.

    A source session is read-only by the file's open mode and by SQLite's word. Sorting happens in
    memory, so that no row reaches a temporary file. Every error leaves as one of ours, without a
    value of the data.
    """

    def __init__(self, address: Address, *, side: Side, connection: sqlite3.Connection) -> None:
        self.address = address
        self.side = side
        self._connection: sqlite3.Connection | None = connection
        self._stopped = threading.Event()

    @classmethod
    def open(
        cls,
        address: Address,
        *,
        side: Side,
        mode: str = "",
        busy: float = BUSY_SECONDS,
    ) -> Session:
        """Open a file and set every setting; ConfigError or TryAgainError say what is wrong.

        `mode` is SQLite's: `ro` for a source, `rw` for a target, which must exist, `rwc` makes it.
        Locks of others are waited for `busy` seconds.
        """
        _check_version()
        refuse_missing(address, f"the {side}", made=mode == "rwc")
        where = f"opening {side} {address}"
        with mapped(where):
            connection = sqlite3.connect(
                address.uri(mode or ("ro" if side is Side.SOURCE else "rw")),
                uri=True,
                timeout=busy,
                isolation_level=None,
                check_same_thread=False,
            )
        session = cls(address, side=side, connection=connection)
        try:
            session._prepare(where)
        except BaseException:
            session.close()
            raise
        return session

    def _prepare(self, where: str) -> None:
        self.raw.text_factory = TEXT
        with mapped(where):
            self.raw.execute("PRAGMA temp_store = MEMORY")
            # A file's own views and triggers may call no function with side effects.
            self.raw.execute("PRAGMA trusted_schema = OFF")
            self.raw.execute("PRAGMA foreign_keys = OFF")
            if self.side is Side.SOURCE:
                self.raw.execute("PRAGMA query_only = ON")
            self.raw.execute("SELECT count(*) FROM sqlite_schema").fetchall()

    @property
    def raw(self) -> sqlite3.Connection:
        """Return the sqlite3 connection, for the files of this engine only."""
        if self._connection is None:
            raise TryAgainError(
                f"the connection to {self.side} {self.address} is closed",
                help="try again",
                code="sqlite-closed",
            )
        return self._connection

    def query(self, sql: str, params: Params = ()) -> list[tuple[Any, ...]]:
        """Run a statement with bind parameters (`?`) and return its rows."""
        with self.mapped("query"):
            return self.raw.execute(sql, params).fetchall()

    def one(self, sql: str, params: Params = ()) -> Any:
        """Run a statement and return the first value of its first row, None without a row."""
        rows = self.query(sql, params)
        return rows[0][0] if rows else None

    def execute(self, sql: str, params: Params = ()) -> int:
        """Run one statement and return the number of rows that it changed."""
        with self.mapped("statement"):
            return self.raw.execute(sql, params).rowcount

    def execute_many(self, sql: str, rows: Iterable[Params]) -> None:
        """Run a statement for each row of parameters."""
        with self.mapped("statement"):
            self.raw.executemany(sql, rows)

    @contextmanager
    def cursor(self, what: str, sql: str, params: Params = ()) -> Iterator[sqlite3.Cursor]:
        """Run a statement and hand out its cursor; `what` is told when it fails."""
        with self.mapped(what):
            cursor = self.raw.execute(sql, params)
            try:
                yield cursor
            finally:
                cursor.close()

    @contextmanager
    def transaction(self, begin: str = "BEGIN") -> Iterator[None]:
        """Run a block between `begin` and COMMIT; anything raised inside rolls back."""
        self.execute(begin)
        try:
            yield
        except BaseException:
            self.rollback()
            raise
        self.execute("COMMIT")

    def rollback(self) -> None:
        """Roll back what is open; a connection that is closed is left as it is."""
        if not self.closed and self.in_transaction:
            self.execute("ROLLBACK")

    @property
    def in_transaction(self) -> bool:
        """Tell whether a transaction is open."""
        return self.raw.in_transaction

    @property
    def closed(self) -> bool:
        """Tell whether the connection is closed."""
        return self._connection is None

    def cancel(self) -> None:
        """Stop what runs on this connection; safe from another thread."""
        if self._connection is not None:
            self._connection.interrupt()

    @contextmanager
    def limited(self, what: str, seconds: float | None) -> Iterator[None]:
        """Cancel what runs on the session when the block takes longer than this."""
        if seconds is None:
            yield
            return
        end = time.monotonic() + seconds
        self.raw.set_progress_handler(lambda: time.monotonic() >= end, 10_000)
        try:
            yield
        except MaskerError as failure:
            if failure.code != "sqlite-interrupt" or time.monotonic() < end:
                raise
            raise TryAgainError(
                f"{what} of {self.side} {self.address} took longer than {seconds:g} s",
                help="raise `limits.max_duration`, or read fewer rows",
                code="max-duration",
            ) from None
        finally:
            if not self.closed:
                self.raw.set_progress_handler(None, 0)

    @contextmanager
    def mapped(self, what: str) -> Iterator[None]:
        """Turn sqlite3's errors inside the block into ours."""
        with mapped(f"{what} on {self.side} {self.address}"):
            yield

    def close(self) -> None:
        """Close the connection; a transaction that is open is lost."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        failure: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def _check_version() -> None:
    if sqlite3.sqlite_version_info < LEAST_VERSION:
        least = ".".join(map(str, LEAST_VERSION))
        raise ConfigError(
            f"Python brings SQLite {sqlite3.sqlite_version}, and masker needs {least} or later",
            help="use a newer Python or SQLite library",
            code="old-sqlite",
        )

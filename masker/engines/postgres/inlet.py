"""Where a lane writes: a session on the new database, and the COPY that a table takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Self

from masker.catalog import TableName
from masker.engines.engine import Write
from masker.engines.postgres.address import Address
from masker.engines.postgres.session import Session, Side, quote


class PostgresInlet:
    """Loads rows by COPY."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @contextmanager
    def load(self, table: TableName, columns: Sequence[str]) -> Iterator[Write]:
        """Load rows of these columns into a table, in one COPY."""
        names = ", ".join(map(quote, columns))
        listed = f" ({names})" if names else ""
        sql = f"COPY {quote(table.schema, table.name)}{listed} FROM STDIN"
        with self._session.copy_in(sql, what=f"loading `{table}`") as copy:

            def write(block: bytes) -> int:
                copy(block)
                return len(block)

            yield write

    def close(self) -> None:
        """Close the session."""
        self._session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresWriter:
    """The new database, for whoever writes to it, in whichever process.

    `search_path` is set only where triggers of recomputed columns fire while rows arrive; they
    may rely on it.
    """

    address: Address = field(repr=False)
    search_path: tuple[str, ...] = ()

    def open(self) -> PostgresInlet:
        """Open a session for COPY; no key and no foreign trigger is there yet."""
        session = Session.open(self.address, side=Side.TARGET)
        # The rows are worth nothing before the exchange, whose commit writes all log to disk.
        session.execute("SET synchronous_commit = off")
        if self.search_path:
            path = ", ".join(quote(name) for name in self.search_path)
            session.execute(f"SET search_path = {path}")
        return PostgresInlet(session)

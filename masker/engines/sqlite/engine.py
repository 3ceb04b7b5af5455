"""SQLite as masker asks an engine."""

from __future__ import annotations

from collections.abc import Sequence

from masker.catalog import Column, TableName
from masker.engines.engine import Engine
from masker.engines.part import Part
from masker.engines.rows import Ids
from masker.engines.sqlite import given
from masker.engines.sqlite.address import Address
from masker.engines.sqlite.codec import Values
from masker.engines.sqlite.source import SqliteSource


class Sqlite:
    """The engine of SQLite: one connection reads, so there is one lane."""

    name = "sqlite"
    title = "SQLite"
    lanes: int | None = 1

    def address(self, url: str) -> Address:
        """Read a URL; ConfigError where it cannot be read."""
        return Address.parse(url)

    def open_source(
        self,
        address: Address,
        *,
        statement_timeout: float | None = None,
        lock_timeout: float | None = None,
    ) -> SqliteSource:
        """Open a file and begin a read-only snapshot; the limits are in seconds."""
        return SqliteSource.open(
            address, statement_timeout=statement_timeout, lock_timeout=lock_timeout
        )

    def codec(self, columns: Sequence[Column], *, passed_on: bool = False) -> Values:  # noqa: ARG002
        """Return the codec of rows of these columns; those that are passed on are the same."""
        return Values(tuple(columns))

    def parts(
        self,
        table: TableName,
        *,
        pages: int,  # noqa: ARG002 - one connection reads a table in one go
        count: int,  # noqa: ARG002
        where: str | None,
    ) -> tuple[Part, ...]:
        """Return a table as one part."""
        return (Part(table=table, where=where),)

    def parts_by_number(
        self,
        table: TableName,
        ids: Ids,
        *,
        count: int,  # noqa: ARG002 - there is one lane
    ) -> tuple[Part, ...]:
        """Return rows given by number as parts of a bounded size, in order."""
        return tuple(Part(table=table, ids=each) for each in given.chunks(ids))


ENGINE: Engine = Sqlite()

"""PostgreSQL as masker asks an engine."""

from __future__ import annotations

from collections.abc import Sequence

from masker.catalog import Column, TableName
from masker.engines.engine import Engine
from masker.engines.part import Part
from masker.engines.postgres.address import Address
from masker.engines.postgres.codec import CopyText
from masker.engines.postgres.read import parts, parts_by_number
from masker.engines.postgres.source import PostgresSource
from masker.engines.rows import Ids


class Postgres:
    """The engine of PostgreSQL."""

    name = "postgres"
    title = "PostgreSQL"
    lanes: int | None = None

    def address(self, url: str) -> Address:
        """Read a URL; ConfigError where it cannot be read."""
        return Address.parse(url)

    def open_source(
        self,
        address: Address,
        *,
        statement_timeout: float | None = None,
        lock_timeout: float | None = None,
    ) -> PostgresSource:
        """Connect and begin a read-only snapshot; the limits are in seconds."""
        return PostgresSource.open(
            address, statement_timeout=statement_timeout, lock_timeout=lock_timeout
        )

    def codec(self, columns: Sequence[Column], *, passed_on: bool = False) -> CopyText:
        """Return the codec of COPY text of these columns."""
        return CopyText(tuple(column.name for column in columns), marked=not passed_on)

    def parts(
        self, table: TableName, *, pages: int, count: int, where: str | None
    ) -> tuple[Part, ...]:
        """Divide a table of so many blocks into at most `count` ranges of equal size."""
        return parts(table, pages=pages, count=count, where=where)

    def parts_by_number(self, table: TableName, ids: Ids, *, count: int) -> tuple[Part, ...]:
        """Divide rows given by number into `count` parts, or more where that is too many."""
        return parts_by_number(table, ids, count=count)


ENGINE: Engine = Postgres()

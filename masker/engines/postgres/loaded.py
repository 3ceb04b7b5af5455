"""The new database as the audit reads it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Self

import polars as pl

from masker.catalog import Catalog, Column, TableName
from masker.engines.part import Part
from masker.engines.plain import plain
from masker.engines.postgres.catalog import read_catalog
from masker.engines.postgres.codec import CopyText
from masker.engines.postgres.read import read
from masker.engines.postgres.session import Session, quote

BATCH_BYTES = 4 << 20
_INVALID_INDEXES = """
SELECT n.nspname, t.relname, i.relname
FROM pg_catalog.pg_index x
JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
JOIN pg_catalog.pg_class t ON t.oid = x.indrelid
JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
WHERE NOT (x.indisvalid AND x.indisready)
ORDER BY 1, 2, 3
"""
_VIEW_COLUMNS = """
SELECT attname FROM pg_catalog.pg_attribute
WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped
ORDER BY attnum
"""


class PostgresLoaded:
    """A session on the new database, for the audit."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def catalog(self) -> Catalog:
        """Return all that the database holds, in every schema."""
        return read_catalog(self._session)

    def broken(self) -> Iterator[tuple[str, TableName, str]]:
        """Yield indexes that the server calls not valid; constraints say so in the catalog."""
        for schema, table, index in self._session.query(_INVALID_INDEXES):
            yield "index", TableName(schema, table), index

    def count(self, table: TableName) -> int:
        """Count the rows that a table itself holds."""
        found: int = self._session.one(f"SELECT count(*) FROM ONLY {_sql(table)}")
        return found

    def frames(self, table: TableName, columns: Sequence[Column]) -> Iterator[pl.DataFrame]:
        """Yield a table's own rows as plain Strings, generated columns too."""
        # COPY of a table leaves generated columns out; a query does not.
        computed = any(column.generated for column in columns)
        return self._read(table, [column.name for column in columns], query=computed)

    def view(self, name: TableName) -> Iterator[pl.DataFrame]:
        """Yield the rows that a materialised view stores, as plain Strings."""
        columns = [row[0] for row in self._session.query(_VIEW_COLUMNS, [_sql(name)])]
        return self._read(name, columns, query=True)

    def _read(self, name: TableName, columns: list[str], *, query: bool) -> Iterator[pl.DataFrame]:
        codec = CopyText(tuple(columns), marked=True)
        part = Part(table=name, where="true" if query else None)
        blocks = read(self._session, part, columns, batch_bytes=BATCH_BYTES, marked=True)
        return plain(blocks, codec)

    def close(self) -> None:
        """Close the session."""
        self._session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _sql(name: TableName) -> str:
    return quote(name.schema, name.name)

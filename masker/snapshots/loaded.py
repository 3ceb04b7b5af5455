"""The written files as the audit reads them: as a database of which nobody has seen a row yet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Self

import polars as pl

from masker.catalog import Catalog, Column, Table, TableName
from masker.engines.ddl import Ddl
from masker.engines.engine import Codec
from masker.engines.part import Part
from masker.engines.plain import plain
from masker.engines.registry import engine_named
from masker.snapshots.contents import Contents
from masker.snapshots.integrity import broken_keys
from masker.snapshots.reading import FolderReader

_BATCH_BYTES = 4 << 20


class FolderLoaded:
    """The tables that a snapshot stores; columns that a target computes are none of them."""

    def __init__(self, reader: FolderReader, contents: Contents, ddl: Ddl) -> None:
        self._reader = reader
        self._contents = contents
        self._outlet = reader.open()
        self._engine = engine_named(contents.engine)
        self._ddl = ddl
        self._files = {each.table for each in contents.tables if each.files}
        # A partitioned root has the columns that its partitions store.
        self._names = {each.into: each.columns for each in contents.tables}
        self._names |= {each.table: each.columns for each in contents.tables}

    def catalog(self) -> Catalog:
        """Return the tables and every statement that builds the database."""
        there = self._contents.catalog
        tables = tuple(
            self._stored(table)
            for table in there.tables
            if table.name not in self._contents.excluded
        )
        texts = (*there.texts, *self._ddl.texts())
        # What a materialised view holds, and what a column computes, is made by the target.
        return replace(there, tables=tables, views=(), sequences=(), texts=texts)

    def _stored(self, table: Table) -> Table:
        names = self._names.get(table.name)
        if names is None:
            return table
        kept = tuple(column for column in table.columns if column.name in names)
        return replace(table, columns=kept)

    def broken(self) -> Iterator[tuple[str, TableName, str]]:
        """Yield keys that are not unique, and foreign keys whose parents are not there."""

        def frames(table: TableName, names: Sequence[str]) -> Iterator[pl.DataFrame]:
            for frame in self._rows(table):
                yield frame.select(names)

        yield from broken_keys(self.catalog(), frames)

    def count(self, table: TableName) -> int:
        """Count the rows that a table's files hold."""
        codec = self._codec(table)
        return sum(codec.count(block) for block in self._blocks(table, codec))

    def frames(self, table: TableName, columns: Sequence[Column]) -> Iterator[pl.DataFrame]:
        """Yield a table's own rows as plain Strings, read from its files again."""
        names = [column.name for column in columns]
        for frame in self._rows(table):
            yield frame.select(names)

    def view(self, name: TableName) -> Iterator[pl.DataFrame]:
        """Yield nothing: a snapshot stores no view."""
        del name
        return iter(())

    def _rows(self, table: TableName) -> Iterator[pl.DataFrame]:
        codec = self._codec(table)
        return plain(self._blocks(table, codec), codec)

    def _blocks(self, table: TableName, codec: Codec) -> Iterator[object]:
        # Rows of partitions that were loaded into their root lie under the first of them.
        if table in self._files:
            yield from self._outlet.read(Part(table=table), codec, batch_bytes=_BATCH_BYTES)

    def _codec(self, table: TableName) -> Codec:
        columns = self._contents.columns(table) if table in self._files else ()
        return self._engine.codec(columns, passed_on=True)

    def close(self) -> None:
        """Close the outlet that the files are read by."""
        self._outlet.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

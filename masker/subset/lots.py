"""Which key a table's rows draw lots by, and the lots themselves."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from masker.catalog import Catalog, Column, Table, TableName
from masker.catalog.links import Holders
from masker.engines.rows import Ids
from masker.keys import draw as keyed


class Lots:
    """Draws a lot for each row: by its key where the table has one, else by its number."""

    def __init__(self, catalog: Catalog, holders: Holders) -> None:
        self._catalog = catalog
        self._holders = holders
        self._keys: dict[TableName, tuple[Column, ...]] = {}

    def key(self, table: TableName) -> tuple[str, ...]:
        """Return the columns that name a row of a table for good; none where it has no key."""
        return tuple(column.name for column in self._key(table))

    def of_keys(self, table: TableName, keys: pl.DataFrame, *, seed: int) -> keyed.Lots:
        """Return the lots of rows by the text of their keys, the frame's columns."""
        columns = self._key(table)
        return keyed.draw(
            [keys.to_series(number) for number in range(len(columns))],
            bases=[column.type.base for column in columns],
            folded=[column.type.case_insensitive for column in columns],
            seed=seed,
        )

    def of_rows(
        self, table: TableName, ids: Ids, values: pl.DataFrame | None, *, seed: int
    ) -> keyed.Lots:
        """Return the lots of rows: `values` begins with the key's columns, if there are any."""
        if self.key(table) and values is not None:
            return self.of_keys(table, values, seed=seed)
        numbers = pl.Series(np.asarray(ids)).cast(pl.String)
        return keyed.draw([numbers], bases=["int8"], folded=[False], seed=seed)

    def _key(self, table: TableName) -> tuple[Column, ...]:
        # A partition draws as its root does, so that a row's lot is its own wherever it lies.
        name = self._holders.root(table)
        if name not in self._keys:
            self._keys[name] = self._find(name)
        return self._keys[name]

    def _find(self, name: TableName) -> tuple[Column, ...]:
        own = _key_of(self._catalog.table(name))
        if own or self._catalog.table(name).holds_rows:
            return own
        parts = [_key_of(self._catalog.table(part)) for part in self._holders.tables(name)]
        names = {tuple(column.name for column in part) for part in parts}
        return parts[0] if len(names) == 1 else ()


def _key_of(table: Table) -> tuple[Column, ...]:
    return next(_usable(table), ())


def _usable(table: Table) -> Iterator[tuple[Column, ...]]:
    """Yield keys that every row has, the primary one first."""
    for key in sorted(table.keys, key=lambda key: (not key.primary, len(key.columns), key.name)):
        if key.partial or key.expression:
            continue
        columns = tuple(table.column(name) for name in key.columns)
        if columns and all(not column.nullable and not column.generated for column in columns):
            yield columns

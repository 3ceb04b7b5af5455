"""Rows in memory that answer what a subset asks: a row's number is its place in the list."""

import re

import numpy as np
import polars as pl

from masker.engines.rows import Batch
from tests.subset.worlds import name_of


class Memory:
    """A world as an engine; counts what it is asked."""

    def __init__(self, world):
        self.tables = {name_of(name): spec.rows for name, spec in world.tables.items()}
        self.asked = []

    def _where(self, table, where):
        for number, row in enumerate(self.tables[table]):
            if where is None or meets(row, where):
                yield number, row

    def _batch(self, table, numbers, columns=(), parents=None):
        rows = self.tables[table]
        values = pl.DataFrame(
            {column: [rows[n][column] for n in numbers] for column in columns},
            schema=dict.fromkeys(columns, pl.String),
        )
        return Batch(
            table=table,
            ids=np.array(numbers, dtype=np.int64),
            parents=None if parents is None else np.array(parents, dtype=np.int64),
            values=values if columns else None,
        )

    def scan(self, table, columns=(), *, where=None):
        self.asked.append(("scan", table))
        numbers = [number for number, _ in self._where(table, where)]
        for half in (numbers[::2], numbers[1::2]):  # more than one batch, in no order
            if half:
                yield self._batch(table, half, columns)

    def keys(self, table, columns, *, where=None):
        self.asked.append(("keys", table))
        for batch in self.scan(table, columns, where=where):
            yield batch.values

    def find(self, table, keys):
        wanted = set(keys.rows())
        rows = self.tables[table]
        found = [n for n, row in enumerate(rows) if tuple(row[c] for c in keys.columns) in wanted]
        yield self._batch(table, found)

    def newest(self, table, by, count, *, key, where=None):
        found = [number for number, _ in self._where(table, where)]
        rows = self.tables[table]
        found.sort(key=lambda n: [int(rows[n][c]) for c in key])
        found.sort(key=lambda n: (rows[n][by] is None, -int(rows[n][by] or 0)))
        yield self._batch(table, found[:count])

    def children(self, link, parent, ids, *, columns=()):
        self.asked.append(("children", str(link)))
        by_key = {}
        for n in ids:
            key = tuple(self.tables[parent][n][c] for c in link.parent_columns)
            if None not in key:
                by_key[key] = n
        found = []
        for n, row in enumerate(self.tables[link.table]):
            key = tuple(row[c] for c in link.columns)
            if key in by_key:
                found.append((n, by_key[key]))
        if found:
            numbers, parents = zip(*found, strict=True)
            yield self._batch(link.table, list(numbers), columns, list(parents))

    def parents(self, link, table, ids):
        self.asked.append(("parents", str(link)))
        keys = {tuple(self.tables[table][n][c] for c in link.columns) for n in ids}
        keys = {key for key in keys if None not in key}
        rows = self.tables[link.parent]
        found = [
            n for n, row in enumerate(rows) if tuple(row[c] for c in link.parent_columns) in keys
        ]
        yield self._batch(link.parent, found)

    def read(self, table, ids, columns):
        yield self._batch(table, list(ids), columns)

    def meeting(self, table, ids, *, where):
        return np.array([n for n in ids if meets(self.tables[table][n], where)], dtype=np.int64)

    def count(self, table, *, most):
        return min(len(self.tables[table]), most + 1)


def meets(row, where):
    """Tell whether a row meets `column = 'value'` or `column IS NULL`."""
    if found := re.fullmatch(r"(\w+) = '(.*)'", where):
        return row[found[1]] == found[2]
    column = re.fullmatch(r"(\w+) IS NULL", where)[1]
    return row[column] is None

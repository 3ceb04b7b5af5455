"""Names and globs: which tables and columns a key of a rule file means."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from fnmatch import fnmatchcase

from masker.catalog import Table, TableName
from masker.detect.names import snake


class Fit(IntEnum):
    """How closely a key names something; the closest wins."""

    QUALIFIED = 0  # hr.employees
    NAME = 1  # employees
    GLOB = 2  # emp*


def is_glob(key: str) -> bool:
    """Tell whether a key has a `*`, a `?` or a `[`."""
    return any(sign in key for sign in "*?[")


def table_fit(key: str, table: TableName) -> Fit | None:
    """Return how a key names a table, exactly as the server spells it; None if it does not.

    A glob without a dot is for names in every schema, one with a dot for schema and name.
    """
    if key == str(table) and table.schema:
        return Fit.QUALIFIED
    if key == table.name:
        return Fit.NAME
    if not is_glob(key):
        return None
    schema, dot, name = key.partition(".")
    if dot and fnmatchcase(table.schema, schema) and fnmatchcase(table.name, name):
        return Fit.GLOB
    return Fit.GLOB if fnmatchcase(table.name, key) else None


class TableKeys:
    """Keys that name tables, exact ones looked up at once: a drafted pipeline has a thousand."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._order = {key: number for number, key in enumerate(keys)}
        self._globs = [key for key in self._order if is_glob(key)]

    def of(self, table: TableName) -> list[tuple[Fit, int, str]]:
        """Return the keys that name a table with their fit and place, the closest first."""
        exact = [key for key in dict.fromkeys((str(table), table.name)) if key in self._order]
        found = [
            (fit, self._order[key], key)
            for key in dict.fromkeys([*exact, *self._globs])
            if (fit := table_fit(key, table)) is not None
        ]
        return sorted(found)


class Tables:
    """Tables, looked up by key: exact names at once, globs one by one."""

    def __init__(self, tables: Iterable[Table]) -> None:
        self._all = tuple(tables)
        self._exact: dict[str, list[Table]] = {}
        for table in self._all:
            for name in {str(table.name), table.name.name}:
                self._exact.setdefault(name, []).append(table)

    def named(self, key: str) -> list[Table]:
        """Return the tables that a key names, in catalog order."""
        if not is_glob(key):
            return list(self._exact.get(key, ()))
        return [table for table in self._all if table_fit(key, table.name) is not None]


def column_fit(key: str, column: str) -> Fit | None:
    """Return how a key names a column; None if it does not."""
    if key == column:
        return Fit.NAME
    return Fit.GLOB if is_glob(key) and fnmatchcase(column, key) else None


def any_table(globs: Iterable[str], table: TableName) -> bool:
    """Tell whether a glob of a pack names a table, as it is spelled or in snake case."""
    plain = TableName(table.schema, snake(table.name))
    return any(table_fit(glob, each) is not None for glob in globs for each in (table, plain))


def any_column(globs: Iterable[str], column: str) -> bool:
    """Tell whether a glob of a pack names a column, as it is spelled or in snake case."""
    plain = snake(column)
    return any(column_fit(glob, each) is not None for glob in globs for each in (column, plain))

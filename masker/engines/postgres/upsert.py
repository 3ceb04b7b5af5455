"""Rows that take the place of those with the same key: through a temporary table, in one INSERT."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from masker.catalog import Table, TableName
from masker.engines.postgres.session import quote


@dataclass(frozen=True, slots=True, kw_only=True)
class Upsert:
    """How rows of some columns go into a table: `key` are those by which a row is found."""

    table: TableName
    columns: tuple[str, ...]
    key: tuple[str, ...]
    aside: str  # the temporary table's name

    @property
    def create(self) -> str:
        """Return the statement that makes the temporary table."""
        names = ", ".join(map(quote, self.columns))
        return (
            f"CREATE TEMPORARY TABLE {quote(self.aside)} ON COMMIT DROP AS "
            f"SELECT {names} FROM ONLY {_sql(self.table)} WITH NO DATA"
        )

    @property
    def merge(self) -> str:
        """Return the statement that moves its rows into the table.

        A row that is there is written again even where nothing differs, so that the audit reads
        every row that was moved.
        """
        names = ", ".join(map(quote, self.columns))
        changed = [name for name in self.columns if name not in self.key] or self.key[:1]
        sets = ", ".join(f"{quote(name)} = excluded.{quote(name)}" for name in changed)
        return (
            f"INSERT INTO {_sql(self.table)} ({names}) OVERRIDING SYSTEM VALUE "
            f"SELECT {names} FROM pg_temp.{quote(self.aside)} "
            f"ON CONFLICT ({', '.join(map(quote, self.key))}) DO UPDATE SET {sets}"
        )

    @property
    def empty(self) -> str:
        """Return the statement that empties the temporary table."""
        return f"TRUNCATE pg_temp.{quote(self.aside)}"


def key_of(table: Table, moved: Sequence[str]) -> tuple[str, ...] | None:
    """Return the columns by which a row is found again, None where the table has none such.

    The primary key, else a unique key without nulls; all of its columns are moved, and it is
    checked at once.
    """
    required = {column.name for column in table.columns if not column.nullable}
    for key in sorted(table.keys, key=lambda one: (not one.primary, one.columns)):
        if key.deferrable or key.partial or key.expression:
            continue
        if set(key.columns) <= required & set(moved):
            return key.columns
    return None


def _sql(name: TableName) -> str:
    return quote(name.schema, name.name)

"""The columns of all tables, with their types resolved."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from masker.catalog import Check, Column, TableName, Type
from masker.engines.postgres import catalog_sql as sql
from masker.engines.postgres.session import Session
from masker.engines.postgres.types import ServerType, Types

IDENTITY = {"": "", "a": "always", "d": "by default"}
_ATTRIBUTE = re.compile(r":varattno (-?\d+)")  # a column in the server's own form of an expression


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns by table oid and by number; numbers have gaps where columns were dropped."""

    by_table: Mapping[int, Mapping[int, Column]]

    def of(self, table: int) -> tuple[Column, ...]:
        """Return a table's columns in order."""
        return tuple(self.by_table.get(table, {}).values())

    def names(self, table: int, numbers: Iterable[int], expressions: str | None) -> tuple[str, ...]:
        """Return the names of columns by number, and of those that expressions read.

        0 stands for an expression; an expression over the whole row reads every column.
        """
        columns = self.by_table[table]
        wanted = dict.fromkeys(number for number in numbers if number > 0)
        for found in _ATTRIBUTE.findall(expressions or ""):
            number = int(found)
            wanted.update(dict.fromkeys(columns if number == 0 else (number,)))
        return tuple(columns[number].name for number in wanted if number in columns)

    def with_checks(self, table: int, checks: Sequence[Check]) -> tuple[Column, ...]:
        """Return a table's columns, each with the CHECKs that read it alone."""
        alone: dict[str, list[str]] = {}
        for check in checks:
            if len(check.columns) == 1 and not check.exclusion:
                alone.setdefault(check.columns[0], []).append(check.definition)
        return tuple(
            replace(column, checks=(*column.checks, *alone[column.name]))
            if column.name in alone
            else column
            for column in self.of(table)
        )


def read_columns(session: Session, tables: Sequence[int]) -> Columns:
    """Read the columns of these tables, in four queries."""
    known = (ServerType.of(row) for row in session.query(sql.TYPES, [tables]))
    types = Types({known_type.oid: known_type for known_type in known})
    sequences = _sequences(session, tables)
    by_table: dict[int, dict[int, Column]] = {}
    spellings: dict[tuple[Any, ...], Type] = {}  # most columns share a few types
    for row in session.query(sql.COLUMNS, [tables]):
        table, number, name, oid, modifier, spelled, nullable, generated = row[:8]
        identity, default, comment, folds_case, readable = row[8:]
        spelling = (oid, modifier, spelled, folds_case)
        if spelling not in spellings:
            spellings[spelling] = types.resolve(
                oid, modifier, spelled=spelled, folds_case=folds_case
            )
        by_table.setdefault(table, {})[number] = Column(
            name=name,
            type=spellings[spelling],
            nullable=nullable and not types.domain_not_null(oid),
            default=default,
            generated=generated,
            identity=IDENTITY[identity],
            sequence=sequences.get((table, number)),
            comment=comment,
            checks=types.domain_checks(oid),
            readable=readable,
        )
    return Columns(by_table)


def _sequences(session: Session, tables: Sequence[int]) -> dict[tuple[int, int], TableName]:
    """Return the sequence of each column that owns one or takes its default from one."""
    return {
        (table, number): TableName(schema, name)
        for table, number, schema, name in session.query(sql.COLUMN_SEQUENCES, [tables, tables])
    }

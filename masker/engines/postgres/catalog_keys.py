"""What holds between columns and rows: keys, foreign keys, CHECKs, exclusions, triggers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from masker.catalog import Check, ForeignKey, Key, TableName, Trigger
from masker.engines.postgres import catalog_sql as sql
from masker.engines.postgres.catalog_columns import Columns
from masker.engines.postgres.session import Session

# src/include/catalog/pg_trigger.h
ROW, BEFORE, INSERT = 1, 2, 4


@dataclass(frozen=True, slots=True)
class Constraints:
    """Keys, foreign keys, checks and triggers by table oid."""

    keys: Mapping[int, list[Key]]
    foreign_keys: Mapping[int, list[ForeignKey]]
    checks: Mapping[int, list[Check]]
    triggers: Mapping[int, list[Trigger]]


def read_constraints(
    session: Session, tables: Mapping[int, TableName], columns: Columns
) -> Constraints:
    """Read what is declared on these tables, in four queries."""
    oids = list(tables)
    keys, exclusions = _keys(session, oids, columns)
    checks = _checks(session, oids, columns)
    for table, more in exclusions.items():
        checks[table].extend(more)
    return Constraints(
        keys=keys,
        foreign_keys=_foreign_keys(session, tables, columns),
        checks=checks,
        triggers=_triggers(session, oids),
    )


def _keys(
    session: Session, tables: Sequence[int], columns: Columns
) -> tuple[dict[int, list[Key]], dict[int, list[Check]]]:
    keys: dict[int, list[Key]] = defaultdict(list)
    exclusions: dict[int, list[Check]] = defaultdict(list)
    for row in session.query(sql.INDEXES, [tables]):
        table, name, primary, unique, exclusion, numbers, partial, expressions = row[:8]
        deferrable, definition = row[8:]
        names = columns.names(table, numbers, expressions)
        if unique:
            keys[table].append(
                Key(
                    name=name,
                    columns=names,
                    primary=primary,
                    deferrable=deferrable,
                    partial=partial,
                    expression=expressions is not None,
                )
            )
        if exclusion:  # from 18 on a key WITHOUT OVERLAPS is both
            exclusions[table].append(
                Check(name=name, definition=definition, columns=names, exclusion=True)
            )
    return keys, exclusions


def _checks(session: Session, tables: Sequence[int], columns: Columns) -> dict[int, list[Check]]:
    checks: dict[int, list[Check]] = defaultdict(list)
    for table, name, numbers, definition in session.query(sql.CHECKS, [tables]):
        reads = columns.names(table, numbers, None)
        checks[table].append(Check(name=name, definition=definition, columns=reads))
    return checks


def _foreign_keys(
    session: Session, tables: Mapping[int, TableName], columns: Columns
) -> dict[int, list[ForeignKey]]:
    foreign_keys: dict[int, list[ForeignKey]] = defaultdict(list)
    for row in session.query(sql.FOREIGN_KEYS, [list(tables)]):
        table, name, numbers, schema, parent, parent_columns = row[:6]
        deferrable, validated, inherited = row[6:]
        foreign_keys[table].append(
            ForeignKey(
                name=name,
                table=tables[table],
                columns=columns.names(table, numbers, None),
                parent=TableName(schema, parent),
                parent_columns=tuple(parent_columns),
                deferrable=deferrable,
                validated=validated,
                inherited=inherited,
            )
        )
    return foreign_keys


def _triggers(session: Session, tables: Sequence[int]) -> dict[int, list[Trigger]]:
    triggers: dict[int, list[Trigger]] = defaultdict(list)
    for row in session.query(sql.TRIGGERS, [tables]):
        table, name, definition, schema, function, bits = row
        triggers[table].append(
            Trigger(
                name=name,
                definition=definition,
                function=f"{schema}.{function}",
                before_insert=bits & (ROW | BEFORE | INSERT) == ROW | BEFORE | INSERT,
            )
        )
    return triggers

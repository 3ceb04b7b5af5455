"""Read a database's catalog from pg_catalog: some fifteen queries, however many tables."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import Any, Self

from masker.catalog import Catalog, Column, Partitioning, Table, TableName
from masker.engines.postgres import catalog_sql as sql
from masker.engines.postgres.catalog_columns import Columns, read_columns
from masker.engines.postgres.catalog_keys import Constraints, read_constraints
from masker.engines.postgres.catalog_objects import read_sequences, read_views
from masker.engines.postgres.session import Session
from masker.errors import ConfigError

ENGINE = "postgres"
STRATEGIES = {"r": "range", "l": "list", "h": "hash"}
TIMEOUT = "5min"


def read_catalog(session: Session, *, schemas: Sequence[str] | None = None) -> Catalog:
    """Return what the session's database holds, as its role sees it now.

    `schemas` limits tables, views and sequences; by default all but the server's own. All
    queries see one snapshot: the open transaction's, else one of their own. Raise ConfigError
    for a schema that does not exist.
    """
    with nullcontext() if session.in_transaction else _transaction(session):
        names = _schemas(session, schemas)
        database, version, encoding, block = session.query(sql.SERVER)[0]
        return Catalog(
            engine=ENGINE,
            version=version.split()[0],
            database=database,
            schemas=names,
            tables=_tables(session, names, block=block),
            views=read_views(session, names),
            sequences=read_sequences(session, names),
            extensions=tuple(name for (name,) in session.query(sql.EXTENSIONS)),
            encoding=encoding,
            wires=tuple((kind, name) for kind, name in session.query(sql.WIRES)),
            texts=tuple((place, words) for place, words in session.query(sql.TEXTS)),
        )


@contextmanager
def _transaction(session: Session) -> Iterator[None]:
    with session.transaction("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"):
        session.query("SELECT set_config('statement_timeout', %s, true)", [TIMEOUT])
        yield


def _schemas(session: Session, wanted: Sequence[str] | None) -> tuple[str, ...]:
    there = tuple(name for (name,) in session.query(sql.SCHEMAS))
    if wanted is None:
        return there
    for name in wanted:
        if name not in there:
            near = difflib.get_close_matches(name, there, n=1)
            raise ConfigError(
                f"the database has no schema `{name}`",
                help=f"did you mean `{near[0]}`?" if near else f"it has: {', '.join(there)}",
                code="unknown-schema",
                subject=name,
            )
    return tuple(sorted(set(wanted)))


@dataclass(frozen=True, slots=True)
class _Relation:
    """One row of pg_class (`catalog_sql.TABLES`)."""

    oid: int
    name: TableName
    row_security: bool
    row_security_applies: bool
    estimate: float
    estimated_pages: int
    size: int
    bytes: int
    comment: str | None
    bound: str | None
    strategy: str | None
    partition_columns: tuple[int, ...]
    partition_expressions: str | None
    partition_definition: str | None
    usage: bool
    select: bool
    extension: str | None

    @classmethod
    def of(cls, row: tuple[Any, ...]) -> Self:
        oid, schema, name, *more = row
        facts = (TableName(schema, name), *more[:9], tuple(more[9] or ()), *more[10:])
        return cls(oid, *facts)

    def rows(self, pages: int) -> int | None:
        """Return the last ANALYZE's estimate, scaled to the size of now as the planner does."""
        if pages == 0:
            return 0
        if self.estimate < 0:
            return None  # never vacuumed, never analysed
        if self.estimated_pages == 0:
            return round(self.estimate)
        return round(self.estimate / self.estimated_pages * pages)


def _tables(session: Session, schemas: Sequence[str], *, block: int) -> tuple[Table, ...]:
    relations = [_Relation.of(row) for row in session.query(sql.TABLES, [list(schemas)])]
    relations = sorted(relations, key=lambda relation: relation.name)
    oids = [relation.oid for relation in relations]
    columns = read_columns(session, oids)
    names = {relation.oid: relation.name for relation in relations}
    constraints = read_constraints(session, names, columns)
    parents: dict[int, list[TableName]] = defaultdict(list)
    for child, schema, name in session.query(sql.PARENTS, [oids]):
        parents[child].append(TableName(schema, name))
    tables = [
        _table(relation, columns, constraints, parents=tuple(parents[relation.oid]), block=block)
        for relation in relations
    ]
    return _with_sums(tables)


def _table(
    relation: _Relation,
    columns: Columns,
    constraints: Constraints,
    *,
    parents: tuple[TableName, ...],
    block: int,
) -> Table:
    oid = relation.oid
    checks = constraints.checks.get(oid, [])
    made = columns.with_checks(oid, checks)
    pages = (relation.size or 0) // block
    return Table(
        name=relation.name,
        columns=made,
        keys=tuple(constraints.keys.get(oid, ())),
        foreign_keys=tuple(constraints.foreign_keys.get(oid, ())),
        checks=tuple(checks),
        triggers=tuple(constraints.triggers.get(oid, ())),
        partitioning=_partitioning(relation, columns),
        parent=parents[0] if parents else None,
        parents=parents,
        bound=relation.bound,
        row_security=relation.row_security,
        row_security_applies=relation.row_security_applies,
        comment=relation.comment,
        rows=relation.rows(pages),
        bytes=relation.bytes,
        pages=pages,
        readable=relation.usage and (relation.select or _all_readable(made)),
        extension=relation.extension,
    )


def _all_readable(columns: Sequence[Column]) -> bool:
    return bool(columns) and all(column.readable for column in columns)


def _partitioning(relation: _Relation, columns: Columns) -> Partitioning | None:
    if relation.strategy is None:
        return None
    return Partitioning(
        strategy=STRATEGIES[relation.strategy],
        columns=columns.names(
            relation.oid, relation.partition_columns, relation.partition_expressions
        ),
        definition=relation.partition_definition or "",
    )


def _with_sums(tables: Sequence[Table]) -> tuple[Table, ...]:
    """Give partitioned tables, which store nothing, the sums of their partitions."""
    partitions: dict[TableName, list[Table]] = defaultdict(list)
    for table in tables:
        if table.is_partition and table.parent is not None:
            partitions[table.parent].append(table)
    return tuple(
        table if table.holds_rows else _sum(table, list(_leaves(table.name, partitions)))
        for table in tables
    )


def _leaves(root: TableName, partitions: Mapping[TableName, list[Table]]) -> Iterator[Table]:
    waiting = [root]
    while waiting:
        for table in partitions.get(waiting.pop(), ()):
            if table.holds_rows:
                yield table
            else:
                waiting.append(table.name)


def _sum(root: Table, leaves: Sequence[Table]) -> Table:
    rows = [leaf.rows for leaf in leaves]
    known = [count for count in rows if count is not None]
    return replace(
        root,
        rows=sum(known) if len(known) == len(rows) else None,
        bytes=sum(leaf.bytes or 0 for leaf in leaves),
        pages=sum(leaf.pages for leaf in leaves),
    )

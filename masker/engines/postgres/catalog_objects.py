"""What is no table: views with what they read, sequences with where they stand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from masker.catalog import Sequence as NumberSequence
from masker.catalog import TableName, View
from masker.engines.postgres import catalog_sql as sql
from masker.engines.postgres.catalog_columns import read_columns
from masker.engines.postgres.session import Session, quote

AT_ONCE = 500  # sequences asked in one statement


def read_views(session: Session, schemas: Sequence[str]) -> tuple[View, ...]:
    """Return views and materialised views, sorted by name."""
    rows = session.query(sql.VIEWS, [list(schemas)])
    oids = [row[0] for row in rows]
    reads: dict[int, list[TableName]] = defaultdict(list)
    for view, schema, name in session.query(sql.VIEW_READS, [oids]):
        reads[view].append(TableName(schema, name))
    columns = read_columns(session, [oid for oid, _, _, materialised, _, _ in rows if materialised])
    views = [
        View(
            name=TableName(schema, name),
            definition=definition,
            materialised=materialised,
            reads=tuple(reads[oid]),
            populated=populated,
            columns=columns.of(oid),
        )
        for oid, schema, name, materialised, populated, definition in rows
    ]
    return tuple(sorted(views, key=lambda view: view.name))


def read_sequences(session: Session, schemas: Sequence[str]) -> tuple[NumberSequence, ...]:
    """Return sequences, sorted by name; those the role may not read have no last value."""
    rows = session.query(sql.SEQUENCES, [list(schemas)])
    names = {row[0]: TableName(row[1], row[2]) for row in rows if row[-1]}
    standing = _standing(session, names)
    sequences = []
    for oid, schema, name, increment, owner_schema, owner, column, _ in rows:
        last, called = standing.get(oid, (None, False))
        sequences.append(
            NumberSequence(
                name=TableName(schema, name),
                last_value=last,
                is_called=called,
                owner=(TableName(owner_schema, owner), column) if owner else None,
                increment=increment,
            )
        )
    return tuple(sorted(sequences, key=lambda sequence: sequence.name))


def _standing(session: Session, sequences: Mapping[int, TableName]) -> dict[int, tuple[int, bool]]:
    """Return last_value and is_called by oid.

    pg_sequences has no is_called: it cannot tell setval(…, false) from a new sequence.
    """
    standing: dict[int, tuple[int, bool]] = {}
    items = list(sequences.items())
    for start in range(0, len(items), AT_ONCE):
        asked = " UNION ALL ".join(
            f"SELECT {oid}, last_value, is_called FROM {quote(name.schema, name.name)}"
            for oid, name in items[start : start + AT_ONCE]
        )
        standing.update({oid: (last, called) for oid, last, called in session.query(asked)})
    return standing

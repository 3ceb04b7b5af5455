"""The plan of a load: what a snapshot stores, every column as it is."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from masker.catalog import Table, TableName
from masker.findings import Findings
from masker.keys import Keyring
from masker.plan.model import ColumnPlan, Plan, Step
from masker.rules.policy import Ruling, Treatment
from masker.snapshots.contents import Contents, StoredTable
from masker.snapshots.facts import as_facts

_REASON = "masked when the snapshot was made"


def plan_of(contents: Contents, *, target: str, keys: Keyring) -> Plan:
    """Return what loading a snapshot does; `target` is how the plan names the target."""
    digest = hashlib.sha256(repr(as_facts(contents)).encode()).hexdigest()
    return Plan(
        pipeline=contents.pipeline,
        source=f"snapshot {contents.run}",
        target=target,
        mode="swap",
        catalog=contents.catalog,
        steps=tuple(_steps(contents)),
        findings=Findings(),
        key_id=keys.id,
        one_way=keys.one_way,
        locale="",
        sequences=contents.sequences,
        fingerprint=digest,
    )


def counted_at(contents: Contents, table: TableName) -> TableName:
    """Return the table at which a manifest counts the rows of a table: of partitions their root."""
    known = {name for name, _ in contents.rows}
    at = contents.catalog.table(table)
    while at.name not in known and at.parent is not None and at.parent in contents.catalog:
        at = contents.catalog.table(at.parent)
    return at.name


def _steps(contents: Contents) -> Iterator[Step]:
    left = dict(contents.rows)
    for stored in contents.tables:
        table = contents.catalog.table(stored.table)
        rows = left.pop(counted_at(contents, stored.table), 0)  # of partitions: at the first
        yield Step(
            table=stored.table,
            into=stored.into,
            treatment=Treatment.LOAD,
            columns=tuple(_columns(table, stored)),
            rows=rows,
            bytes=_size(table, rows),
        )
    for name in contents.excluded:
        yield _excluded(name)


def _columns(table: Table, stored: StoredTable) -> Iterator[ColumnPlan]:
    for name in stored.columns:
        yield ColumnPlan(column=table.column(name), ruling=Ruling.KEEP, use="keep", reason=_REASON)
    for column in table.columns:
        if column.name in stored.columns:
            continue
        recomputed = column.name in stored.recomputed
        yield ColumnPlan(
            column=column,
            ruling=Ruling.MASK if recomputed else Ruling.GENERATED,
            use="recompute" if recomputed else "",
            reason="computed by the target",
            moved=False,
        )


def _size(table: Table, rows: int) -> int | None:
    """Return about how many bytes so many of a table's rows take, None where nobody knows."""
    if not table.rows or table.bytes is None:
        return None
    return round(table.bytes * min(1.0, rows / table.rows))


def _excluded(name: TableName) -> Step:
    return Step(table=name, into=name, treatment=Treatment.EXCLUDE, columns=())

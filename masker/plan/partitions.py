"""Masked partition keys: where masked values must stay so that a partition takes every row."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from masker.catalog import Catalog, Kind, Table, TableName
from masker.findings import Finding, error
from masker.plan.model import Fold, Plan, Step
from masker.rules.policy import Treatment

_RANGE = re.compile(r"^FOR VALUES FROM \((?P<low>.*)\) TO \((?P<high>.*)\)$")
_UNBOUND = {"MINVALUE", "MAXVALUE"}
_DATES = {Kind.DATE, Kind.TIMESTAMP, Kind.TIMESTAMP_TZ}


def leaves(catalog: Catalog, root: Table) -> tuple[Table, ...]:
    """Return the partitions of a root that hold rows, however deep."""
    below: list[Table] = []
    for table in catalog.tables:
        if table.is_partition and table.parent == root.name:
            below += [table] if table.holds_rows else list(leaves(catalog, table))
    return tuple(below)


def root_of(catalog: Catalog, table: Table) -> Table:
    """Return the topmost partitioned table above a partition, or the table itself."""
    while table.is_partition and table.parent is not None:
        table = catalog.table(table.parent)
    return table


def tables_of(plan: Plan) -> tuple[Step, ...]:
    """Return a step of each table that holds rows: a partitioned table counts once, not by parts.

    Parts that are treated differently count once for each treatment.
    """
    found: dict[tuple[TableName, Treatment], Step] = {}
    for step in plan.steps:
        root = root_of(plan.catalog, plan.catalog.table(step.table))
        found.setdefault((root.name, step.treatment), step)
    return tuple(found.values())


def fold_of(catalog: Catalog, root: Table, column: str) -> Fold:
    """Return the span of a range-partitioned root's partitions; ValueError with a gap inside.

    A default partition takes everything, so nothing is folded.
    """
    partitions = [t for t in catalog.tables if t.parent == root.name and t.bound]
    if any(table.bound == "DEFAULT" for table in partitions):
        return Fold(None, None)
    spans = sorted(
        (_bounds(table.bound or "") for table in partitions),
        key=lambda span: (span[0] is not None, span[0] or ""),
    )
    for before, after in itertools.pairwise(spans):
        if before[1] != after[0]:
            raise ValueError(f"the partitions of {root.name} leave a gap in {column}")
    return Fold(spans[0][0], spans[-1][1]) if spans else Fold(None, None)


def _bounds(bound: str) -> tuple[str | None, str | None]:
    found = _RANGE.match(bound)
    if found is None:
        raise ValueError("not a range bound")
    return _end(found["low"]), _end(found["high"])


def _end(text: str) -> str | None:
    text = text.strip()
    return None if text in _UNBOUND else text.strip("'")


def check_partition_key(
    catalog: Catalog, table: Table, column: str, use: str
) -> tuple[Fold | None, Iterator[Finding]]:
    """Return how a masked partition key is folded, and what is wrong with masking it."""
    root = root_of(catalog, table)
    levels = _levels(catalog, table, column)
    found: list[Finding] = []
    fold: Fold | None = None
    for level in levels:
        partitioning = level.partitioning
        if partitioning is None or partitioning.strategy == "hash":
            continue
        kind = level.column(column).type.kind
        subject = f"{root.name}.{column}"
        if partitioning.strategy != "range" or kind not in _DATES or len(partitioning.columns) > 1:
            found.append(
                error(
                    "partition-key",
                    f"`{use}` masks `{subject}`, a {partitioning.strategy} partition key, and "
                    "masked values may belong to no partition",
                    subject=subject,
                    help="keep the column; dates of a range partition can be shifted",
                )
            )
            continue
        try:
            fold = fold_of(catalog, level, column)
        except ValueError:
            found.append(
                error(
                    "partition-key",
                    f"`{use}` masks the partition key `{subject}`, and the partitions of "
                    f"`{level.name}` leave a gap",
                    subject=subject,
                    help="keep the column, or add the missing partitions to the source",
                )
            )
    return fold, iter(found)


def _levels(catalog: Catalog, table: Table, column: str) -> Iterator[Table]:
    above = table
    while above.is_partition and above.parent is not None:
        above = catalog.table(above.parent)
        if above.partitioning is not None and column in above.partitioning.columns:
            yield above

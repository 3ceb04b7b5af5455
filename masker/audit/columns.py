"""What the plan says about the columns that the audit looks at."""

from __future__ import annotations

from masker.catalog import TableName
from masker.evidence.collector import roots
from masker.evidence.evidence import Place
from masker.plan.model import ColumnPlan, Plan
from masker.transformers.base import Transformer

# What masks each leaf of a document by a transformer of its own.
LEAFWISE = frozenset({"json"})
_LOOSEST = ("space", "pool", "nil")


def place_name(place: Place) -> str:
    """Return a place as `schema.table.column`."""
    table, column = place
    return f"{table}.{column}"


def masked_columns(plan: Plan) -> dict[Place, ColumnPlan]:
    """Return the masked columns by place: those of partitions under their root."""
    root = roots(plan)
    return {
        (root.get(step.table, step.table), column.name): column
        for step in plan.steps
        for column in step.masked
    }


def used(column: ColumnPlan) -> tuple[Transformer, ...]:
    """Return the transformers of a column's branches."""
    return tuple(one.transformer for one in column.branches if one.transformer is not None)


def chance_of(column: ColumnPlan) -> str:
    """Return how a masked value may be a source value by chance: nil, pool or space.

    Of several branches the loosest counts.
    """
    stated = {one.promises().chance for one in used(column)}
    return next((chance for chance in _LOOSEST if chance in stated), "nil")


def planned(plan: Plan, table: TableName, name: str) -> ColumnPlan | None:
    """Return what was planned for a column of the target, None for what the plan never named."""
    for step in plan.steps:
        if step.table == table:
            return next((column for column in step.columns if column.name == name), None)
    return None

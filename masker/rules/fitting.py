"""Whether a transformer fits a column by its type and its keys, before a plan is made."""

from __future__ import annotations

from collections.abc import Mapping

from masker.catalog import Column, Kind, Table
from masker.transformers.base import Site, Transformer

# What masks a column under a unique key one to one, by the column's kind.
ONE_TO_ONE: Mapping[Kind, str] = {
    Kind.TEXT: "alphanumeric",
    Kind.INTEGER: "integer",
    Kind.UUID: "uuid",
}


def problems(transformer: Transformer, column: Column) -> tuple[str, ...]:
    """Return why a transformer cannot mask a column, nothing if it can."""
    kind = column.type
    if kind.kind not in transformer.kinds:
        return (f"it does not take {kind.kind}",)
    return transformer.check(
        Site(
            kind=kind.kind,
            base=kind.base,
            length=kind.length,
            precision=kind.precision,
            scale=kind.scale,
            nullable=column.nullable,
            labels=kind.labels,
        )
    )


def is_unique(table: Table, column: Column) -> bool:
    """Tell whether a column is under a unique key, alone or with others."""
    return any(column.name in key.columns for key in table.keys)

"""The last look before a masked column leaves: every value fits, or the run stops."""

from __future__ import annotations

import polars as pl

from masker.catalog import Kind
from masker.errors import DataError
from masker.plan.model import ColumnPlan


def fitted(values: pl.Series, column: ColumnPlan) -> pl.Series:
    """Return the values unchanged; DataError names the column and counts, never a value."""
    kind = column.column.type
    if not column.column.nullable and values.null_count():
        _refuse(column, values.null_count(), "are null in a column that is NOT NULL")
    if kind.length is not None and kind.kind is Kind.TEXT:
        over = int((values.str.len_chars() > kind.length).sum())
        if over:
            _refuse(column, over, f"are longer than {kind.length} characters")
    if kind.labels:
        strangers = int((~values.drop_nulls().is_in(list(kind.labels))).sum())
        if strangers:
            _refuse(column, strangers, f"are no label of the enum `{kind.name}`")
    return values


def _refuse(column: ColumnPlan, count: int, why: str) -> None:
    raise DataError(
        f"{count} masked values of `{column.name}` {why}",
        help=f"give `{column.name}` another transformer than `{column.use}`, or other parameters",
        code="does-not-fit",
        subject=column.name,
    )

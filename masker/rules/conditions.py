"""Check the `when` of a rule before a row is read: it is SQL, and its columns are there."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl
from polars.exceptions import PolarsError

from masker.catalog import Table
from masker.findings import Finding, Position, error
from masker.rules.places import closest
from masker.rules.policy import Verdict

_HELP = "compare columns of the same table with text, such as country = 'DE'"


def check_conditions(table: Table, column: str, verdict: Verdict) -> Iterator[Finding]:
    """Yield what is wrong with the conditions of a verdict and of what comes after it."""
    current: Verdict | None = verdict
    while current is not None and current.when is not None:
        yield from _check(table, column, current.when, current.position)
        current = current.otherwise


def _check(table: Table, column: str, condition: str, at: Position | None) -> Iterator[Finding]:
    def wrong(message: str, help: str = _HELP) -> Finding:
        subject = f"{table.name}.{column}"
        return error(
            "bad-when", f"`when` of `{subject}` {message}", subject=subject, at=at, help=help
        )

    try:
        expression = pl.sql_expr(condition)
        names = expression.meta.root_names()
    except PolarsError:
        yield wrong("is not a condition in SQL")
        return
    moved = [each.name for each in table.columns if not each.generated]
    missing = [name for name in names if name not in moved]
    for name in missing:
        generated = any(each.name == name for each in table.columns)
        yield wrong(
            f"reads `{name}`, which "
            + ("the server computes" if generated else f"`{table.name}` does not have"),
            closest(name, moved, otherwise=_HELP),
        )
    if missing:
        return
    try:
        empty = pl.DataFrame({name: pl.Series([], dtype=pl.String) for name in names})
        kind = empty.lazy().select(expression).collect_schema().dtypes()[0]
    except PolarsError:
        yield wrong("cannot be evaluated: values are compared as text")
        return
    if kind != pl.Boolean:
        yield wrong("is neither true nor false")

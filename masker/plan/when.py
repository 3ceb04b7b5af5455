"""Conditions on the original row: which branch of a verdict takes it."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
from polars.exceptions import PolarsError

from masker.errors import ConfigError


def reads(condition: str) -> tuple[str, ...]:
    """Return the columns that a condition in SQL names."""
    return tuple(pl.sql_expr(condition).meta.root_names())


def meets(condition: str, originals: Mapping[str, pl.Series]) -> pl.Series:
    """Return a Boolean per row: whether it meets a condition in SQL; unknown (NULL) is no.

    Values are compared as text, in the canonical text of their kind.
    """
    try:
        expression = pl.sql_expr(condition)
        names = expression.meta.root_names()
        frame = pl.DataFrame({name: originals[name] for name in names})
        met = frame.select_seq(expression.alias("met")).to_series()
    except (PolarsError, KeyError):
        raise ConfigError(
            f"the condition `{condition}` cannot be evaluated",
            help="compare columns of the same table with text, such as country = 'DE'",
            code="bad-when",
        ) from None
    if met.dtype != pl.Boolean:
        raise ConfigError(
            f"the condition `{condition}` is not true or false",
            help="compare columns of the same table with text, such as country = 'DE'",
            code="bad-when",
        )
    return met.fill_null(value=False)

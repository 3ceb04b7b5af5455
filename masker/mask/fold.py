"""Fold masked partition keys back into the span of the partitions that exist."""

from __future__ import annotations

import polars as pl

from masker.catalog import Kind
from masker.plan.model import Fold

_MICROSECONDS_A_DAY = 86_400_000_000


def folded(values: pl.Series, fold: Fold, *, kind: Kind, original: pl.Series) -> pl.Series:
    """Reflect dates or timestamps outside [low, high) at the ends; others stay as they are.

    With one open end the reflection happens once, at the closed one; with both closed the span is
    unrolled with period 2 * (high - low), so that even far values end inside. Where the reflection
    leads back to the row's own `original` value, the value of the day beside it is taken.
    """
    if fold.low is None and fold.high is None:
        return values
    unit = _MICROSECONDS_A_DAY if kind is Kind.DATE else 1
    at = _microseconds(values)
    low = _microseconds(pl.Series([fold.low]))[0] if fold.low else None
    high = _microseconds(pl.Series([fold.high]))[0] - unit if fold.high else None
    x = pl.col("x")
    if low is not None and high is not None:
        period = max(2 * (high - low), 1)
        offset = (x - low) % period
        inside = low + pl.min_horizontal(offset, period - offset)
    elif low is not None:
        inside = low + (x - low).abs()
    else:
        inside = high - (x - high).abs()
    new = pl.DataFrame({"x": at}).select_seq(inside.alias("x")).to_series()
    outside = (new != at).fill_null(value=False)
    if not outside.any():
        return values
    new = _beside(new, outside & (new == _microseconds(original)), low=low, high=high)
    return (
        pl.DataFrame({"old": values, "new": _text(new, kind), "outside": outside})
        .select_seq(pl.when("outside").then("new").otherwise("old"))
        .to_series()
        .alias(values.name)
    )


def _beside(new: pl.Series, own: pl.Series, *, low: int | None, high: int | None) -> pl.Series:
    """Move values that are their own source's by a day, inside what `low` and `high` leave.

    Only the reflection made them so: a value that was masked as itself is left to be found.
    """
    day, x = _MICROSECONDS_A_DAY, pl.col("x")
    later = pl.lit(value=True) if high is None else x + day <= high
    earlier = pl.lit(value=True) if low is None else x - day >= low
    moved = pl.when(later).then(x + day).when(earlier).then(x - day).otherwise(x)
    frame = pl.DataFrame({"x": new, "own": own})
    return frame.select_seq(pl.when("own").then(moved).otherwise(x).alias("x")).to_series()


def _microseconds(values: pl.Series) -> pl.Series:
    """Return microseconds since 1970 UTC; null for what is no plain date (infinity, BC)."""
    text = values.str.replace(r"(:\d\d(?:\.\d+)?)[+-]\d\d(?::\d\d)?$", "$1")
    text = text.str.replace(r"^(\d{4}-\d\d-\d\d)$", "${1} 00:00:00")
    return text.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us", strict=False).cast(pl.Int64)


def _text(microseconds: pl.Series, kind: Kind) -> pl.Series:
    moment = microseconds.cast(pl.Datetime("us"))
    if kind is Kind.DATE:
        return moment.dt.strftime("%Y-%m-%d")
    # The server writes a fraction without trailing zeros, and none at all when it is zero.
    text = moment.dt.strftime("%Y-%m-%d %H:%M:%S%.6f").str.replace(r"\.?0{1,6}$", "")
    return text + "+00" if kind is Kind.TIMESTAMP_TZ else text

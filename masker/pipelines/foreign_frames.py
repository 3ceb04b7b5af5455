"""Frames of pandas and Arrow: read as polars, and given back in their own type.

Neither library is needed here: whoever has such a frame has loaded its library. Only columns that
are masked are made anew; all others are given back as they came.
"""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import polars as pl
from polars.exceptions import PolarsError

from masker.errors import ConfigError, DataError

Give = Callable[[pl.DataFrame, list[str]], Any]  # the masked frame, and which columns are new
# Integers have a space by their type, so Int32 may not become Int64.
_INTEGERS = {
    name.lower(): getattr(pl, name)
    for name in ("Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64")
}
_PLAIN = (str, int, float, bool, Decimal, dt.date, dt.time, dt.timedelta)


def as_polars(frame: Any) -> tuple[pl.DataFrame, Give]:
    """Return a frame of polars, pandas or Arrow as polars, and what makes its own type again.

    ConfigError for anything else.
    """
    if isinstance(frame, pl.DataFrame):
        return frame, _give_polars(frame)
    library = type(frame).__module__.partition(".")[0]
    kind = type(frame).__name__
    if library == "pandas" and kind == "DataFrame":
        return _of_pandas(frame), _give_pandas(frame)
    if library == "pyarrow" and kind in {"Table", "RecordBatch"}:
        return _of_arrow(frame), _give_arrow(frame)
    raise ConfigError(
        f"`mask_frame` takes a polars DataFrame, one of pandas, or an Arrow table, not {kind}",
        help="collect a LazyFrame first; for mappings there is `mask_rows`",
        code="no-frame",
    )


def _give_polars(frame: pl.DataFrame) -> Give:
    def give(masked: pl.DataFrame, new: list[str]) -> pl.DataFrame:
        return frame.with_columns(masked[name] for name in new)

    return give


@contextmanager
def _fitting(name: str, kind: str) -> Iterator[None]:
    """Turn what a library says of a value that does not fit, value and all, into DataError."""
    try:
        yield
    except (OverflowError, TypeError, ValueError):  # those of Arrow are ValueErrors, too
        raise DataError(
            f"masked values of `{name}` are no {kind}",
            help="give the column a transformer for its type",
            code="does-not-fit",
            subject=name,
        ) from None


# -- pandas


def _of_pandas(frame: Any) -> pl.DataFrame:
    names = [str(name) for name in frame.columns]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ConfigError(
            f"two columns of the frame are called `{twice}`",
            help="rename one of them",
            code="no-frame",
            subject=twice,
        )
    return pl.DataFrame(
        [_series(name, frame.iloc[:, at]) for at, name in enumerate(names)],
    )


def _series(name: str, column: Any) -> pl.Series:
    """Return a pandas column as polars; of what polars has no type for, a column of objects."""
    there = column.notna().to_numpy()
    kind = getattr(column.dtype, "kind", "O")
    if kind == "M":
        zone = getattr(column.dtype, "tz", None)
        plain = column.dt.tz_convert("UTC").dt.tz_localize(None) if zone is not None else column
        moments = pl.Series(name, plain.to_numpy().astype("datetime64[us]"))
        return moments.dt.replace_time_zone("UTC") if zone is not None else moments
    values = [
        value if held else None for value, held in zip(column.tolist(), there, strict=True)
    ]  # fmt: skip
    if all(value is None or isinstance(value, _PLAIN) for value in values):
        try:
            return pl.Series(name, values, dtype=_INTEGERS.get(str(column.dtype).lower()))
        except (PolarsError, TypeError, OverflowError):
            pass  # of several types: it can be kept
    return pl.Series(name, values, dtype=pl.Object)


def _give_pandas(frame: Any) -> Give:
    pandas = sys.modules["pandas"]

    def give(masked: pl.DataFrame, new: list[str]) -> Any:
        made = frame.copy(deep=False)
        names = [str(name) for name in frame.columns]
        for name in new:
            at = names.index(name)
            before = frame.iloc[:, at]
            dtype = "category" if str(before.dtype) == "category" else before.dtype
            values = [
                value if value is not None else old
                for value, old in zip(masked[name].to_list(), before.tolist(), strict=True)
            ]
            with _fitting(name, str(before.dtype)):
                made.isetitem(at, pandas.Series(values, index=frame.index, dtype=dtype))
        return made

    return give


# -- Arrow


def _of_arrow(frame: Any) -> pl.DataFrame:
    made = pl.from_arrow(frame)
    assert isinstance(made, pl.DataFrame)  # noqa: S101 - of a table polars makes a frame
    return made


def _give_arrow(frame: Any) -> Give:
    arrow = sys.modules["pyarrow"]

    def give(masked: pl.DataFrame, new: list[str]) -> Any:
        batch = type(frame).__name__ == "RecordBatch"
        made = arrow.Table.from_batches([frame]) if batch else frame
        for name in new:
            at = made.schema.get_field_index(name)
            kind = made.schema.field(at).type
            values = masked[name].cast(pl.String) if masked[name].dtype == pl.Categorical else (
                masked[name]
            )  # fmt: skip
            with _fitting(name, str(kind)):
                column = values.to_arrow()
                if arrow.types.is_dictionary(kind):
                    column = column.cast(kind.value_type).dictionary_encode()
                made = made.set_column(at, made.schema.field(at), column.cast(kind))
        if not batch:
            return made
        batches = made.combine_chunks().to_batches()
        return batches[0] if batches else frame

    return give

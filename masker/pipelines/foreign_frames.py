"""Frames of pandas and Arrow: read as polars, and given back in their own type.

Neither library is needed here: whoever has such a frame has loaded its library. Only columns that
are masked are made anew; all others are given back as they came.
"""

from __future__ import annotations

import datetime as dt
import math
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from decimal import Decimal
from typing import Any

import polars as pl
from polars.exceptions import PolarsError

from masker.errors import ConfigError, DataError, UnsafeError
from masker.pipelines.frames import unfit

Give = Callable[[pl.DataFrame, list[str]], Any]  # the masked frame, and which columns are new
_NUMBERS = "biuf"  # kinds of NumPy: booleans, integers, unsigned ones, floats
_NULLABLE = frozenset(
    {"Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64", "Float32", "Float64",
     "boolean"}
)  # fmt: skip
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
    except (NotImplementedError, OverflowError, TypeError, ValueError):  # Arrow's are of these, too
        raise unfit(name, kind) from None


def _refuse_twice(names: list[str]) -> None:
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ConfigError(
            f"two columns of the frame, or of its index, are called `{twice}`",
            help="rename one of them",
            code="no-frame",
            subject=twice,
        )


# -- pandas


def _of_pandas(frame: Any) -> pl.DataFrame:
    levels = _levels(frame)
    names = [str(name) for name in frame.columns]
    _refuse_twice([*levels, *names])
    return pl.DataFrame(
        [
            *(_series(name, level) for name, level in levels.items()),
            *(_series(name, frame.iloc[:, at]) for at, name in enumerate(names)),
        ]
    )


def _levels(frame: Any) -> dict[str, Any]:
    """Return the levels of the index that have a name: they are columns like all others.

    UnsafeError for one without a name, which no verdict can be about, unless it counts rows.
    """
    series, index = sys.modules["pandas"].Series, frame.index
    levels: dict[str, Any] = {}
    for at, name in enumerate(index.names):
        level = series(index.get_level_values(at))
        if name is not None:
            _refuse_twice([*levels, str(name)])
            levels[str(name)] = level
        elif len(level) and getattr(level.dtype, "kind", "O") not in "iu":
            where = f"level {at + 1} of the index" if index.nlevels > 1 else "the index"
            raise UnsafeError(
                f"{where} has no name, so no verdict can say what becomes of its values",
                help="give it one by `rename_axis`, and that name a verdict; or `reset_index()`",
                code="uncovered",
                subject="index",
            )
    return levels


def _series(name: str, column: Any) -> pl.Series:
    """Return a pandas column as polars; of what polars has no type for, a column of objects."""
    told, kind = str(column.dtype), getattr(column.dtype, "kind", "O")
    if _is_arrow(column.dtype):
        return _of_chunks(name, column.array.__arrow_array__())
    if told in _NULLABLE or (_is_numpy(column.dtype) and kind in _NUMBERS):
        return _numbers(name, column)
    if kind in "mM":
        return _moments(name, column)
    if told == "category":
        return _categories(name, column)
    return _objects(name, column)


def _is_numpy(dtype: Any) -> bool:
    return type(dtype).__module__.partition(".")[0] == "numpy"


def _is_arrow(dtype: Any) -> bool:
    return hasattr(dtype, "pyarrow_dtype") or getattr(dtype, "storage", "") == "pyarrow"


def _without(values: pl.Series, missing: Any) -> pl.Series:
    """Return values with null where they are missing."""
    there = ~pl.Series(missing)
    return pl.select(pl.when(there).then(values).alias(values.name)).to_series()


def _numbers(name: str, column: Any) -> pl.Series:
    """Return numbers or booleans; integers keep their width, by which they have their space."""
    dtype = column.dtype
    if dtype.kind == "f":
        wide = column.to_numpy(dtype="float64", na_value=math.nan)
        return pl.Series(name, wide, nan_to_null=True)
    if _is_numpy(dtype):
        return pl.Series(name, column.to_numpy().astype(dtype.newbyteorder("=")))
    values = column.to_numpy(dtype=dtype.numpy_dtype, na_value=0)
    return _without(pl.Series(name, values), column.isna())


def _categories(name: str, column: Any) -> pl.Series:
    known = _objects(name, column.cat.categories.to_series())
    if known.dtype == pl.Object:
        return _objects(name, column)
    codes = pl.Series(column.cat.codes.to_numpy().astype("int64"))
    return known.gather(_without(codes, codes == -1))


def _moments(name: str, column: Any) -> pl.Series:
    """Return times or spans in the unit that they have, or in the next finer one of polars."""
    told = str(column.dtype)
    zone = getattr(column.dtype, "tz", None)
    plain = column.dt.tz_convert("UTC").dt.tz_localize(None) if zone is not None else column
    unit = "ns" if "[ns" in told else "us"
    kind = "timedelta64" if column.dtype.kind == "m" else "datetime64"
    moments = pl.Series(name, plain.to_numpy().astype(f"{kind}[{unit}]"))
    return moments.dt.replace_time_zone("UTC") if zone is not None else moments


def _objects(name: str, column: Any) -> pl.Series:
    values = column.astype(object).mask(column.isna(), None).tolist()
    if all(value is None or _is_plain(value) for value in values):
        with suppress(PolarsError, ArithmeticError, TypeError, ValueError):
            return pl.Series(name, values)
    return pl.Series(name, values, dtype=pl.Object)  # of several types or odd: it can be kept


def _is_plain(value: object) -> bool:
    """Tell whether polars has a type for a value; of decimals it has none for NaN and infinity."""
    return isinstance(value, _PLAIN) and (not isinstance(value, Decimal) or value.is_finite())


def _give_pandas(frame: Any) -> Give:
    def give(masked: pl.DataFrame, new: list[str]) -> Any:
        made = frame.copy(deep=False)
        levels = _levels(frame)
        names = [str(name) for name in frame.columns]
        for name in new:
            if name in levels:
                continue
            at = names.index(name)
            before = frame.iloc[:, at]
            with _fitting(name, str(before.dtype)):
                made.isetitem(at, _made_anew(masked[name], before))
        if not levels.keys().isdisjoint(new):
            made.index = _index_anew(frame.index, levels, masked, new)
        return made

    return give


def _index_anew(before: Any, levels: dict[str, Any], masked: pl.DataFrame, new: list[str]) -> Any:
    """Return an index with its masked levels made anew; no former value of theirs is left in it."""
    index, several = sys.modules["pandas"].Index, sys.modules["pandas"].MultiIndex
    made = []
    for at, name in enumerate(before.names):
        level = before.get_level_values(at)
        if str(name) in levels and str(name) in new:
            with _fitting(str(name), str(level.dtype)):
                values = _made_anew(masked[str(name)], levels[str(name)])
                level = index(values, dtype=values.dtype, name=name)
        made.append(level)
    return made[0] if before.nlevels == 1 else several.from_arrays(made, names=before.names)


def _made_anew(values: pl.Series, before: Any) -> Any:
    """Return masked values as a pandas column of the type and index of another."""
    series = sys.modules["pandas"].Series
    dtype, index, told = before.dtype, before.index, str(before.dtype)
    kind = getattr(dtype, "kind", "O")
    if _is_arrow(dtype):
        arrow = _to_arrow(values, getattr(dtype, "pyarrow_dtype", None))
        return series(dtype.__from_arrow__(arrow), index=index)
    if _is_numpy(dtype) and kind in "biu" and values.null_count():
        raise DataError(
            f"masked values of `{values.name}` hold nulls, which pandas' {told} cannot",
            help=f'convert the column before, such as by `.astype("{_nullable(dtype)}")`',
            code="does-not-fit",
            subject=values.name,
        )
    if kind in "mM" or (_is_numpy(dtype) and kind in _NUMBERS):
        plain = series(values.to_numpy(), index=index)
        zone = getattr(dtype, "tz", None)
        if zone is not None:
            plain = plain.dt.tz_localize("UTC").dt.tz_convert(zone)
        return plain.astype(dtype)
    if told in _NULLABLE:
        filled = values.fill_null(strategy="zero")
        return series(filled.to_numpy(), index=index, dtype=dtype).mask(values.is_null().to_numpy())
    held = values.to_list()
    if kind == "O" and told == "object":  # pandas has several kinds of missing values there
        missing = zip(held, before.tolist(), before.isna(), strict=True)
        held = [old if value is None and gone else value for value, old, gone in missing]
    return series(held, index=index, dtype="category" if told == "category" else dtype)


def _nullable(dtype: Any) -> str:
    """Return the name of pandas' own type with nulls for one of NumPy without."""
    if dtype.kind == "b":
        return "boolean"
    return f"{'UInt' if dtype.kind == 'u' else 'Int'}{8 * dtype.itemsize}"


# -- Arrow


def _of_arrow(frame: Any) -> pl.DataFrame:
    _refuse_twice(frame.schema.names)
    columns = zip(frame.schema.names, frame.columns, strict=True)
    return pl.DataFrame([_of_chunks(name, column) for name, column in columns])


def _of_chunks(name: str, column: Any) -> pl.Series:
    """Return a column of Arrow as polars; of what polars has no type for, a column of objects."""
    arrow = sys.modules["pyarrow"]
    if not arrow.types.is_decimal256(column.type):  # polars would panic
        try:
            made = pl.from_arrow(column)
        except PolarsError:
            pass  # it can be kept
        else:
            assert isinstance(made, pl.Series)  # noqa: S101 - of a column polars makes a series
            return made.alias(name)
    return pl.Series(name, column.to_pylist(), dtype=pl.Object)


def _to_arrow(values: pl.Series, kind: Any) -> Any:
    """Return masked values as a column of Arrow, of a type unless that is None."""
    arrow = sys.modules["pyarrow"]
    if kind is not None and values.null_count() == values.len():
        return arrow.nulls(values.len(), type=kind)
    if values.dtype == pl.Object:
        return arrow.array(values.to_list(), type=kind)
    plain = values.cast(pl.String) if values.dtype == pl.Categorical else values
    column = plain.to_arrow()
    if kind is None:
        return column
    if arrow.types.is_dictionary(kind):
        column = column.cast(kind.value_type).dictionary_encode()
    return column.cast(kind)


def _give_arrow(frame: Any) -> Give:
    arrow = sys.modules["pyarrow"]

    def give(masked: pl.DataFrame, new: list[str]) -> Any:
        batch = type(frame).__name__ == "RecordBatch"
        made = arrow.Table.from_batches([frame]) if batch else frame
        for name in new:
            at = made.schema.get_field_index(name)
            field = made.schema.field(at)
            with _fitting(name, str(field.type)):
                made = made.set_column(at, field, _to_arrow(masked[name], field.type))
        if not batch:
            return made
        batches = made.combine_chunks().to_batches()
        return batches[0] if batches else frame

    return give

"""Text columns as matrices of bytes and back, through polars' own buffers: no loop over rows."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

_MANY = 0.25  # share of distinct values
_SEED = 20211  # any number: hits are compared as text


def as_text(values: pl.Series) -> pl.Series:
    """Return the column if it is one of String; a column of nothing but null becomes one.

    TypeError for every other type: a number or a date has more than one text.
    """
    if values.dtype not in (pl.String, pl.Null):
        raise TypeError(f"a String column is wanted, not {values.dtype}")
    return values.cast(pl.String)


def to_bytes(values: pl.Series, width: int) -> npt.NDArray[np.uint8]:
    """Return a String column, every value `width` > 0 bytes long, as a matrix (rows, width)."""
    if not len(values):
        return np.empty((0, width), dtype=np.uint8)
    cells = values.cast(pl.Binary).bin.reinterpret(
        dtype=pl.Array(pl.UInt8, width), endianness="little"
    )
    return cells.to_numpy()


def from_bytes(letters: npt.NDArray[np.uint8]) -> pl.Series:
    """Return the rows of a matrix (rows, width) of UTF-8 bytes, width > 0, as a String column."""
    if not len(letters):
        return pl.Series(dtype=pl.String)
    cells = pl.Series(letters, dtype=pl.Array(pl.UInt8, letters.shape[1]))
    return cells.cast(pl.List(pl.UInt8)).cast(pl.Binary).cast(pl.String)


def distinct(values: pl.Series) -> tuple[pl.Series, npt.NDArray[np.int64]]:
    """Return the distinct values and, for every row, the place of its value among them."""
    once = values.unique()
    if len(once) > _MANY * len(values):
        return _grouped(values)
    # Among few values a hash is found faster than all of them are grouped, and by one thread.
    once = once.gather(once.hash(_SEED).arg_sort())
    index = np.searchsorted(once.hash(_SEED).to_numpy(), values.hash(_SEED).to_numpy())
    if once.gather(index).eq_missing(values).all():
        return once, index
    return _grouped(values)


def _grouped(values: pl.Series) -> tuple[pl.Series, npt.NDArray[np.int64]]:
    """Do as `distinct` does where values are many, and where two of them have one hash."""
    frame = pl.DataFrame({"value": values}).with_row_index("row")
    groups = frame.group_by("value").agg("row")
    rows = groups["row"].explode().to_numpy()
    index = np.empty(len(values), dtype=np.int64)
    index[rows] = np.repeat(np.arange(len(groups)), groups["row"].list.len().to_numpy())
    return groups["value"], index


def replace(values: pl.Series, rows: npt.NDArray[np.int64], new: pl.Series) -> pl.Series:
    """Return the column with the values of `new` in `rows`, in that order; the rest stays."""
    source = np.arange(len(values))
    source[rows] = np.arange(len(values), len(values) + len(rows))
    return pl.concat([values, new.rename(values.name)]).gather(source)


def restore_nulls(values: pl.Series, nulls: npt.NDArray[np.bool_]) -> pl.Series:
    """Return the column with null where `nulls` is true."""
    if not nulls.any():
        return values
    frame = pl.DataFrame({"value": values, "held": ~nulls})
    return frame.select_seq(pl.when("held").then("value")).to_series()

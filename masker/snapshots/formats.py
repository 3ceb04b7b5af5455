"""The formats of a table's files: Parquet, CSV, and SQL that the engine's own tool runs."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

import polars as pl

from masker.catalog import Column
from masker.snapshots import forms

PARQUET, CSV, SQL = "parquet", "csv", "sql"
FORMATS = (PARQUET, CSV, SQL)
_NEWLINE = b"\n"
_OBJECTS = {"masker.values": "objects"}


def to_parquet(frame: pl.DataFrame, columns: Sequence[Column]) -> bytes:
    """Return plain Strings as one Parquet file with native types where they are exact."""
    kinds = {column.name: column.type for column in columns}
    return _written(
        frame.with_columns(forms.stored(values, kinds[values.name]) for values in frame)
    )


def to_parquet_of_objects(frame: pl.DataFrame) -> bytes:
    """Return columns of `forms.of_objects` as one Parquet file that says so."""
    return _written(frame, _OBJECTS)


def from_parquet(raw: bytes) -> tuple[pl.DataFrame, bool]:
    """Return a Parquet file as it is stored, and whether its columns are of `forms.of_objects`."""
    marks = pl.read_parquet_metadata(io.BytesIO(raw))
    return pl.read_parquet(io.BytesIO(raw)), marks.items() >= _OBJECTS.items()


def as_text(raw: bytes, names: Sequence[str]) -> bytes:
    """Return a Parquet file with these columns as plain Strings."""
    frame, _ = from_parquet(raw)
    return _written(frame.with_columns(forms.plain(frame[name]) for name in names))


def _written(frame: pl.DataFrame, marks: Mapping[str, str] | None = None) -> bytes:
    block = io.BytesIO()
    frame.write_parquet(block, compression="zstd", metadata=dict(marks) if marks else None)
    return block.getvalue()


def to_csv(frame: pl.DataFrame) -> bytes:
    """Return plain Strings as CSV with a header: values in quotes, nulls as nothing.

    PostgreSQL reads it by COPY … WITH (FORMAT csv, HEADER).
    """
    if not frame.width:
        return _NEWLINE * (frame.height + 1)
    block = io.BytesIO()
    frame.write_csv(block, quote_style="non_numeric")
    return block.getvalue()


def from_csv(raw: bytes, columns: Sequence[str]) -> pl.DataFrame:
    """Return the rows of such a CSV as plain Strings; an empty text is no null."""
    if not columns:
        return pl.DataFrame(height=max(0, raw.count(_NEWLINE) - 1))
    # Polars takes a cell without quotes for a null, and "" for an empty text. Quotes in a header it
    # leaves doubled, in rows it does not.
    schema = {str(number): pl.String for number in range(len(columns))}
    frame = pl.read_csv(io.BytesIO(raw), has_header=False, schema=schema)
    frame.columns = list(frame.row(0))
    return frame.slice(1)

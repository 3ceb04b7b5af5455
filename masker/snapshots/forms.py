"""Plain Strings in the Parquet types that people expect, wherever the way back is exact.

Every value is exact first: a column whose texts a native type would not give back byte for byte
(infinity in a date, NaN in a numeric) stays text. This is tried on the very values that are stored.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any

import polars as pl

from masker.catalog import Kind, Type

_NUMBERS: dict[str, pl.DataType] = {
    "int2": pl.Int16(),
    "int4": pl.Int32(),
    "int8": pl.Int64(),
    "float4": pl.Float32(),
    "float8": pl.Float64(),
}
_MOST_DIGITS = 38
_DAY, _MOMENT = "%Y-%m-%d", "%Y-%m-%d %H:%M:%S"
_UTC = "+00"


def stored(values: pl.Series, kind: Type) -> pl.Series:
    """Return plain Strings in a native type of Parquet, or as they are where that is not exact."""
    made = _native(values, kind)
    return values if made is None or not plain(made).equals(values) else made


def plain(values: pl.Series) -> pl.Series:
    """Return the plain Strings of a stored column."""
    kind = values.dtype
    if kind == pl.String:
        return values
    if kind == pl.Boolean:
        return _words(values)
    if kind == pl.Date:
        return values.dt.strftime(_DAY)
    if isinstance(kind, pl.Datetime):
        zone = _UTC if kind.time_zone else ""
        text = values.dt.strftime(f"{_MOMENT}%.6f").str.strip_chars_end("0").str.strip_suffix(".")
        return text + zone if zone else text
    text = values.cast(pl.String)
    return text.str.strip_suffix(".0") if kind.is_float() else text


def _native(values: pl.Series, kind: Type) -> pl.Series | None:
    """Return the values in the native type of their kind; what it does not hold is null."""
    numbers = _number(kind)
    if numbers is not None:
        return values.cast(numbers, strict=False)
    match kind.kind:
        case Kind.BOOLEAN:
            words = {"t": True, "f": False}
            return values.replace_strict(words, default=None, return_dtype=pl.Boolean)
        case Kind.DATE:
            return values.str.to_date(_DAY, strict=False)
        case Kind.TIMESTAMP:
            return _moments(values, "")
        case Kind.TIMESTAMP_TZ:
            return _moments(values, _UTC).dt.replace_time_zone("UTC")
    return None


def _number(kind: Type) -> pl.DataType | None:
    if kind.kind is Kind.DECIMAL and kind.precision:
        scale = kind.scale or 0
        fits = 0 <= scale <= kind.precision <= _MOST_DIGITS
        return pl.Decimal(kind.precision, scale) if fits else None
    if kind.kind in {Kind.INTEGER, Kind.FLOAT}:
        return _NUMBERS.get(kind.base)
    return None


def _moments(values: pl.Series, zone: str) -> pl.Series:
    text = values.str.strip_suffix(zone) if zone else values
    return text.str.to_datetime(f"{_MOMENT}%.f", strict=False, time_unit="us")


def _words(values: pl.Series) -> pl.Series:
    return values.replace_strict({True: "t", False: "f"}, default=None, return_dtype=pl.String)


# -- values of an engine that has no types of columns, only of values

_INTEGER, _REAL, _TEXT, _BYTES = b"i", b"r", b"t", b"b"
_AS_IT_IS = "surrogateescape"  # bytes that are no text travel in a text as lone surrogates
_ONE_KIND: dict[type, pl.DataType] = {int: pl.Int64(), float: pl.Float64(), str: pl.String()}


def of_objects(name: str, values: Sequence[Any]) -> pl.Series:
    """Return Python values (int, float, str, bytes, None) as a column that gives them back.

    Values of one kind have its native type; mixed ones, and bytes, are Binary: a letter for the
    kind, then the value.
    """
    kinds = {type(value) for value in values if value is not None}
    if kinds == {str} and not _is_unicode(values):
        kinds.add(bytes)
    if len(kinds) == 1 and (one := _ONE_KIND.get(next(iter(kinds)))) is not None:
        return pl.Series(name, values, dtype=one)
    if not kinds:
        return pl.Series(name, values, dtype=pl.String)
    return pl.Series(name, [_tagged(value) for value in values], dtype=pl.Binary)


def objects(values: pl.Series) -> list[Any]:
    """Return the Python values that `of_objects` was given."""
    if values.dtype != pl.Binary:
        return values.to_list()
    return [_untagged(value) for value in values]


def _is_unicode(values: Sequence[str | None]) -> bool:
    try:
        "".join(value for value in values if value is not None).encode()
    except UnicodeEncodeError:
        return False
    return True


def _tagged(value: Any) -> bytes | None:
    match value:
        case None:
            return None
        case int():
            return _INTEGER + str(value).encode()
        case float():
            return _REAL + struct.pack("<d", value)
        case str():
            return _TEXT + value.encode(errors=_AS_IT_IS)
        case _:
            return _BYTES + bytes(value)


def _untagged(value: bytes | None) -> Any:
    if value is None:
        return None
    kind, content = value[:1], value[1:]
    if kind == _INTEGER:
        return int(content)
    if kind == _REAL:
        return struct.unpack("<d", content)[0]
    return content.decode(errors=_AS_IT_IS) if kind == _TEXT else content

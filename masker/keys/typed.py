"""Canonical text of key values: equal under a foreign key means equal bytes here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final

import polars as pl

from masker.keys import columns

_PLAIN: Final = r"^(?:0|-?[1-9][0-9]*)$"  # an integer as every server writes it
_DECIMAL: Final = r"^([+-]?)0*([0-9]*)(?:\.([0-9]*))?$"
_NUMBER: Final = r"^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?$"
_DATE: Final = r"^[0-9]{4,}-[0-9]{2}-[0-9]{2}$"
_MOMENT: Final = r"^([0-9]{4,}-[0-9]{2}-[0-9]{2})[ T]([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]*))?"
_UTC: Final = r"(?:Z|[+-]00(?::?00)?)$"
_OFFSET: Final = r"[+-][0-9]{2}(?::?[0-9]{2})?$"
_UUID: Final = r"^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$"


def canonical_key(values: pl.Series, *, base: str, case_insensitive: bool = False) -> pl.Series:
    """Return key values in the canonical text of their type; null stays null.

    `base` is PostgreSQL's plain type name. bpchar loses its trailing blanks; integers and numerics
    lose every sign, zero and exponent that says nothing (`1.50`, `+1.5` and `15E-1` are `1.5`);
    floats are written by their 64-bit value; uuid and bytea are in lower case; timestamps are ISO
    8601, with a zone in UTC, and a date is its midnight; citext, and any type under a
    `case_insensitive` collation, is folded. Every other type, and text that does not read as its
    type (`infinity`, years before Christ), stays as it is.
    """
    text = columns.as_text(values).rename("value")
    rule = _RULES.get(base)
    if rule is not None:
        text = rule(text)
    if case_insensitive or base == "citext":
        text = _folded(text)
    return text.rename(values.name)


def _folded(text: pl.Series) -> pl.Series:
    # Servers lower character by character and disagree about the final sigma and the dotted
    # capital I; both are made one here, so that what any of them calls equal is equal.
    lower = text.str.to_lowercase()
    return lower.str.replace_all("\u03c2", "\u03c3").str.replace_all("i\u0307", "i")


def _blanks_trimmed(text: pl.Series) -> pl.Series:
    return text.str.strip_chars_end(" ")


def _number(text: pl.Series) -> pl.Series:
    if text.str.contains(_PLAIN).all():
        return text
    text = _exponents_expanded(text)
    value = pl.col("value")
    part = value.str.extract_groups(_DECIMAL).struct
    whole, fraction = part["2"], part["3"].fill_null("").str.strip_chars_end("0")
    zero = (whole == "") & (fraction == "")
    sign = pl.when((part["1"] == "-") & ~zero).then(pl.lit("-")).otherwise(pl.lit(""))
    written = pl.concat_str(
        sign,
        pl.when(whole == "").then(pl.lit("0")).otherwise(whole),
        pl.when(fraction == "").then(pl.lit("")).otherwise(pl.lit(".") + fraction),
    )
    return _where(text, value.str.contains(_NUMBER), written)


def _exponents_expanded(text: pl.Series) -> pl.Series:
    """Write `1E2` as `100`: exactly, and in Python, for exponents are rare in keys."""
    rows = (text.str.contains(_NUMBER) & text.str.contains("[eE]")).fill_null(value=False)
    if not rows.any():
        return text
    values, index = columns.distinct(text.filter(rows))
    plain = pl.Series([format(Decimal(value), "f") for value in values], dtype=pl.String)
    return columns.replace(text, rows.arg_true().to_numpy(), plain.gather(index))


def _float(text: pl.Series) -> pl.Series:
    return _number(_where(text, pl.col("value").str.contains(_NUMBER), _widened(pl.Float64)))


def _narrow_float(text: pl.Series) -> pl.Series:
    # float4 meets float8 by its exact value, so it is widened before it is written.
    return _number(_where(text, pl.col("value").str.contains(_NUMBER), _widened(pl.Float32)))


def _widened(read: type[pl.Float32 | pl.Float64]) -> pl.Expr:
    return pl.col("value").cast(read, strict=False).cast(pl.Float64).cast(pl.String)


def _uuid(text: pl.Series) -> pl.Series:
    bare = pl.col("value").str.to_lowercase().str.replace_all(r"^urn:uuid:|[{}-]", "")
    return _where(text, bare.str.contains(_UUID), bare.str.replace(_UUID, "$1-$2-$3-$4-$5"))


def _lower(text: pl.Series) -> pl.Series:
    return text.str.to_lowercase()


def _date(text: pl.Series) -> pl.Series:
    return _where(text, pl.col("value").str.contains(_DATE), pl.col("value") + "T00:00:00")


def _timestamp(text: pl.Series) -> pl.Series:
    return _where(text, pl.col("value").str.contains(_MOMENT + "$"), _iso(pl.col("value")))


def _timestamp_tz(text: pl.Series) -> pl.Series:
    value = pl.col("value")
    utc = value.str.contains(_MOMENT + _UTC)
    elsewhere = value.str.contains(_MOMENT + _OFFSET) & ~utc
    if text.to_frame().select_seq(elsewhere.any()).item():
        moved = (
            value.str.replace("T", " ")
            .str.to_datetime("%Y-%m-%d %H:%M:%S%.f%#z", time_unit="us", strict=False)
            .dt.strftime("%Y-%m-%d %H:%M:%S%.6f+00")
        )
        text = _where(text, elsewhere & moved.is_not_null(), moved)
    return _where(text, utc, _iso(value) + "Z")


def _iso(moment: pl.Expr) -> pl.Expr:
    part = moment.str.extract_groups(_MOMENT).struct
    fraction = part["3"].fill_null("").str.strip_chars_end("0")
    tail = pl.when(fraction == "").then(pl.lit("")).otherwise(pl.lit(".") + fraction)
    return pl.concat_str(part["1"], pl.lit("T"), part["2"], tail)


def _where(text: pl.Series, found: pl.Expr, written: pl.Expr) -> pl.Series:
    chosen = pl.when(found).then(written).otherwise(pl.col("value"))
    return text.to_frame().select_seq(chosen.alias("value")).to_series()


_RULES: Mapping[str, Callable[[pl.Series], pl.Series]] = MappingProxyType(
    {
        "bpchar": _blanks_trimmed,
        **dict.fromkeys(("int2", "int4", "int8", "oid", "numeric"), _number),
        "float4": _narrow_float,
        "float8": _float,
        "uuid": _uuid,
        "bytea": _lower,
        "date": _date,
        "timestamp": _timestamp,
        "timestamptz": _timestamp_tz,
    }
)

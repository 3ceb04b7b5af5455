"""A digest of a multiset of values: equal for every order and every split into batches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import polars as pl

from masker.catalog import Kind, Type
from masker.evidence.fingerprints import Prints
from masker.evidence.json_text import canonical_json

_MODULUS = 1 << 64
NUMERIC_TEXT = "numeric_text"  # SQLite's columns of texts that become numbers where they can
_INTEGERS = 2.0**63  # reals below it that are whole are given back as integers
_NUMBER = r"^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$"


@dataclass(frozen=True, slots=True)
class Digest:
    """How many values, how many nulls, and two sums of independent hashes modulo 2^64."""

    values: int = 0
    nulls: int = 0
    probe: int = 0
    confirm: int = 0

    @classmethod
    def of(cls, prints: Prints, *, nulls: int, counts: npt.NDArray[np.int64] | None = None) -> Self:
        """Digest a batch: prints of its values that are not null, shape (2, n).

        `counts` says how many values each print stands for, one where it is None.
        """
        values = prints.shape[1]
        if counts is not None:
            values = int(counts.sum())
            prints = prints * counts.astype(np.uint64)
        probe, confirm = prints.sum(axis=1, dtype=np.uint64)
        return cls(values, nulls, int(probe), int(confirm))

    def __add__(self, other: Digest) -> Digest:
        return Digest(
            self.values + other.values,
            self.nulls + other.nulls,
            (self.probe + other.probe) % _MODULUS,
            (self.confirm + other.confirm) % _MODULUS,
        )


def comparable(values: pl.Series, kind: Type) -> pl.Series:
    """Return one text per value, whichever of its spellings was written or is read back.

    A server writes 1.50 for 1.5 in a numeric(9,2), blanks after a char(n), keys of jsonb in an
    order of its own: none of these is a change. String series without nulls, same length.
    """
    if kind.base == NUMERIC_TEXT:
        return _as_stored(values)
    if kind.base == "bpchar":
        return values.str.strip_chars_end(" ")
    if kind.kind is Kind.FLOAT:
        number = pl.Float32 if kind.base == "float4" else pl.Float64
        return values.cast(number, strict=False).cast(pl.String).fill_null(values)
    fold = _FOLDS.get(kind.kind)
    return fold(values) if fold else values


def _as_stored(values: pl.Series) -> pl.Series:
    """Return texts as a column with numeric affinity gives them back: 0123 as 123.

    https://www.sqlite.org/datatype3.html, "Type Affinity"
    """
    text = pl.col("text")
    real = text.str.strip_chars().cast(pl.Float64, strict=False)
    whole = (real == real.round()) & (real.abs() < _INTEGERS)
    integer = text.str.strip_chars().str.strip_prefix("+").cast(pl.Int64, strict=False)
    number = (
        pl.when(integer.is_not_null())
        .then(integer.cast(pl.String))
        .when(whole)
        .then(real.cast(pl.Int64, strict=False).cast(pl.String))
        .otherwise(real.cast(pl.String).str.replace("inf", "Infinity", literal=True))
    )
    reads = text.str.contains(_NUMBER) & real.is_not_null()
    stored = pl.when(reads).then(number).otherwise(text)
    return values.alias("text").to_frame().select(stored).to_series()


def _plain_number(values: pl.Series) -> pl.Series:
    plain = values.str.replace(r"^([+-]?)0+(\d)", "$1$2")
    plain = plain.str.replace(r"(\.\d*?)0+$", "$1").str.strip_chars_end(".")
    return plain.str.replace(r"^-0$", "0").str.strip_prefix("+")


def _moment(values: pl.Series) -> pl.Series:
    shorter = values.str.replace(r"(\.\d*?)0+(\D|$)", "$1$2")
    return shorter.str.replace(r"\.(\D|$)", "$1")


def _lower(values: pl.Series) -> pl.Series:
    return values.str.to_lowercase()


def _address(values: pl.Series) -> pl.Series:
    return _lower(values).str.replace(r"^([\d.]+)/32$", "$1").str.replace(r"^(.*:.*)/128$", "$1")


def _unquoted(values: pl.Series) -> pl.Series:
    return values.str.replace_all(r'["\\\s]', "")


_FOLDS: dict[Kind, Callable[[pl.Series], pl.Series]] = {
    Kind.DECIMAL: _plain_number,
    Kind.TIMESTAMP: _moment,
    Kind.TIMESTAMP_TZ: _moment,
    Kind.TIME: _moment,
    Kind.UUID: _lower,
    Kind.BYTES: _lower,
    Kind.INET: _address,
    Kind.JSON: canonical_json,
    Kind.ARRAY: _unquoted,
    Kind.COMPOSITE: _unquoted,
    Kind.RANGE: _unquoted,
    Kind.VECTOR: _unquoted,
}

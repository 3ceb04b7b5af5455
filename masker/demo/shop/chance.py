"""Repeatable chance, whole columns at a time: the same seed number gives the same shop."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

# What one character of a pattern becomes; every other character stands for itself.
PLACES: Mapping[str, str] = {
    "#": "0123456789",
    "%": "123456789",
    "?": "ABCDEFGHJKLMNPRSTUVWXYZ",
    "*": "0123456789abcdef",
    "^": "89ab",
}
UUID = "********-****-4***-^***-************"


def generator(seed: int, subject: str) -> np.random.Generator:
    """Return a generator for one subject, so that one table's draws never move another's."""
    return np.random.default_rng([seed, zlib.crc32(subject.encode())])


def quotas(rng: np.random.Generator, rows: int, shares: Mapping[str, float]) -> Integers:
    """Return for each row the position of its label, every label exactly at its share.

    `shares` sum to 1; rounding goes to the last label. Exact, because a promised share must hold
    in a shop of three hundred customers too.
    """
    counts = [round(rows * share) for share in shares.values()]
    counts[-1] = rows - sum(counts[:-1])
    return rng.permutation(np.repeat(np.arange(len(counts)), counts))


def pick(rng: np.random.Generator, rows: int, values: Sequence[str]) -> pl.Series:
    """Draw values, the earlier ones more often."""
    return pl.Series(values).gather(skewed(rng, np.full(rows, len(values))))


def skewed(rng: np.random.Generator, sizes: Integers) -> Integers:
    """Draw for each row a number below its size, small numbers more often."""
    return np.minimum((rng.random(len(sizes)) ** 1.7 * sizes).astype(np.int64), sizes - 1)


def pattern(rng: np.random.Generator, rows: int, template: str) -> pl.Series:
    """Fill one template per row: `#` a digit, `%` no zero, `?` a letter, `*` hex, `^` 8 to b."""
    cells = np.tile(np.array(list(template), dtype="U1"), (rows, 1))
    for place, letters in PLACES.items():
        at = [position for position, sign in enumerate(template) if sign == place]
        if at:
            drawn = rng.integers(0, len(letters), (rows, len(at)))
            cells[:, at] = np.array(list(letters))[drawn]
    return text_of(cells)


def patterns(
    rng: np.random.Generator, which: npt.NDArray[np.str_], templates: Mapping[str, Sequence[str]]
) -> pl.Series:
    """Fill for each row one of the templates that its label has; null where it has none."""
    parts: list[tuple[Integers, pl.Series]] = []
    for label, forms in templates.items():
        rows = np.flatnonzero(which == label)
        form = rng.integers(0, len(forms), len(rows))
        for number, template in enumerate(forms):
            here = rows[form == number]
            parts.append((here, pattern(rng, len(here), template)))
    return assemble(len(which), parts)


def assemble(rows: int, parts: Sequence[tuple[Integers, pl.Series]]) -> pl.Series:
    """Put parts of a column into their rows; null in rows that no part has."""
    texts = pl.concat([values for _, values in parts])
    source = np.full(rows, len(texts), dtype=np.int64)
    source[np.concatenate([here for here, _ in parts])] = np.arange(len(texts))
    return pl.concat([texts, pl.Series([None], dtype=pl.String)]).gather(source)


def distinct(rng: np.random.Generator, rows: int, *, digits: int) -> pl.Series:
    """Draw numbers of so many digits, all different, as text."""
    lowest = 10 ** (digits - 1)
    drawn = rng.choice(9 * lowest, size=rows, replace=False)
    return pl.Series(drawn + lowest).cast(pl.String)


def text_of(cells: npt.NDArray[np.str_]) -> pl.Series:
    """Join a matrix of single characters to one text per row."""
    width = cells.shape[1]
    joined = np.ascontiguousarray(cells, dtype="U1").view(f"U{width}")[:, 0]
    return pl.Series(joined, dtype=pl.String)


def moments(rng: np.random.Generator, rows: int, since: date, until: date) -> pl.Series:
    """Draw UTC timestamps to the microsecond."""
    first, last = (_microseconds(day) for day in (since, until))
    return pl.Series(rng.integers(first, last, rows)).cast(pl.Datetime("us", "UTC"))


def days(rng: np.random.Generator, rows: int, since: date, until: date) -> pl.Series:
    """Draw dates."""
    return (
        pl.Series(rng.integers(since.toordinal(), until.toordinal(), rows) - _EPOCH)
        .cast(pl.Int32)
        .cast(pl.Date)
    )


def often(rng: np.random.Generator, rows: int, share: float) -> Flags:
    """Draw which rows are in a share of all: exactly that share, and one row at the least."""
    return rng.permutation(rows) < max(1, round(rows * share))


def sometimes(rng: np.random.Generator, values: pl.Series, share: float) -> pl.Series:
    """Return the values with all but a share of them null, in random places."""
    return where(often(rng, len(values), share), values, None)


def where(condition: Flags, values: Any, otherwise: Any) -> pl.Series:
    """Choose between two columns, or a column and a constant, row by row."""
    chosen = pl.select(
        pl.when(pl.Series(condition)).then(_expression(values)).otherwise(_expression(otherwise))
    )
    return chosen.to_series()


def _expression(values: Any) -> pl.Expr:
    return pl.lit(values)


def _microseconds(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1_000_000


_EPOCH = date(1970, 1, 1).toordinal()

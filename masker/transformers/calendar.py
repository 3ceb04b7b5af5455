"""Days and dates of the proleptic Gregorian calendar, over whole columns, BC and far years too.

The formulas are those of Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms" (2013):
a year begins in March, 400 years are an era of 146,097 days.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

Integers = npt.NDArray[np.signedinteger]

_ERA = 146_097  # days in 400 years
_EPOCH = 719_468  # days from 0000-03-01 to 1970-01-01
_MARCH = 3
_MONTHS = 12

# The span of what PostgreSQL holds, in days since 1970-01-01.
FIRST = -2_440_588  # 4714-11-24 BC, dates and timestamps
LAST = 2_145_042_905  # 5874897-12-31, dates
LAST_MOMENT = 106_762_939  # 294276-12-31, timestamps


def days_from(year: Integers, month: Integers, day: Integers) -> Integers:
    """Return days since 1970-01-01 of years (0 is 1 BC), months and days of a month.

    Here and in `civil` 32 bits are enough for the years of four digits, and twice as fast.
    """
    # Remainders are written out: numpy divides by a constant many times as fast as it takes them.
    before = month < _MARCH
    y = year - before
    era = y // 400
    of_era = y - era * 400
    of_year = (153 * (month - _MARCH + _MONTHS * before) + 2) // 5 + day - 1
    days: Integers = era * _ERA + of_era * 365 + of_era // 4 - of_era // 100 + of_year - _EPOCH
    return days


def civil(days: Integers) -> tuple[Integers, Integers, Integers]:
    """Return years (0 is 1 BC), months and days of a month for days since 1970-01-01."""
    era = (days + _EPOCH) // _ERA
    of_era = days + _EPOCH - era * _ERA
    year = (of_era - of_era // 1_460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    shifted = (5 * of_year + 2) // 153
    day = of_year - (153 * shifted + 2) // 5 + 1
    after = shifted >= _MONTHS - 2
    return year + era * 400 + after, shifted + _MARCH - _MONTHS * after, day


def days_of(year: pl.Series, month: pl.Series, day: pl.Series, *, bc: pl.Series) -> pl.Series:
    """Return days since 1970-01-01 (Int64) for text columns of digits; null where no such day is.

    Years BC count from 1, as people write them: 1 BC is year 0.
    """
    there = year.is_not_null()
    y, m, d = (
        part.cast(pl.Int64, strict=False).fill_null(1).to_numpy() for part in (year, month, day)
    )
    y = np.where(bc.to_numpy(), 1 - y, y)
    days = days_from(y, m, d)
    back = civil(days)
    real = (back[0] == y) & (back[1] == m) & (back[2] == d) & ((y != 0) | bc.to_numpy())
    return pl.Series(days).set(~(there & pl.Series(real)), None)


def text_of(days: pl.Series, *, rest: pl.Series) -> pl.Series:
    """Return `YYYY-MM-DD` and what follows it, with ` BC` behind where the year is; null stays."""
    year, month, day = civil(days.fill_null(0).to_numpy())
    frame = pl.DataFrame(
        {"y": np.where(year > 0, year, 1 - year), "m": month, "d": day, "bc": year <= 0}
    ).with_columns_seq(rest=rest, there=days.is_not_null())
    made = pl.concat_str(
        pl.col("y").cast(pl.String).str.zfill(4),
        pl.lit("-"),
        pl.col("m").cast(pl.String).str.zfill(2),
        pl.lit("-"),
        pl.col("d").cast(pl.String).str.zfill(2),
        "rest",
        pl.when("bc").then(pl.lit(" BC")).otherwise(pl.lit("")),
    )
    return frame.select_seq(pl.when("there").then(made)).to_series()

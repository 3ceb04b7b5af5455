"""Dates that lie as births do: many different ones, over decades, and hardly one of late.

What was bought, sent or posted lies in a few years up to now. Dates of birth are told from those of
other old things (films, buildings) by their table alone, so this says no more than *may be*.
"""

from __future__ import annotations

import datetime as dt

import polars as pl

ENOUGH = 20  # distinct dates
_MOST = 0.95
_ADULT = 16  # years; of most persons in most tables
_CHILD = 1
_SPAN = 20  # years between the tenth and the ninetieth of a hundred
_OLDEST = 1900
_DAYS = 365.25
_FORMATS = ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%Y/%m/%d", "%Y%m%d",
            "%d.%m.%y", "%m/%d/%y", "%d%m%Y", "%d-%b-%Y")  # fmt: skip
_DATE = r"^\s*(\d{1,4}[-/.](?:\d{1,2}|[A-Za-z]{3})[-/.]\d{1,4}|\d{8})(?:[ T]00:00(?::00(?:\.0+)?)?(?:Z|[+-]\d\d(?::?\d\d)?)?)?\s*$"  # fmt: skip  # noqa: E501


def may_be_births(values: pl.Series, *, today: dt.date) -> bool:
    """Tell whether distinct values are dates without a time that lie as births do.

    Dates stand as text in any usual order; whole numbers of eight digits count as dates if nearly
    all of them are one.
    """
    written = values.str.extract(_DATE).drop_nulls()
    if written.len() < max(ENOUGH, _MOST * values.len()):
        return False
    return any(_as_births(written, form, today) for form in _FORMATS)


def _as_births(written: pl.Series, form: str, today: dt.date) -> bool:
    dates = written.str.to_date(form, strict=False).drop_nulls()
    if form.endswith("y"):  # of a year in two digits nobody knows the century
        dates = pl.select(
            pl.when(dates > today).then(dates.dt.offset_by("-100y")).otherwise(dates)
        ).to_series()
    if dates.len() < _MOST * written.len():
        return False
    born = dates.filter(dates.is_between(dt.date(_OLDEST, 1, 2), today))
    if born.len() < _MOST * dates.len() or born.n_unique() < ENOUGH:
        return False
    ages = (pl.Series([today]).to_physical().item() - born.to_physical()) / _DAYS
    young, old, middle = (float(ages.quantile(at) or 0) for at in (0.1, 0.9, 0.5))
    return young >= _CHILD and middle >= _ADULT and old - young >= _SPAN

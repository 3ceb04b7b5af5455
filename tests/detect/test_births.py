"""Dates that may be births, by how they lie: in any order of day and month, in text and numbers."""

import datetime as dt
import random

import polars as pl
import pytest

from masker.detect.births import may_be_births

TODAY = dt.date(2026, 11, 21)


def drawn(first, last, count=300):
    draw = random.Random(3)
    begin, end = dt.date(first, 1, 1).toordinal(), dt.date(last, 12, 31).toordinal()
    return [dt.date.fromordinal(draw.randint(begin, end)) for _ in range(count)]


@pytest.mark.parametrize(
    "form",
    ["%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%Y%m%d", "%d.%m.%y", "%Y-%m-%d 00:00:00"],
)
def test_births(form):
    written = pl.Series([date.strftime(form) for date in drawn(1935, 2010)])
    assert may_be_births(written, today=TODAY)


@pytest.mark.parametrize(
    "values",
    [
        pytest.param([str(date) for date in drawn(2019, 2026)], id="orders of late"),
        pytest.param([str(date) for date in drawn(1999, 2004)], id="an old archive"),
        pytest.param([f"{date} 11:30:00" for date in drawn(1935, 2010)], id="with a time"),
        pytest.param([str(date) for date in drawn(1935, 2010, 9)], id="too few"),
        pytest.param([f"{n:08d}" for n in range(300)], id="serial numbers"),
        pytest.param(["9999-12-31"] * 30, id="for ever"),
        pytest.param([], id="none"),
    ],
)
def test_other_dates(values):
    assert not may_be_births(pl.Series(values, dtype=pl.String), today=TODAY)

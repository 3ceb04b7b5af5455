"""Shift_date: keyed days per subject; the calendar against Python's."""

import datetime as dt

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from masker.catalog import Kind
from masker.transformers import Scope, Site, build
from masker.transformers.calendar import days_of, text_of

DATE = {"kind": Kind.DATE, "base": "date"}
EPOCH = dt.date(1970, 1, 1)


@given(st.lists(st.dates(), min_size=1, max_size=20))
def test_days_are_pythons(dates):
    texts = pl.Series([date.isoformat() for date in dates])
    parts = [texts.str.slice(0, 4), texts.str.slice(5, 2), texts.str.slice(8, 2)]
    days = days_of(*parts, bc=pl.Series([False] * len(dates)))
    assert days.to_list() == [(date - EPOCH).days for date in dates]
    assert text_of(days, rest=pl.Series([""] * len(dates))).to_list() == texts.to_list()


@pytest.mark.parametrize(
    ("year", "month", "day", "bc", "days"),
    [
        ("4714", "11", "24", True, -2_440_588),
        ("0001", "12", "31", True, -719_163),
        ("0001", "01", "01", False, -719_162),
        ("5874897", "12", "31", False, 2_145_042_905),
        ("294276", "12", "31", False, 106_762_939),
        ("2021", "02", "29", False, None),
        ("2021", "13", "01", False, None),
        ("0000", "01", "01", False, None),
    ],
)
def test_far_years(year, month, day, bc, days):
    parts = [pl.Series([part]) for part in (year, month, day)]
    assert days_of(*parts, bc=pl.Series([bc])).item() == days


@pytest.mark.parametrize(("within", "most"), [("1d", 1), ("30d", 30), ("1y", 365)])
def test_within_and_never_zero(mask, within, most):
    dates = [(EPOCH + dt.timedelta(days=n)).isoformat() for n in range(800)]
    made = mask("shift_date", dates, {"within": within}, **DATE).values
    moved = [
        (dt.date.fromisoformat(new) - dt.date.fromisoformat(old)).days
        for old, new in zip(dates, made, strict=True)
    ]
    assert 0 not in moved
    assert max(map(abs, moved)) <= most
    assert len(set(moved)) > most


def test_all_dates_of_a_subject_move_alike(mask):
    others = {"who": ["1", "1", "2", "2"]}
    dates = ["2020-01-01", "2020-03-01", "2020-01-01", "2020-03-01"]
    made = [
        dt.date.fromisoformat(m)
        for m in mask("shift_date", dates, {"per": "who"}, others=others, **DATE).values
    ]
    assert made[1] - made[0] == made[3] - made[2] == dt.timedelta(days=60)
    assert made[0] != made[2]


def test_one_subject_moves_alike_in_every_column_and_kind(mask):
    others = {"who": ["7"]}
    day = mask("shift_date", ["2020-01-01"], {"per": "who"}, others=others, **DATE).values.item()
    moment = mask(
        "shift_date",
        ["2020-01-01 10:00:00+00"],
        {"per": "who"},
        others=others,
        kind=Kind.TIMESTAMP_TZ,
        base="timestamptz",
    ).values.item()
    assert moment == f"{day} 10:00:00+00"


def test_without_a_subject_the_value_decides(mask):
    made = mask(
        "shift_date", ["2020-01-01"] * 2, {"per": "who"}, others={"who": [None, None]}, **DATE
    )
    assert made.values.n_unique() == 1


@pytest.mark.parametrize(
    "value",
    ["4714-11-24 BC", "5874897-12-31", "0044-03-15 BC", "10000-01-01", "9999-12-31", "0001-01-01"],
)
def test_the_ends_of_the_calendar(mask, value):
    masked = mask("shift_date", [value], {"within": "30d"}, **DATE)
    assert masked.values.item() != value
    assert masked.unparsed == 0


def test_infinity_stays_and_is_counted(mask):
    masked = mask("shift_date", ["infinity", "-infinity", "2020-01-01", None], **DATE)
    assert masked.values.to_list()[:2] == ["infinity", "-infinity"]
    assert masked.chance == 2
    assert masked.unparsed == 0


@pytest.mark.parametrize("value", ["2021-02-30", "tomorrow", "01.02.2020"])
def test_what_is_no_date(mask, value):
    masked = mask("shift_date", [value])
    assert masked.values.item() != value
    assert masked.unparsed == 1


def test_scope_follows_the_parameter():
    assert build("shift_date").scope is Scope.VALUE
    per = build("shift_date", {"per": "customer_id"})
    assert per.scope is Scope.ROW
    assert per.needs() == ("customer_id",)


def test_a_text_column_must_hold_a_date():
    assert build("shift_date").check(Site(length=8))
    assert not build("shift_date").check(Site(length=10))


def test_a_day_moves_as_one_whatever_its_hour(mask):
    moments = ["2020-01-01 10:00:00", "2020-01-01 23:59:59.5", "2020-01-01"]
    made = mask("shift_date", moments).values
    assert made.str.head(10).n_unique() == 1
    assert made.str.slice(10).to_list() == [" 10:00:00", " 23:59:59.5", ""]


@pytest.mark.parametrize("value", ["2020-01-01\0", "\0", "2020-01-01 0\0:00:00"])
def test_a_zero_character_is_no_part_of_a_date(mask, value):
    assert mask("shift_date", [value, "2020-01-01"]).values.item(0) != value


def test_from_four_digits_of_a_year_to_five_and_back(mask):
    values = [f"9999-12-{day:02d} 01:02:03" for day in range(1, 32)]
    made = mask("shift_date", values, {"within": "1y"}).values
    years = set(made.str.extract(r"^(\d+)-\d\d-\d\d 01:02:03$"))
    assert years <= {"9998", "9999", "10000"}
    assert "10000" in years


@given(st.lists(st.dates(min_value=dt.date(1900, 1, 1)), min_size=1, max_size=20, unique=True))
def test_different_dates_of_a_subject_stay_different(keys, dates):
    made = build("shift_date", {"per": "who", "within": "30d"})
    values = pl.Series([date.isoformat() for date in dates])
    others = {"who": pl.Series(["7"] * len(dates))}
    masked = made.apply(values, site=Site(**DATE), keys=keys, others=others).values
    assert masked.n_unique() == len(dates)
    assert made.promises().one_to_one_per == "who"

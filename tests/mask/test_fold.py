"""Folded partition keys end inside the span, and what is inside already stays."""

import datetime as dt

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from masker.catalog import Kind
from masker.mask.fold import folded as fold_values
from masker.plan.model import Fold

LOW, HIGH = dt.date(2022, 1, 1), dt.date(2022, 8, 1)


def folded(values, fold, *, kind, original=None):
    """Fold values whose own source values are far away, unless they are given."""
    far = pl.Series(["1900-01-01"]).new_from_index(0, len(values))
    return fold_values(values, fold, kind=kind, original=far if original is None else original)


@given(st.lists(st.dates(dt.date(2015, 1, 1), dt.date(2035, 1, 1)), min_size=1))
def test_dates_end_inside_a_closed_span(dates):
    values = pl.Series([d.isoformat() for d in dates])
    new = folded(values, Fold(LOW.isoformat(), HIGH.isoformat()), kind=Kind.DATE)
    for before, after in zip(dates, new, strict=True):
        moved = dt.date.fromisoformat(after)
        assert LOW <= moved < HIGH
        if LOW <= before < HIGH:
            assert moved == before


@given(
    st.lists(
        st.datetimes(
            min_value=dt.datetime.min.replace(year=2015),
            max_value=dt.datetime.max.replace(year=2034),
        ),
        min_size=1,
        max_size=50,
    )
)
def test_timestamps_end_inside_and_read_as_the_server_writes_them(moments):
    plain = [m.isoformat(sep=" ") for m in moments]
    plain = [text.rstrip("0") if "." in text else text for text in plain]  # as the server does
    values = pl.Series([text + "+00" for text in plain])
    fold = Fold("2022-01-01 00:00:00+00", "2022-08-01 00:00:00+00")
    for text in folded(values, fold, kind=Kind.TIMESTAMP_TZ):
        assert "2022-01-01 00:00:00" <= text.removesuffix("+00") < "2022-08-01 00:00:00"
        assert dt.datetime.fromisoformat(text + ":00").tzinfo is not None
        assert "." not in text or not text.removesuffix("+00").endswith("0")


@pytest.mark.parametrize(
    ("fold", "value", "expected"),
    [
        pytest.param(Fold("2022-01-01", None), "2021-12-30", "2022-01-03", id="open-above"),
        pytest.param(Fold(None, "2022-01-01"), "2022-01-02", "2021-12-29", id="open-below"),
        pytest.param(Fold(None, None), "1999-01-01", "1999-01-01", id="no-ends"),
        pytest.param(Fold("2022-01-01", "2022-02-01"), "infinity", "infinity", id="infinity"),
        pytest.param(Fold("2022-01-01", "2022-02-01"), None, None, id="null"),
    ],
)
def test_ends(fold, value, expected):
    assert folded(pl.Series([value], dtype=pl.String), fold, kind=Kind.DATE).to_list() == [expected]


@pytest.mark.parametrize(
    ("fold", "value", "original", "expected"),
    [
        pytest.param(Fold("2022-01-01", None), "2021-12-30", "2022-01-03", "2022-01-04", id="low"),
        pytest.param(Fold(None, "2022-01-01"), "2022-01-03", "2021-12-28", "2021-12-29", id="high"),
        pytest.param(
            Fold("2022-01-01", "2022-02-01"), "2022-01-31", "2022-01-31", "2022-01-31", id="inside"
        ),
        pytest.param(
            Fold("2022-01-01", "2022-01-04"), "2021-12-30", "2022-01-03", "2022-01-02", id="last"
        ),
        pytest.param(
            Fold("2022-01-01", "2022-01-02"), "2022-01-05", "2022-01-01", "2022-01-01", id="one day"
        ),
    ],
)
def test_no_reflection_leads_back_to_the_row_s_own_value(fold, value, original, expected):
    """What was masked as itself inside the span stays so, for the audit to find."""
    made = folded(pl.Series([value]), fold, kind=Kind.DATE, original=pl.Series([original]))
    assert made.to_list() == [expected]


@given(
    st.lists(
        st.tuples(st.dates(LOW, HIGH - dt.timedelta(days=1)), st.integers(-3000, 3000)), min_size=1
    )
)
def test_a_shifted_day_never_ends_where_it_was(rows):
    rows = [(day, by) for day, by in rows if by]
    original = pl.Series([day.isoformat() for day, _ in rows], dtype=pl.String)
    moved = pl.Series(
        [(day + dt.timedelta(days=by)).isoformat() for day, by in rows], dtype=pl.String
    )
    fold = Fold(LOW.isoformat(), HIGH.isoformat())
    made = folded(moved, fold, kind=Kind.DATE, original=original)
    assert [new for new, old in zip(made, original, strict=True) if new == old] == []
    assert all(LOW <= dt.date.fromisoformat(new) < HIGH for new in made)


def test_midnights_that_come_back_go_to_the_day_beside():
    fold = Fold("2022-01-01 00:00:00+00", None)
    made = folded(
        pl.Series(["2021-12-30 00:00:00+00"]),
        fold,
        kind=Kind.TIMESTAMP_TZ,
        original=pl.Series(["2022-01-03 00:00:00+00"]),
    )
    assert made.to_list() == ["2022-01-04 00:00:00+00"]

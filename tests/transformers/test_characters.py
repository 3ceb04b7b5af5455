"""Columns as code points and back."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from masker.transformers.characters import Characters, respelled

TEXTS = st.lists(st.none() | st.text(st.characters(exclude_categories=["Cs"])), max_size=8)


def series(values):
    return pl.Series("c", values, dtype=pl.String)


@given(TEXTS)
def test_spelling_loses_nothing(values):
    spelled = Characters.of(series(values))
    assert spelled.text(spelled.points).to_list() == values
    assert spelled.lengths.tolist() == [len(value or "") for value in values]


@given(TEXTS)
def test_rows_and_places(values):
    spelled = Characters.of(series(values))
    expected = [(r, p) for r, value in enumerate(values) for p in range(len(value or ""))]
    inside = ~spelled.between
    rows, places = spelled.rows[inside], spelled.places()[inside]
    assert list(zip(rows.tolist(), places.tolist(), strict=True)) == expected


def test_a_separator_that_a_value_holds():
    values = ["a\U000f0000b", "\U000f0001", None]
    spelled = Characters.of(series(values))
    assert spelled.text(spelled.points).to_list() == values


@pytest.mark.parametrize(
    ("value", "symbols", "spelled"),
    [("de12-x", "FR99Z", "fr99-z"), ("De1", "FR2", "Fr2"), ("É1", "2", "É2")],
)
def test_respelled(value, symbols, spelled):
    assert respelled(series([value, None]), series([symbols, None])).to_list() == [spelled, None]


def test_bytes_are_looked_at_for_ascii_alone():
    values = ["É1", None, "李2", ""]
    spelled = Characters.bytes_of(series(values))
    assert spelled.count(spelled.digits).tolist() == [1, 0, 1, 0]
    assert spelled.text(spelled.points).to_list() == values


def test_a_column_that_holds_every_control_character():
    values = ["".join(map(chr, range(32))) + "1", "\U000f0000"]
    spelled = Characters.bytes_of(series(values))
    assert spelled.text(spelled.points).to_list() == values
    assert spelled.count(spelled.digits).tolist() == [1, 0]

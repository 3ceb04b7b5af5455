"""CSV and Parquet files: null is not the empty text, whatever stands around it."""

import random

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from masker.catalog import Column, Kind, Type
from masker.snapshots import formats

CELLS = st.one_of(
    st.none(),
    st.sampled_from(["", ",", '"', '""', "\n", "\r\n", "\\N", "\ufeff", "a"]),
    st.text(max_size=5),
)


@given(st.integers(1, 4).flatmap(lambda width: st.lists(st.tuples(*[CELLS] * width), max_size=6)))
def test_csv_comes_back(rows):
    width = len(rows[0]) if rows else 2
    names = [f"c{number}" for number in range(width)]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")
    assert formats.from_csv(formats.to_csv(frame), names).equals(frame)


@pytest.mark.parametrize("names", [("a",), ("a", 'b"\n,c', "")], ids=["one", "difficult names"])
def test_a_large_csv_comes_back(names):
    """Polars reads it in pieces, by several threads: signs of a row's end in values lead none."""
    drawn = random.Random(7)
    cells = [None, None, "", "\n", "\n\n", '"', ',"\n"', '\n"",\n', "\r\n", ",", "x" * 300]
    rows = {name: drawn.choices(cells, k=100_000) for name in names}
    frame = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String))
    assert formats.from_csv(formats.to_csv(frame), names).equals(frame)


def test_csv_is_what_postgres_reads():
    frame = pl.DataFrame({"a": ["x", None, ""], "b": [None, 'q"', "1,2"]})
    assert formats.to_csv(frame) == b'"a","b"\n"x",\n,"q"""\n"","1,2"\n'


def test_parquet_keeps_rows_without_columns():
    frame, objects = formats.from_parquet(formats.to_parquet(pl.DataFrame(height=3), []))
    assert (frame.shape, objects) == ((3, 0), False)


def test_a_column_of_a_file_becomes_text_where_another_file_has_it_as_text():
    column = Column(name="d", type=Type(name="date", base="date", kind=Kind.DATE))
    raw = formats.to_parquet(pl.DataFrame({"d": ["2024-01-01", None]}), [column])
    assert formats.from_parquet(raw)[0]["d"].dtype == pl.Date
    frame, _ = formats.from_parquet(formats.as_text(raw, ["d"]))
    assert frame["d"].to_list() == ["2024-01-01", None]

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from masker.keys import columns


@given(st.lists(st.none() | st.sampled_from(["a", "b", "ä", ""]), max_size=30))
def test_distinct_values_put_the_column_together_again(values):
    column = pl.Series("c", values, dtype=pl.String)
    found, index = columns.distinct(column)
    assert found.n_unique() == len(found)
    assert found.gather(index).to_list() == values


def test_replace_leaves_the_rest_and_the_column_it_was_given():
    column = pl.Series("c", ["a", None, "c"])
    found = columns.replace(column, np.array([2, 0]), pl.Series(["x", None]))
    assert found.name == "c"
    assert found.to_list() == [None, None, "x"]
    assert column.to_list() == ["a", None, "c"]


@pytest.mark.parametrize("values", [[], ["abc", "de ", "\x00\x7fz"]], ids=["no rows", "some"])
def test_bytes_and_back(values):
    column = pl.Series(values, dtype=pl.String)
    cells = columns.to_bytes(column, 3)
    assert cells.tolist() == [list(value.encode()) for value in values]
    assert columns.from_bytes(cells).equals(column)

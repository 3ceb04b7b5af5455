"""Work once per distinct value."""

import polars as pl
import pytest

from masker.transformers.distinct import over_distinct, set_apart, shapes_of


@pytest.mark.parametrize(
    "values",
    [[], [None], ["a"], ["a", "b", "a", None, "a"], [str(n) for n in range(100)], ["x"] * 100],
    ids=["none", "null", "one", "some", "distinct", "repeating"],
)
def test_each_value_is_masked_at_its_place(values):
    seen = []

    def mask(distinct):
        seen.extend(distinct)
        return distinct + "!"

    made = over_distinct(pl.Series("v", values, dtype=pl.String), mask)
    assert made.values.to_list() == [None if value is None else value + "!" for value in values]
    assert made.values.name == "v"
    assert None not in seen
    assert len(seen) == len(set(seen))


def test_unparsed_values_are_counted_by_shape():
    values = pl.Series(["ab1", "x y", "x z", "", " ", None])
    made = over_distinct(values, lambda distinct: distinct + "!", parsed=r"^\S+$")
    assert made.unparsed == 2
    assert made.shapes == {"L L": 2}


def test_shapes_hold_no_letter_of_the_value():
    assert shapes_of(pl.Series(["Ångström-7", "Ж1" * 100])) == {
        "LLLLLLLL-N": 1,
        "LN" * 20: 1,
    }


def test_set_apart_changes_only_what_is_equal():
    masked = pl.Series(["Anna", "Zz", "b", "😀", "", None])
    values = pl.Series(["anna", "zz", "c", "😀", "", "x"])
    assert set_apart(masked, values).to_list() == ["Annb", "Za", "b", "x", "", None]

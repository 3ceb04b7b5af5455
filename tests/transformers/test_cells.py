"""Short text columns as matrices of bytes, and the digits in them."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from masker.transformers.cells import Cells, Digits, Shapes, decimal, placed, written

TEXTS = st.lists(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
    | st.from_regex(r"[+]?[0-9 ()-]{0,12}", fullmatch=True),
    max_size=12,
)


def series(values):
    return pl.Series("c", values, dtype=pl.String)


@given(TEXTS)
def test_spelling_loses_nothing(values):
    assert Cells.of(series(values)).text().to_list() == values


@given(TEXTS)
def test_shapes_and_digits_make_the_column_again(values):
    cells = Cells.of(series(values))
    shapes, digits = Shapes.of(cells), Digits.of(cells)
    found = shapes.distinct.gather(shapes.index).to_list()
    ascii_digits = {ord(digit): "0" for digit in "0123456789"}
    assert found == [value.translate(ascii_digits) for value in values]
    assert written(shapes.distinct, shapes.index, digits).to_list() == values


@given(TEXTS, st.data())
def test_some_rows(values, data):
    cells = Cells.of(series(values))
    rows = data.draw(st.lists(st.integers(0, max(len(values) - 1, 0)), unique=True).map(sorted))
    rows = np.array(rows[: len(values)], dtype=np.int64)
    shapes, digits = Shapes.of(cells).at(rows), Digits.of(cells).at(rows)
    expected = [values[row] for row in rows.tolist()]
    assert written(shapes.distinct, shapes.index, digits).to_list() == expected
    assert len(shapes.distinct) == len(set(shapes.index.tolist()))


@given(st.lists(st.from_regex(r"[0-9]{1,18}", fullmatch=True), min_size=1, max_size=12))
def test_numbers(values):
    digits = Digits.of(Cells.of(series(values)))
    assert digits.number().tolist() == [int(value) for value in values]
    again = decimal(digits.number(), digits.counts)
    assert again.flat().tolist() == [int(digit) for digit in "".join(values)]
    first = [int(value[:2]) for value in values if len(value) > 1]
    assert digits.leading(2)[digits.counts > 1].tolist() == first


@pytest.mark.parametrize(
    ("value", "fits"),
    [("1234", True), ("123", False), ("123456", False), ("12\x0034", False), (None, False)],
)
def test_short(value, fits):
    rows, cells = Cells.short(series(["abcd", value]), least=4, most=5)
    assert rows.tolist() == ([0, 1] if fits else [0])
    assert cells.text().to_list() == (["abcd", value] if fits else ["abcd"])


def test_placed():
    rows = np.array([0, 2])
    assert placed(series(["a", "b"]), rows, height=4).to_list() == ["a", None, "b", None]


@given(st.lists(st.integers(0, 10**19 - 1), min_size=1), st.integers(1, 19))
def test_digits_of_one_length_are_read_and_written(numbers, size):
    numbers = [number % 10**size for number in numbers]
    texts = [f"{number:0{size}d}" for number in numbers]
    digits = Digits.of(Cells.of(pl.Series([f"+{text}" for text in texts])), uniform=True)
    assert digits.number().tolist() == numbers
    made = decimal(np.array(numbers, dtype=np.uint64), digits.counts)
    assert made.matrix.tolist() == digits.matrix.tolist()
    assert written(pl.Series(["+" + "0" * size]), np.zeros(len(texts), int), made).to_list() == [
        f"+{text}" for text in texts
    ]

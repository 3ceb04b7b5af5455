"""Telephone numbers in another shape than they came in."""

import numpy as np
import polars as pl
import pytest

from masker.transformers.cells import Cells, Digits, Shapes
from masker.transformers.phone_forms import Forms, parses


@pytest.mark.parametrize(
    ("value", "digits", "length", "written"),
    [
        ("(12) 3-45", "67890", None, "(67) 8-90"),
        ("(12) 3-45", "6789012", None, "(67) 8-9012"),
        ("(12) 3-45", "678", None, "(67) 8"),
        ("12 34 5 x6", "9876501", None, "98 76 50 x1"),
        ("12 34 5 EXT 6", "9876501", 9, "987650X1"),
        ("12 34 5 ", "98765", None, "98 76 5 "),
        ("12 34 5", "98765", 5, "98765"),
        ("12 34 5", "987651", 5, None),
    ],
)
def test_written(value, digits, length, written):
    forms = Forms.of(Shapes.of(Cells.of(pl.Series([value]))))
    new = Digits.of(Cells.of(pl.Series([digits])))
    counts = new.counts - forms.extra
    assert forms.written(new, counts=counts, length=length).to_list() == [written]


def test_some_do_not_fit():
    forms = Forms.of(Shapes.of(Cells.of(pl.Series(["12345", "123456", "54321"]))))
    new = Digits.of(Cells.of(pl.Series(["98765", "987654", "98765"])))
    made = forms.written(new, counts=np.array([5, 6, 5]), length=5)
    assert made.to_list() == ["98765", None, "98765"]


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("+49 (0)30 1234567", True),
        ("+49\u00a030\u20131234567", True),
        (" 415-555-0101 ext. 12 ", True),
        ("1234", False),
        ("123456789012345678", False),
        ("1 2 3 4 5" + " " * 60, False),
        ("call 12345", False),
    ],
)
def test_parses(value, told):
    assert parses(pl.Series([value])).item() is told

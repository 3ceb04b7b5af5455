"""Postcodes: the shape stays, the code does not."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from masker.keys import Keyring
from masker.transformers import Site
from masker.transformers.postcode import Postcode

KEYS = Keyring.parse("8f1c6a2b3d4e5f60718293a4b5c6d7e8f90123456789abcdef0fedcba9876543")


def mask(values):
    series = pl.Series("postcode", values, dtype=pl.String)
    return Postcode().apply(series, site=Site(), keys=KEYS, others={})


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        ("10115", r"\d{5}"),
        ("SW1A 1AA", r"[A-Z]{2}\d[A-Z] \d[A-Z]{2}"),
        ("H2G 1A7", r"[A-Z]\d[A-Z] \d[A-Z]\d"),
        ("00-358", r"\d\d-\d{3}"),
        ("94040-111", r"\d{5}-\d{3}"),
        ("H-1073", r"[A-Z]-\d{4}"),
    ],
)
def test_shape_is_kept(value, shape):
    (made,) = mask([value]).values
    assert made != value
    assert pl.Series([made]).str.contains(f"^{shape}$").item()


def test_case_and_blanks_do_not_count():
    upper, lower = mask(["SW1A 1AA", "sw1a 1aa"]).values
    assert upper.lower() == lower


def test_what_is_no_postcode_is_counted():
    made = mask(["10115", "unknown", "", None])
    assert made.unparsed == 1
    assert dict(made.shapes) == {"LLLLLLL": 1}


@given(st.lists(st.text("ABab01 -", max_size=8) | st.none(), max_size=20))
def test_postcodes_keep_their_length_and_differ(values):
    for value, made in zip(values, mask(values).values, strict=True):
        assert (made is None) == (value is None)
        if value is not None:
            assert len(made) == len(value)
            assert not value.strip() or made != value

"""Values in Parquet's own types: only where every text comes back as it was."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from masker.catalog import Kind, Type
from masker.snapshots import forms


def kind(name, base="", **more):
    return Type(name=name, base=base or name, kind=Kind(name), **more)


CASES = [
    ("int4", kind("integer", "int4"), ["1", "-2147483648", None], pl.Int32()),
    ("int8", kind("integer", "int8"), ["9223372036854775807"], pl.Int64()),
    ("too large", kind("integer", "int2"), ["1", "32768"], pl.String()),
    ("zeros in front", kind("integer", "int4"), ["007"], pl.String()),
    ("boolean", kind("boolean", "bool"), ["t", "f", None], pl.Boolean()),
    ("date", kind("date"), ["2024-02-29", None, "0001-01-01"], pl.Date()),
    ("infinite date", kind("date"), ["2024-02-29", "infinity"], pl.String()),
    ("before Christ", kind("date"), ["0044-03-15 BC"], pl.String()),
    ("timestamp", kind("timestamp"), ["2024-01-01 10:00:00", "2024-01-01 10:00:00.12"], pl.Datetime("us")),
    ("zoned", kind("timestamp_tz"), ["2024-01-01 10:00:00.5+00"], pl.Datetime("us", "UTC")),
    ("another zone", kind("timestamp_tz"), ["2024-01-01 10:00:00+02"], pl.String()),
    ("decimal", kind("decimal", "numeric", precision=9, scale=2), ["1.50", "-0.01"], pl.Decimal(9, 2)),
    ("of one digit", kind("decimal", "numeric", precision=9, scale=2), ["1.5"], pl.String()),
    ("nan", kind("decimal", "numeric", precision=9, scale=2), ["1.50", "NaN"], pl.String()),
    ("of no scale", kind("decimal", "numeric"), ["1.50"], pl.String()),
    ("float", kind("float", "float8"), ["0.1", "1", "-0", "1e+100"], pl.Float64()),
    ("infinite float", kind("float", "float8"), ["Infinity"], pl.String()),
    ("text", kind("text"), ["1", ""], pl.String()),
    ("nothing at all", kind("integer", "int4"), [None, None], pl.Int32()),
]  # fmt: skip


@pytest.mark.parametrize(
    ("type_", "texts", "dtype"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_a_native_type_is_taken_where_it_is_exact(type_, texts, dtype):
    values = pl.Series("v", texts, dtype=pl.String)
    made = forms.stored(values, type_)
    assert made.dtype == dtype
    assert forms.plain(made).equals(values, null_equal=True)


KINDS = st.sampled_from([case[1] for case in CASES])
TEXTS = st.one_of(
    st.none(),
    st.text(max_size=12),
    st.integers().map(str),
    st.floats().map(str),
    st.decimals(allow_nan=True).map(str),
    st.dates().map(str),
    st.datetimes().map(str),
    st.sampled_from(["t", "f", "NaN", "infinity", "-infinity", "2024-01-01 24:00:00"]),
)


@given(st.lists(TEXTS, max_size=8), KINDS)
def test_whatever_it_is_it_comes_back(texts, type_):
    values = pl.Series("v", texts, dtype=pl.String)
    assert forms.plain(forms.stored(values, type_)).to_list() == texts


OBJECTS = st.one_of(
    st.none(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    st.text(max_size=8),
    st.binary(max_size=8),
    st.sampled_from(["bad\udcff"]),
)


@given(st.lists(OBJECTS, max_size=8))
def test_values_without_a_type_keep_their_own(values):
    back = forms.objects(forms.of_objects("v", values))
    assert [(type(each), each) for each in back] == [(type(each), each) for each in values]

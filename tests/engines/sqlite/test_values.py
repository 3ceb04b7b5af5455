import math

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from masker.catalog import Column, Kind
from masker.engines.sqlite.codec import Values
from masker.engines.sqlite.types import resolve
from masker.engines.sqlite.values import STORAGE, from_text, number, stored_as, to_text
from tests.engines.sqlite.conftest import BROKEN, VALUES

BROKEN_TEXT = BROKEN.decode("utf-8", "surrogateescape")
anything = st.one_of(
    st.none(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    st.text(),
    st.binary(),
    st.binary().map(lambda raw: raw.decode("utf-8", "surrogateescape")),
    st.sampled_from(VALUES),
)


def same(one, other):
    return type(one) is type(other) and (
        one == other if not isinstance(one, float) else math.copysign(1, one) == math.copysign(1, other) and one == other
    )  # fmt: skip


@given(st.lists(anything), st.sampled_from([Kind.TEXT, Kind.BYTES, Kind.INTEGER, Kind.DECIMAL]))
def test_a_value_has_one_text_by_which_its_class_finds_it_again(values, kind):
    texts = to_text("c", values, kind).to_list()
    for value, text in zip(values, texts, strict=True):
        if value is None:
            assert text is None
        else:
            assert stored_as(text, STORAGE[type(value)], kind) == value


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        (Kind.INTEGER, 2**63 - 1, "9223372036854775807"),
        (Kind.INTEGER, "n/a", "n/a"),
        (Kind.FLOAT, 0.1, "0.1"),
        (Kind.FLOAT, -0.0, "0.0"),
        (Kind.FLOAT, float("-inf"), "-Infinity"),
        (Kind.FLOAT, 1e22, "1e+22"),
        (Kind.DECIMAL, 1e22, "10000000000000000000000"),
        (Kind.BOOLEAN, 1, "t"),
        (Kind.BOOLEAN, 0, "f"),
        (Kind.BOOLEAN, 2, "2"),
        (Kind.TEXT, b"plain", "plain"),
        (Kind.TEXT, b"\xff", "\\xff"),
        (Kind.BYTES, b"plain", "\\x706c61696e"),
        (Kind.TEXT, BROKEN_TEXT, "\\x" + BROKEN.hex()),
        (Kind.TEXT, "NUL\0in it", "NUL\0in it"),
        (Kind.TIMESTAMP, 1262304000, "1262304000"),
    ],
)
def test_texts(kind, value, text):
    assert to_text("c", [value, None], kind).to_list() == [text, None]
    assert to_text("c", [value, None, "", b"\0", 7.5, 7], kind).to_list()[0] == text


@pytest.mark.parametrize(
    ("declared", "text", "stored"),
    [
        ("INTEGER", "12", 12),
        ("INTEGER", "-9223372036854775808", -(2**63)),
        ("INTEGER", "9223372036854775808", 9.223372036854776e18),
        ("INTEGER", "n/a", "n/a"),
        ("REAL", "1.5", 1.5),
        ("REAL", "-Infinity", float("-inf")),
        ("DECIMAL(10,2)", "10.50", 10.5),
        ("BOOLEAN", "t", 1),
        ("BOOLEAN", "f", 0),
        ("BOOLEAN", "perhaps", "perhaps"),
        ("BLOB", "\\x00ff", b"\x00\xff"),
        ("BLOB", "\\xno", "\\xno"),
        ("TEXT", "12", "12"),
        ("", "12", "12"),
        ("PHONE", "0123", "0123"),
        ("JSON", "[1]", "[1]"),
        ("DATE", "2020-01-01", "2020-01-01"),
    ],
)
def test_masked_text_is_stored_as_the_column_wants_it(declared, text, stored):
    codec = Values((Column(name="c", type=resolve(declared)),))
    block = codec.render(pl.DataFrame({"c": [text, None]}), plain=["c"])
    assert block == [(stored,), (None,)]
    assert type(block[0][0]) is type(stored)


@given(st.floats(allow_nan=False) | st.integers(-(2**63), 2**63 - 1))
def test_numbers_survive_as_text(value):
    (text,) = to_text("c", [value], Kind.FLOAT)
    assert number(text) == value


def test_kept_columns_pass_the_codec_as_they_are():
    columns = tuple(Column(name=name, type=resolve("TEXT")) for name in ("a", "b"))
    codec = Values(columns)
    block = [(value, "secret") for value in (*VALUES, BROKEN_TEXT)]
    frame, decode = codec.parse(block)
    assert decode(frame["b"]).unique().to_list() == ["secret"]
    masked = frame.with_columns_seq(pl.Series("b", ["masked"] * len(block)))
    back = codec.render(masked, plain=["b"])
    assert all(same(row[0], old[0]) for row, old in zip(back, block, strict=True))
    assert {row[1] for row in back} == {"masked"}
    assert codec.count(back) == len(block)
    assert decode(masked["b"]) is masked["b"] or decode(masked["b"]).equals(masked["b"])


def test_no_rows_and_no_columns():
    codec = Values((Column(name="a", type=resolve("TEXT")),))
    frame, _ = codec.parse([])
    assert frame.shape == (0, 1)
    assert codec.render(frame, plain=[]) == []
    none = Values(())
    frame, decode = none.parse([(), ()])
    assert (frame.height, decode) == (2, None)
    assert none.render(frame, plain=[]) == [(), ()]


def test_from_text_keeps_null():
    values = pl.Series("c", [None, "1"], dtype=pl.String)
    for kind in (Kind.BOOLEAN, Kind.BYTES, Kind.INTEGER, Kind.TEXT):
        assert from_text(values, kind, numbers=True)[0] is None

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from masker.engines.postgres.copytext import decode, encode, has_escapes, parse, render
from masker.errors import DataError

# Everything a PostgreSQL text can hold: any character but NUL.
TEXTS = st.text(
    st.characters(min_codepoint=1, exclude_categories=["Cs"]) | st.sampled_from('\t\n\r\\N"\b'),
    max_size=20,
)


@pytest.mark.parametrize(
    ("raw", "columns", "rows"),
    [
        pytest.param(b"a\tb\n\t\\N\n", ["x", "y"], [("a", "b"), ("", None)], id="null and empty"),
        pytest.param(b"\n\n\\N\n", ["x"], [("",), ("",), (None,)], id="one empty column"),
        pytest.param(b"\t\n", ["x", "y"], [("", "")], id="all empty"),
        pytest.param(b"\xef\xbb\xbfa\n", ["x"], [("\ufeffa",)], id="byte order mark first"),
        pytest.param(b"\xef\xbb\xbf\xef\xbb\xbf\n", ["x"], [("\ufeff\ufeff",)], id="two of them"),
        pytest.param(
            b"#a\n\"q\n'\n", ["x"], [("#a",), ('"q',), ("'",)], id="quotes, comment signs"
        ),
        pytest.param(b"\\\\N\n", ["x"], [("\\\\N",)], id="the text backslash N"),
        pytest.param("😀\tß\n".encode(), ["x", "y"], [("😀", "ß")], id="beyond ASCII"),
        pytest.param(b"1\t00\n", ["x", "y"], [("1", "00")], id="numbers stay text"),
    ],
)
def test_parse_is_opaque_and_render_gives_the_bytes_back(raw, columns, rows):
    frame = parse(raw, columns)
    assert frame.rows() == rows
    assert frame.schema == dict.fromkeys(columns, pl.String)
    assert render(frame) == raw


def test_a_block_without_rows_keeps_its_columns():
    frame = parse(b"", ["x", "y"])
    assert (frame.shape, frame.columns) == ((0, 2), ["x", "y"])
    assert render(frame) == b""


def test_a_table_without_columns_keeps_its_rows():
    frame = parse(b"\n\n\n", [])
    assert frame.shape == (3, 0)
    assert render(frame) == b"\n\n\n"


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"secret\xff\tb\n", id="not UTF-8"),
        pytest.param(b"secret\tb\tc\n", id="too many columns"),
    ],
)
def test_what_cannot_be_parsed_is_refused_without_a_value(raw):
    with pytest.raises(DataError) as caught:
        parse(raw, ["x", "y"])
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        (r"a\nb", "a\nb"),
        (r"a\\nb", r"a\nb"),
        (r"a\\\nb", "a\\\nb"),
        (r"\\N", r"\N"),
        (r"\b\f\n\r\t\v\\", "\b\f\n\r\t\v\\"),
        (r"C:\\Users", r"C:\Users"),
        (r"\101\x42\q\\x43", r"ABq\x43"),
        (r"\303\244\xC3\xA4", "ää"),
        ("", ""),
    ],
)
def test_escapes_are_read_in_one_pass(text, plain):
    assert decode(pl.Series(["", text, None])).to_list() == ["", plain, None]


def test_escapes_that_are_no_text_are_refused():
    with pytest.raises(DataError):
        decode(pl.Series([r"\377"]))


@given(st.lists(st.none() | TEXTS, max_size=8))
def test_decode_undoes_encode(values):
    series = pl.Series("x", values, dtype=pl.String)
    coded = encode(series)
    assert decode(coded).to_list() == values
    assert coded.name == "x"


@given(st.lists(st.tuples(st.none() | TEXTS, st.none() | TEXTS), max_size=8))
def test_any_text_survives_the_frame(rows):
    frame = pl.DataFrame(rows, schema={"x": pl.String, "y": pl.String}, orient="row")
    raw = render(frame.select(pl.all().map_batches(encode)))
    assert raw.count(b"\n") == len(rows)
    back = parse(raw, ["x", "y"])
    assert [decode(back[name]).to_list() for name in "xy"] == [
        [row[i] for row in rows] for i in range(2)
    ]


@given(st.lists(st.tuples(st.none() | TEXTS, st.none() | TEXTS), max_size=8))
def test_plain_columns_are_encoded_where_they_must_be(rows):
    frame = pl.DataFrame(rows, schema={"x": pl.String, "y": pl.String}, orient="row")
    kept = frame.with_columns(encode(frame["x"]))
    assert render(kept, plain=["y"]) == render(frame.select(pl.all().map_batches(encode)))


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"a\tb\n", False),
        (b"\\N\tb\n\\N\t\\N\n", False),
        (b"\\\\N\tb\n", True),
        (b"\\N\t\\n\n", True),
        ("\\N\tä\n".encode(), False),
    ],
)
def test_escapes_are_told_from_nulls(raw, told):
    assert has_escapes(raw, parse(raw, ["x", "y"])) is told


def test_marks_are_left_out():
    raw = "0000\ta\t\\N\n0000\t\ufeffb\tc\n".encode()
    assert parse(raw, ["0", "00000"], marked=True).rows() == [("a", None), ("\ufeffb", "c")]


def test_a_block_without_its_marks_is_refused():
    with pytest.raises(DataError):
        parse(b"a\tb\n", ["x", "y"], marked=True)


@pytest.mark.parametrize(
    "first", ["x^", "x\x01", "(\u00b5/\u00fd", "BZh", "\ufeff", "\ufeffx^", "PK"]
)
@pytest.mark.parametrize("rest", ["", "b"])
def test_a_block_that_begins_like_another_kind_of_file_is_text(first, rest):
    raw = f"{first}{rest}\tc\nd\te\n".encode()
    assert parse(raw, ["x", "y"]).rows() == [(first + rest, "c"), ("d", "e")]

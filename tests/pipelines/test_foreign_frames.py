"""Frames of pandas and Arrow: of every type, what is masked is gone and what is kept is there."""

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import masker
from masker.errors import ConfigError, DataError, UnsafeError
from tests.pipelines.lying import KEY

pd = pytest.importorskip("pandas", reason="frames of pandas need pandas: pip install pandas")
pa = pytest.importorskip("pyarrow", reason="frames of Arrow need pyarrow: pip install pyarrow")

DAYS = [dt.date(2020, 1, 1), dt.date(2020, 1, 2), None]
TIMES = [dt.datetime(2020, 1, 1, 7), dt.datetime(2020, 1, 2, 8), None]
SUMS = [Decimal("1.50"), Decimal("2.25"), None]
PANDAS = {
    "float32": pd.Series([1.5, 2.25, float("nan")], dtype="float32"),
    "float64": pd.Series([1.5, 2.1, float("nan")]),
    "Int32": pd.Series([1, 2, None], dtype="Int32"),
    "UInt8": pd.Series([1, 2, None], dtype="UInt8"),
    "Float32": pd.Series([1.5, 2.25, None], dtype="Float32"),
    "boolean": pd.Series([True, False, None], dtype="boolean"),
    "str": pd.Series(["a", "b", None], dtype="str"),
    "string": pd.Series(["a", "b", None], dtype="string[python]"),
    "string-surrogate": pd.Series(["\ud800", "b", None], dtype="string[python]"),
    "string-pyarrow": pd.Series(["a", "b", None], dtype="string[pyarrow]"),
    "arrow-text": pd.Series(["a", "b", None], dtype=pd.ArrowDtype(pa.string())),
    "arrow-int": pd.Series([1, 2, None], dtype=pd.ArrowDtype(pa.int32())),
    "arrow-bool": pd.Series([True, False, None], dtype=pd.ArrowDtype(pa.bool_())),
    "arrow-date": pd.Series(DAYS, dtype=pd.ArrowDtype(pa.date32())),
    "arrow-moment": pd.Series(TIMES, dtype=pd.ArrowDtype(pa.timestamp("us", "UTC"))),
    "arrow-decimal": pd.Series(SUMS, dtype=pd.ArrowDtype(pa.decimal128(9, 2))),
    "arrow-list": pd.Series([[1], [2], None], dtype=pd.ArrowDtype(pa.list_(pa.int8()))),
    "objects-none": pd.Series(["a", "b", None], dtype="object"),
    "objects-nan": pd.Series(["a", "b", float("nan")], dtype="object"),
    "objects-na": pd.Series(["a", "b", pd.NA], dtype="object"),
    "objects-int": pd.Series([1, 2, None], dtype="object"),
    "objects-date": pd.Series(DAYS, dtype="object"),
    "objects-decimal": pd.Series(SUMS, dtype="object"),
    "objects-mixed": pd.Series(["a", 2, None], dtype="object"),
    "objects-surrogate": pd.Series(["\ud800", "b", None], dtype="object"),
    "objects-no-number": pd.Series([Decimal("NaN"), Decimal("Infinity"), None], dtype="object"),
    "objects-huge": pd.Series([10**40, Decimal("1e400"), None], dtype="object"),
    "objects-list": pd.Series([["a"], ["b"], None], dtype="object"),
    "category": pd.Series(["a", "b", None], dtype="category"),
    "category-int": pd.Series([1, 2, None], dtype="Int64").astype("category"),
    "category-interval": pd.cut(pd.Series([1, 5, None]), [0, 3, 6]),
    "moment": pd.Series(TIMES, dtype="datetime64[us]"),
    "moment-ns": pd.Series(
        pd.array(["2020-01-01T01", "2020-01-02T00:00:00.123456789", None], "M8[ns]")
    ),
    "moment-zoned": pd.Series(TIMES, dtype="datetime64[us]").dt.tz_localize("Europe/Berlin"),
    "span": pd.Series(pd.to_timedelta(["1D", "2D", None])),
    "period": pd.Series(pd.PeriodIndex(["2020", "2021", None], freq="Y")),
}
ARROW = {
    "int8": pa.array([1, 2, None], pa.int8()),
    "uint64": pa.array([1, 2, None], pa.uint64()),
    "half": pa.array([1.5, 2.0, None], pa.float16()),
    "float": pa.array([1.5, 2.25, None], pa.float32()),
    "bool": pa.array([True, False, None]),
    "text": pa.array(["a", "b", None]),
    "text-view": pa.array(["a", "b", None], pa.string_view()),
    "bytes": pa.array([b"a", b"\xff", None]),
    "bytes-fixed": pa.array([b"a", b"\xff", None], pa.binary(1)),
    "date": pa.array(DAYS, pa.date32()),
    "date64": pa.array(DAYS, pa.date64()),
    "time": pa.array([dt.time(7), dt.time(8, 30), None], pa.time64("us")),
    "moment-s": pa.array(TIMES, pa.timestamp("s")),
    "moment-ns": pa.array([1, 1_600_000_000_123_456_789, None], pa.timestamp("ns")),
    "moment-zoned": pa.array(TIMES, pa.timestamp("us", "Europe/Berlin")),
    "span": pa.array([dt.timedelta(1), dt.timedelta(2), None]),
    "decimal": pa.array(SUMS, pa.decimal128(9, 2)),
    "decimal256": pa.array(SUMS, pa.decimal256(50, 2)),
    "interval": pa.array([(1, 1, 1), (2, 2, 2), None], pa.month_day_nano_interval()),
    "list": pa.array([[1], [2], None]),
    "list-view": pa.array([[1], [2], None], pa.list_view(pa.int8())),
    "struct": pa.array([{"a": 1}, {"a": 2}, None]),
    "map": pa.array([[("a", 1)], [("b", 2)], None], pa.map_(pa.string(), pa.int8())),
    "uuid": pa.array([b"a" * 16, b"b" * 16, None], pa.uuid()),
    "dictionary": pa.array(["a", "b", None]).dictionary_encode(),
    "dictionary-int": pa.array([1, 2, None]).dictionary_encode(),
    "nulls": pa.nulls(3),
}
FOREIGN = [
    *(pytest.param("pandas", column, id=f"pandas-{name}") for name, column in PANDAS.items()),
    *(pytest.param("arrow", column, id=f"arrow-{name}") for name, column in ARROW.items()),
]


def given_back(kind, column, verdict):
    """Return a column before and after a verdict, with None for whatever is missing."""
    if kind == "pandas":
        frame = pd.DataFrame({"k": ["x", "y", "x"], "c": column})
    else:
        frame = pa.table({"k": ["x", "y", "x"], "c": column})
    masked = masker.Masker.from_rules({"t": {"k": "keep", "c": verdict}}, key=KEY)
    out = masked.mask_frame(frame, table="t")["c"]
    if kind == "arrow":
        assert out.type == column.type
        return column.to_pylist(), out.to_pylist()
    assert str(out.dtype) == str(column.dtype) or out.dtype == "category"
    return (
        [None if gone else value for value, gone in zip(each, each.isna(), strict=True)]
        for each in (column, out)
    )


@pytest.mark.parametrize(("kind", "column"), FOREIGN)
@pytest.mark.parametrize("verdict", ["null", [{"use": "null", "when": "k = 'x'"}, "null"]])
def test_no_value_comes_back_that_is_masked_by_null(kind, column, verdict):
    _, after = given_back(kind, column, verdict)
    assert after == [None, None, None]


@pytest.mark.parametrize(("kind", "column"), FOREIGN)
def test_rows_that_are_kept_stay_as_they_are_and_the_others_go(kind, column):
    before, after = given_back(kind, column, [{"use": "null", "when": "k = 'x'"}, "keep"])
    assert after == [None, before[1], None]


@pytest.mark.parametrize("missing", [None, float("nan"), pd.NA], ids=["none", "nan", "na"])
def test_the_kinds_of_missing_values_of_objects_stay(missing):
    frame = pd.DataFrame({"k": list("xyx"), "c": pd.Series(["a", missing, missing], dtype=object)})
    rules = {"t": {"k": "keep", "c": [{"use": "null", "when": "k = 'x'"}, "keep"]}}
    out = masker.Masker.from_rules(rules, key=KEY).mask_frame(frame, table="t")["c"]
    assert out[0] is None
    assert out[1] is missing
    assert out[2] is missing


@pytest.mark.parametrize("dtype", ["int8", "uint32", "bool"])
def test_numbers_of_numpy_that_can_be_no_null_are_told(dtype):
    frame = pd.DataFrame({"c": pd.Series([1, 0, 1], dtype=dtype)})
    with pytest.raises(DataError, match="hold nulls") as caught:
        masker.Masker.from_rules({"t": {"c": "null"}}, key=KEY).mask_frame(frame, table="t")
    nullable = caught.value.help.partition('"')[2].partition('"')[0]
    out = masker.Masker.from_rules({"t": {"c": "null"}}, key=KEY).mask_frame(
        frame.astype({"c": nullable}), table="t"
    )
    assert out["c"].isna().all()


@pytest.mark.parametrize(
    "dtype",
    ["int32", ">i4", "Int32", "int32[pyarrow]", "object", "category"],
)
def test_numbers_of_any_type_get_the_fakes_of_their_space(dtype):
    made = masker.Masker.from_rules({"customers": {"id": "integer"}}, key=KEY)
    column = pd.Series([7, 8, 7]).astype(dtype)
    out = made.mask_frame(pd.DataFrame({"id": column}), table="customers")["id"]
    space = pl.Int64 if dtype in {"object", "category"} else pl.Int32
    wanted = made.mask_frame(
        pl.DataFrame({"id": [7, 8, 7]}, schema={"id": space}), table="customers"
    )
    assert out.tolist() == wanted["id"].to_list()


@pytest.mark.parametrize(
    "dtype",
    ["str", "string[python]", "string[pyarrow]", pd.ArrowDtype(pa.large_string()), "object", "category"],
    ids=str,
)  # fmt: skip
@given(values=st.lists(st.none() | st.text(max_size=8), max_size=6))
def test_texts_of_any_type_get_the_same_fakes(dtype, values):
    made = masker.Masker.from_rules({"customers": {"name": "full_name"}}, key=KEY)
    column = pd.Series(values, dtype=dtype)
    out = made.mask_frame(pd.DataFrame({"name": column}), table="customers")["name"]
    assert [None if gone else value for value, gone in zip(out, out.isna(), strict=True)] == [
        made.mask_value(value, "name", table="customers") for value in values
    ]


# -- what is in an index of pandas is data

PEOPLE = {"email": ["anna.kranz@web.de", "b@gmx.de"], "id": [1, 2], "name": ["Anna Kranz", "Bert"]}
VERDICTS = {"t": {"email": "email", "id": "integer", "name": "full_name"}}


@pytest.mark.parametrize(
    "levels", [["email"], ["id"], ["email", "id"], ["id", "email", "name"]], ids="-".join
)
def test_named_levels_of_an_index_are_columns(levels):
    frame = pd.DataFrame(PEOPLE)
    made = masker.Masker.from_rules(VERDICTS, key=KEY)
    wanted = made.mask_frame(frame, table="t").set_index(levels)
    done = made.mask_frame(frame.set_index(levels), table="t")
    pd.testing.assert_frame_equal(done, wanted)
    assert "anna.kranz" not in repr(done.index) + repr(getattr(done.index, "levels", ""))
    assert list(frame["email"]) == PEOPLE["email"]  # the caller's own is as it was


def test_a_level_that_is_kept_in_an_index_of_several_keeps_its_type():
    seen = pd.to_datetime(["2024-01-01", "2024-01-02"], utc=True)
    kinds = pd.Categorical(["a", "b"], categories=["a", "b", "c"])
    frame = pd.DataFrame({**PEOPLE, "seen": seen, "kind": kinds}).set_index(
        ["seen", "email", "kind"]
    )
    verdicts = {"t": {**VERDICTS["t"], "seen": "keep", "kind": "keep"}}
    done = masker.Masker.from_rules(verdicts, key=KEY).mask_frame(frame, table="t")
    for name in ("seen", "kind"):
        assert done.index.get_level_values(name).equals(frame.index.get_level_values(name))
        assert done.index.get_level_values(name).dtype == frame.index.get_level_values(name).dtype
    assert not [value for value in done.index.get_level_values("email") if "kranz" in value]


@pytest.mark.parametrize("name", PANDAS)
def test_an_index_of_every_type_is_kept_or_emptied(name):
    frame = pd.DataFrame({"a": ["x"] * len(PANDAS[name])}, index=pd.Index(PANDAS[name], name="i"))
    made = masker.Masker.from_rules({"t": {"a": "keep", "i": "keep"}}, key=KEY)
    pd.testing.assert_frame_equal(made.mask_frame(frame, table="t"), frame)
    gone = masker.Masker.from_rules({"t": {"a": "keep", "i": "null"}}, key=KEY)
    done = gone.mask_frame(frame, table="t")
    assert done.index.isna().all()
    assert done.index.name == "i"


def test_a_level_without_a_verdict_or_without_a_name_is_refused():
    made = masker.Masker.from_rules({"t": {"id": "integer", "name": "full_name"}}, key=KEY)
    with pytest.raises(UnsafeError) as caught:
        made.mask_frame(pd.DataFrame(PEOPLE).set_index("email"), table="t")
    assert [each.code for each in caught.value.findings] == ["uncovered"]
    plain = pd.DataFrame({"id": [1, 2], "name": PEOPLE["name"]})
    for index in (
        PEOPLE["email"],
        [1.5, 2.5],
        pd.to_datetime(["1980-01-01", "1990-01-01"]),
        pd.MultiIndex.from_arrays([[1, 2], PEOPLE["email"]]),
    ):
        with pytest.raises(UnsafeError) as caught:
            made.mask_frame(plain.set_axis(index, axis=0), table="t")
        assert caught.value.code == "uncovered"
        assert "reset_index()" in caught.value.help
        assert "anna" not in str(caught.value)
    with pytest.raises(ConfigError, match="are called `name`"):
        made.mask_frame(plain.set_axis(pd.Index(PEOPLE["email"], name="name"), axis=0), table="t")


@pytest.mark.parametrize(
    "index", [[7, 3], pd.RangeIndex(5, 7), pd.MultiIndex.from_arrays([[1, 2]] * 2)]
)
def test_an_index_that_counts_rows_stays(index):
    frame = pd.DataFrame({"name": PEOPLE["name"]}, index=index)
    done = masker.Masker.from_rules({"t": {"name": "full_name"}}, key=KEY).mask_frame(
        frame, table="t"
    )
    assert done.index.equals(frame.index)

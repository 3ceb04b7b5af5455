"""The library's door in memory: rows, values, frames of pandas and Arrow, rules from anywhere."""

import datetime as dt
import itertools
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import masker
from masker.errors import ConfigError, DataError, UnsafeError
from masker.findings import Findings

pd = pytest.importorskip("pandas", reason="frames of pandas need pandas: pip install pandas")
pa = pytest.importorskip("pyarrow", reason="frames of Arrow need pyarrow: pip install pyarrow")

KEY = "b7f0a1c93e5d48260f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c5b4a3928"
RULES = {
    "customers": {
        "id": "integer",
        "email": "email",
        "name": "full_name",
        "born": {"use": "shift_date", "with": {"within": "30d"}},
        "seen": {"use": "shift_date", "with": {"within": "30d"}},
        "amount": "keep",
        "tags": "keep",
        "kind": "full_name",
    }
}
ROWS = [
    {"id": 1, "email": "anna.schmidt@web.de", "name": "Anna Schmidt", "amount": Decimal("1.50")},
    {"id": 2, "email": None, "name": None},
    {"id": 3, "email": "anna.schmidt@web.de", "name": "Peter Meyer", "amount": None, "tags": ["a"]},
]
BERLIN = dt.timezone(dt.timedelta(hours=1))


@pytest.fixture(scope="module")
def made():
    return masker.Masker.from_rules(RULES, key=KEY)


def mask(frame):
    """Mask a frame by the rules of its own columns."""
    names = frame.schema.names if hasattr(frame, "schema") else frame.columns
    return masker.Masker.from_rules(only(*names), key=KEY).mask_frame(frame, table="customers")


def only(*names):
    return {"customers": {name: RULES["customers"][name] for name in names}}


# -- rows and values


def test_rows_keep_their_keys_order_and_what_is_kept(made):
    out = list(made.mask_rows(ROWS, table="customers"))
    assert [list(row) for row in out] == [list(row) for row in ROWS]
    assert out[0]["amount"] == Decimal("1.50")
    assert out[2]["tags"] is ROWS[2]["tags"]
    assert out[1]["email"] is None
    assert isinstance(out[0]["id"], int)
    assert out[0]["id"] != 1
    assert out[0]["email"] == out[2]["email"] != ROWS[0]["email"]
    assert ROWS[0]["name"] == "Anna Schmidt"  # the caller's own rows stay


def test_rows_are_read_as_they_are_asked_for(made):
    read = []

    def endless():
        for number in itertools.count(1):
            read.append(number)
            yield {"id": number, "name": f"Anna Schmidt {number}"}

    out = made.mask_rows(endless(), table="customers", batch=5)
    assert read == []
    next(out)
    assert len(read) == 5
    assert len(list(itertools.islice(out, 5))) == 5
    assert len(read) == 10


@pytest.mark.parametrize("batch", [1, 2, 3, 100])
def test_the_size_of_a_batch_changes_nothing(made, batch):
    whole = list(made.mask_rows(ROWS, table="customers"))
    assert list(made.mask_rows(ROWS, table="customers", batch=batch)) == whole


@given(st.lists(st.fixed_dictionaries({"name": st.none() | st.text(max_size=20)}), max_size=8))
def test_rows_frames_and_values_agree(rows):
    made = masker.Masker.from_rules(RULES, key=KEY)
    out = [row["name"] for row in made.mask_rows(rows, table="customers", batch=3)]
    values = [made.mask_value(row["name"], "name", table="customers") for row in rows]
    assert out == values
    frame = pl.DataFrame({"name": [row["name"] for row in rows]}, schema={"name": pl.String})
    made = masker.Masker.from_rules(only("name"), key=KEY)
    assert made.mask_frame(frame, table="customers")["name"].to_list() == out


def test_no_rows_give_no_rows(made):
    assert list(made.mask_rows([], table="customers")) == []
    assert list(made.mask_rows([{}, {}], table="customers")) == [{}, {}]


def test_a_key_without_a_verdict_stops(made):
    with pytest.raises(UnsafeError, match=r"customers\.phone"):
        list(made.mask_rows([{"id": 1, "phone": "+49 30 901820"}], table="customers"))


def test_values_of_several_types_are_told_by_their_types(made):
    with pytest.raises(DataError) as caught:
        list(made.mask_rows([{"name": "Anna Schmidt"}, {"name": 5}], table="customers"))
    assert "int, str" in str(caught.value)
    assert "Anna" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("value", ["\ud800 Anna Schmidt", Decimal("1e400"), 10**40], ids=type)
def test_what_polars_cannot_hold_is_told_by_its_type(made, value):
    with pytest.raises(DataError) as caught:
        made.mask_value(value, "name", table="customers")
    assert type(value).__name__ in str(caught.value)
    assert "Anna" not in str(caught.value)


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity")])
def test_a_number_that_is_none_may_be_kept_and_not_masked(made, value):
    rows = [{"name": "Anna Schmidt", "amount": value}, {"name": None, "amount": Decimal(1)}]
    first, second = made.mask_rows(rows, table="customers")
    assert (first["amount"] is value, second["amount"]) == (True, Decimal(1))
    assert made.mask_value(value, "amount", table="customers") is value
    with pytest.raises(DataError, match="NaN or infinity"):
        made.mask_value(value, "name", table="customers")


@pytest.mark.parametrize(
    ("value", "column"),
    [(7, "id"), ("Anna Schmidt", "name"), (dt.date(1980, 1, 2), "born"), (None, "email")],
)
def test_a_value_keeps_its_type(made, value, column):
    out = made.mask_value(value, column, table="customers")
    assert type(out) is type(value)
    assert out != value or value is None


def test_a_value_whose_verdict_reads_the_row_is_refused():
    rules = {
        "t": {"id": "keep", "born": {"use": "shift_date", "with": {"per": "id", "within": "9d"}}}
    }
    made = masker.Masker.from_rules(rules, key=KEY)
    with pytest.raises(ConfigError, match="reads `id`"):
        made.mask_value(dt.date(1980, 1, 2), "born", table="t")
    assert made.mask_value(1, "id", table="t") == 1


# -- frames of others

FRAME = pl.DataFrame(
    {
        "id": pl.Series([1, 2, 3], dtype=pl.Int32),
        "email": ["anna.schmidt@web.de", None, "p.meyer@x.org"],
        "name": ["Anna Schmidt", None, "Peter Meyer"],
        "born": [dt.date(1980, 1, 1), None, dt.date(1990, 5, 5)],
        "seen": [dt.datetime(2024, 3, 1, 12, 30), None, dt.datetime(2024, 3, 2)],
        "amount": [1.5, None, 2.0],
    }
)


@pytest.fixture
def wanted():
    made = masker.Masker.from_rules(only(*FRAME.columns), key=KEY)
    return made.mask_frame(FRAME, table="customers")


def test_an_arrow_table_stays_one_with_its_schema(made, wanted):
    table = FRAME.to_arrow().replace_schema_metadata({"who": "us"})
    table = table.cast(pa.schema([
        pa.field("id", pa.int32()), pa.field("email", pa.string()),
        pa.field("name", pa.large_string()), pa.field("born", pa.date32()),
        pa.field("seen", pa.timestamp("us")), pa.field("amount", pa.float64()),
    ], metadata={"who": "us"}))  # fmt: skip
    out = mask(table)
    assert type(out) is type(table)
    assert out.schema.equals(table.schema, check_metadata=True)
    assert pl.from_arrow(out).equals(wanted)


def test_a_record_batch_stays_one(made, wanted):
    batch = FRAME.to_arrow().combine_chunks().to_batches()[0]
    out = mask(batch)
    assert type(out) is type(batch)
    assert out.schema == batch.schema
    assert pl.from_arrow(out).equals(wanted)
    empty = batch.slice(0, 0)
    assert mask(empty).num_rows == 0


def test_a_dictionary_of_arrow_stays_one(made, wanted):
    kind = pa.array(["Anna Schmidt", None, "Peter Meyer"]).dictionary_encode()
    table = pa.table({"kind": kind})
    out = mask(table)
    assert out.schema == table.schema
    assert out["kind"].to_pylist() == wanted["name"].to_list()


def pandas_frame():
    made = pd.DataFrame(
        {
            "id": pd.Series([1, 2, 3], dtype="int32"),
            "email": pd.Series(["anna.schmidt@web.de", None, "p.meyer@x.org"], dtype="object"),
            "name": pd.Series(["Anna Schmidt", None, "Peter Meyer"], dtype="string"),
            "born": pd.Series([dt.date(1980, 1, 1), None, dt.date(1990, 5, 5)], dtype="object"),
            "seen": pd.to_datetime(["2024-03-01 12:30", None, "2024-03-02 00:00"]),
            "amount": [1.5, None, 2.0],
            "tags": [["a"], {"b": object}, None],
        }
    )
    return made.set_axis([7, 3, 3], axis="index")


def test_a_pandas_frame_stays_one_with_types_and_index(made, wanted):
    frame = pandas_frame()
    before = frame.copy(deep=True)
    out = mask(frame)
    assert type(out) is type(frame)
    assert list(out.dtypes) == list(frame.dtypes)
    assert list(out.index) == [7, 3, 3]
    assert out["id"].tolist() == wanted["id"].to_list()
    for name in ("email", "name", "born"):
        there = out[name].notna()
        assert out[name][there].tolist() == wanted[name].drop_nulls().to_list()
        assert (there == frame[name].notna()).all()
    assert out["seen"].iloc[0].to_pydatetime() == wanted["seen"][0]
    assert out["tags"].tolist() == frame["tags"].tolist()
    assert out["email"].iloc[1] is None
    pd.testing.assert_frame_equal(frame, before)  # the caller's own frame stays


@pytest.mark.parametrize(
    "column",
    [
        pd.Series(["Anna Schmidt", None, "Anna Schmidt"], dtype="category"),
        pd.Series(["Anna Schmidt", "Peter Meyer"], dtype="str"),
        pd.Series([], dtype="object"),
        pd.Series([None, None], dtype="object"),
    ],
    ids=["category", "str", "empty", "nothing"],
)
def test_any_text_of_pandas_is_masked(made, column):
    out = mask(pd.DataFrame({"name": column}))["name"]
    assert (out.dtype == column.dtype) or str(column.dtype) == "category"
    assert str(out.dtype) == str(column.dtype)
    there = column.notna()
    assert out[there].tolist() == [
        made.mask_value(value, "name", table="customers") for value in column[there]
    ]


def test_zoned_moments_of_pandas_stay_in_their_zone(made):
    column = pd.to_datetime(["2024-03-01 12:30", None]).tz_localize("Europe/Berlin")
    out = mask(pd.DataFrame({"seen": column}))["seen"]
    assert out.dtype == column.dtype
    assert out.isna().tolist() == [False, True]
    assert out.iloc[0] != column[0]
    assert abs(out.iloc[0] - column[0]) <= pd.Timedelta(days=31)


def test_nullable_integers_of_pandas_stay_so(made):
    column = pd.Series([1, None, 3], dtype="Int64")
    out = mask(pd.DataFrame({"id": column}))["id"]
    assert out.dtype == column.dtype
    assert out.isna().tolist() == [False, True, False]


@pytest.mark.parametrize("kind", ["pandas", "arrow"])
def test_a_value_that_fits_no_longer_is_told_without_it(kind):
    frame = pd.DataFrame({"n": pd.Series(range(100, 128), dtype="int8")})
    frame = frame if kind == "pandas" else pa.Table.from_pandas(frame)
    made = masker.Masker.from_rules({"t": {"n": "scramble"}}, key=KEY)
    with pytest.raises(DataError, match="masked values of `n` are no") as caught:
        made.mask_frame(frame, table="t")
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("kind", ["pandas", "arrow"])
def test_two_columns_of_one_name_are_told(made, kind):
    frame = pd.DataFrame([["a", "b"]], columns=["name", "name"])
    if kind == "arrow":
        frame = pa.table([["a"], ["b"]], names=["name", "name"])
    with pytest.raises(ConfigError, match="are called `name`"):
        made.mask_frame(frame, table="customers")


def test_a_pandas_frame_of_mixed_values_can_be_kept_only():
    frame = pd.DataFrame({"a": ["x", 1]})
    assert masker.Masker.from_rules({"t": {"a": "keep"}}).mask_frame(frame, table="t").equals(frame)
    with pytest.raises(ConfigError):
        masker.Masker.from_rules({"t": {"a": "full_name"}}).mask_frame(frame, table="t")


# -- rules


def test_rules_come_from_a_file_a_mapping_or_packs(tmp_path):
    path = tmp_path / "p.yaml"
    path.write_text(
        'version: 1\nname: p\nsource: {url: "${A}"}\ntarget: {url: "${B}"}\n'
        "columns: {customers: {email: email}}\n"
    )
    of_file = masker.Masker.from_rules(path, key=KEY)
    of_text = masker.Masker.from_rules(str(path), key=KEY)
    of_code = masker.Masker.from_rules({"customers": {"email": "email"}}, key=KEY)
    of_pack = masker.Masker.from_rules({}, packs=["base"], key=KEY)
    fakes = {
        each.mask_value("anna@web.de", "email", table="customers")
        for each in (of_file, of_text, of_code, of_pack)
    }
    assert len(fakes) == 1
    with pytest.raises(ConfigError) as caught:
        masker.Masker.from_rules(path, packs=["base"])
    assert caught.value.code == "rules-of-file"


def test_the_key_tells_whether_anybody_can_repeat_it(made):
    assert not made.one_way
    drawn = masker.Masker.from_rules(RULES, environ={})
    assert drawn.one_way
    assert drawn.key_id != made.key_id


@pytest.mark.parametrize(
    "frame",
    [FRAME.lazy(), {"id": [1]}, None, pd.Series([1])],
    ids=["lazy", "dict", "none", "series"],
)
def test_what_is_no_frame_is_told(made, frame):
    with pytest.raises(ConfigError, match="takes a polars DataFrame, one of pandas, or an Arrow"):
        made.mask_frame(frame, table="customers")


@pytest.mark.parametrize(
    ("rows", "followed", "told"),
    [
        (0, {}, "t: no rows to mask"),
        (0, {"a": 0, "b": 0}, "t: no rows to mask"),
        (1, {"a": 0}, "t: 1 row masked (mail)"),
        (1, {"a": 1}, "t: 1 row masked (mail), with 1 of a that refers to it"),
        (1, {"a": 2, "b": 0}, "t: 1 row masked (mail), with 2 of a that refer to it"),
        (1200, {"a": 1}, "t: 1,200 rows masked (mail), with 1 of a that refers to them"),
        (2, {"a": 1, "b": 3}, "t: 2 rows masked (mail), with 1 of a and 3 of b that refer to them"),
    ],
)
def test_what_was_masked_is_told_in_one_sentence(rows, followed, told):
    column = masker.MaskedColumn(name="mail", verdict="email", why="a rule", changed=rows)
    made = masker.MaskedTable(
        table="t", rows=rows, columns=(column,), followed=followed, findings=Findings(), key_id="k"
    )
    assert str(made) == told

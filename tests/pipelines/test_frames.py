"""The library's door: frames of any type, masked by the rules, keys and domains of a pipeline."""

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest

import masker
from masker.errors import ConfigError, DataError, UnsafeError

KEY = "b7f0a1c93e5d48260f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c5b4a3928"
FRAME = pl.DataFrame(
    {
        "id": [1, 2, 3, 4],
        "email": ["anna.schmidt@web.de", None, "p.meyer@x.org", "anna.schmidt@web.de"],
        "name": ["Anna Schmidt", None, "Dr. Peter Meyer", "Anna Schmidt"],
        "born": [dt.date(1980, 1, 1), None, dt.date(1990, 5, 5), dt.date(1980, 1, 1)],
        "seen": pl.Series(
            [dt.datetime(2024, 3, 1, 12, 30), None, dt.datetime(2024, 3, 2), None],
            dtype=pl.Datetime("us", "Europe/Berlin"),
        ),
        "amount": pl.Series(
            [Decimal("1.50"), None, Decimal("2.00"), None], dtype=pl.Decimal(10, 2)
        ),
        "tags": [["a"], [], None, ["b", "c"]],
    }
)
COLUMNS = {
    "customers": {
        "id": "integer",
        "email": "email",
        "name": "full_name",
        "born": {"use": "shift_date", "with": {"within": "30d"}},
        "seen": {"use": "shift_date", "with": {"within": "30d"}},
        "amount": "keep",
        "tags": "keep",
    },
    "orders": {"id": "keep"},
}


@pytest.fixture(scope="module")
def masked():
    return masker.Masker(columns=COLUMNS, key=KEY).mask_frame(FRAME, table="customers")


def test_shape_types_and_nulls_stay(masked):
    assert masked.schema == FRAME.schema
    assert masked.null_count().equals(FRAME.null_count())


def test_kept_columns_stay_and_masked_ones_do_not(masked):
    assert masked.select("amount", "tags").equals(FRAME.select("amount", "tags"))
    for name in ("id", "email", "name", "born", "seen"):
        pairs = zip(masked[name], FRAME[name], strict=True)
        assert not any(new == old for new, old in pairs if old is not None), name


def test_one_value_one_fake_in_every_column_and_call(masked):
    assert masked["email"][0] == masked["email"][3]
    first, last = masked["name"][0].lower().split()
    assert masked["email"][0].startswith(f"{first}.{last}.")
    again = masker.Masker(columns=COLUMNS, key=KEY).mask_frame(FRAME.tail(2), table="customers")
    assert again.equals(masked.tail(2))


def test_another_key_gives_other_fakes(masked):
    other = masker.Masker(columns=COLUMNS, environ={}).mask_frame(FRAME, table="customers")
    assert other["email"][0] != masked["email"][0]


def test_a_column_without_a_verdict_stops_with_its_name():
    with pytest.raises(UnsafeError) as caught:
        masker.Masker(columns=COLUMNS, key=KEY).mask_frame(
            FRAME.with_columns(phone=pl.lit("+49 30 901820")), table="customers"
        )
    assert "customers.phone" in str(caught.value)
    assert "901820" not in str(caught.value)


@pytest.mark.parametrize(
    ("table", "help"),
    [
        ("customer", "did you mean `customers`?"),
        ("public.customer", "did you mean `customers`?"),
        ("frame", "pass `table=`; they name `customers`, `orders`"),
    ],
)
def test_a_table_that_no_rule_is_about_is_told_with_the_nearest_name(table, help):
    made = masker.Masker(columns=COLUMNS, key=KEY)
    with pytest.raises(ConfigError, match=f"no table `{table}`") as caught:
        made.mask_value("Anna Schmidt", "name", table=table)
    (finding,) = caught.value.findings
    assert (finding.code, finding.help) == ("unknown-table", help)


def test_a_misspelt_column_is_told_with_the_nearest_name():
    made = masker.Masker(columns={"customers": {"email": "email", "name": "full_name"}})
    with pytest.raises(UnsafeError, match=r"no verdict") as caught:
        made.mask_value("anna.kranz@web.de", "emial", table="customers")
    (finding,) = caught.value.findings
    assert finding.help.startswith("did you mean `email`? If not, add under `columns: customers:`")
    assert "kranz" not in str(caught.value)
    with pytest.raises(UnsafeError) as caught:
        list(made.mask_rows([{"nmae": "x", "zip": "1"}], table="customers"))
    helps = [finding.help.partition("?")[0] for finding in caught.value.findings]
    assert helps[0] == "did you mean `name`"
    assert "did you mean" not in helps[1]


def test_a_column_that_is_there_is_not_proposed_for_another():
    made = masker.Masker(columns={"customers": {"email": "email"}})
    with pytest.raises(UnsafeError) as caught:
        list(made.mask_rows([{"email": "a@b.de", "emails": "x"}], table="customers"))
    assert "did you mean" not in str(caught.value)


def test_a_wrong_verdict_is_told_with_the_nearest_name():
    with pytest.raises(ConfigError, match="email"):
        masker.Masker(columns={"customers": {"email": "emial"}})


def test_a_value_that_fits_no_longer_is_told_by_its_column():
    frame = pl.DataFrame({"n": pl.Series([*range(100, 128)], dtype=pl.Int8)})
    made = masker.Masker(columns={"t": {"n": "scramble"}}, key=KEY)
    with pytest.raises(DataError) as caught:
        made.mask_frame(frame, table="t")
    assert "`n`" in str(caught.value)


def test_an_empty_frame_is_masked_to_an_empty_frame(masked):
    empty = FRAME.clear()
    made = masker.Masker(columns=COLUMNS, key=KEY).mask_frame(empty, table="customers")
    assert made.schema == masked.schema
    assert made.is_empty()


def test_the_rules_of_a_pipeline_file_serve(tmp_path):
    path = tmp_path / "p.yaml"
    path.write_text(
        'version: 1\nname: p\nsource: {url: "${A}"}\ntarget: {url: "${B}"}\n'
        "columns: {customers: {email: email, '*': keep}, orders: {total: keep}}\n"
    )
    made = masker.Masker(path, key=KEY).mask_frame(FRAME, table="customers")
    assert made["email"][0].split("@")[0].count(".") == 2
    assert made["name"].equals(FRAME["name"])


PIPELINE = (
    'version: 1\nname: p\nsource: {url: "${A}"}\ntarget: {url: "${B}"}\n'
    "columns:\n"
    "  public.customers: {id: keep, email: email, name: full_name, 'born*': keep}\n"
    "  a.twice: {id: keep}\n  b.twice: {id: keep}\n"
)


@pytest.fixture
def of_file(tmp_path):
    path = tmp_path / "p.yaml"
    path.write_text(PIPELINE)
    return masker.Masker(path, key=KEY)


@pytest.mark.parametrize("table", ["customers", "public.customers"])
def test_a_narrow_frame_is_masked_by_a_tables_rules(of_file, table):
    made = of_file.mask_frame(FRAME.select("id", "email"), table=table)
    assert made["id"].equals(FRAME["id"])
    assert made["email"][0] != FRAME["email"][0]


def test_a_bare_name_of_two_tables_is_told(of_file):
    with pytest.raises(ConfigError, match=r"`a\.twice`, `b\.twice`") as caught:
        of_file.mask_frame(FRAME.select("id"), table="twice")
    assert caught.value.code == "ambiguous-table"


def test_a_column_that_a_file_does_not_name_stops_a_narrow_frame_too(of_file):
    with pytest.raises(UnsafeError, match="amount"):
        of_file.mask_frame(FRAME.select("id", "amount"), table="customers")


@pytest.mark.parametrize("frame", [FRAME.lazy(), {"id": [1]}, None], ids=["lazy", "dict", "none"])
def test_what_is_no_frame_is_told(of_file, frame):
    with pytest.raises(ConfigError, match="takes a polars DataFrame"):
        of_file.mask_frame(frame, table="customers")


@pytest.mark.parametrize(
    "columns",
    [{"t": {"id": "emial"}}, {"t": {"id": "keep", "nmae": "keep"}}, {"t": {"id": "email"}}],
    ids=["no-transformer", "no-column", "wrong-kind"],
)
def test_verdicts_given_in_python_have_no_position(columns):
    with pytest.raises(masker.MaskerError) as caught:
        masker.Masker(columns=columns, key=KEY).mask_frame(FRAME.select("id"), table="t")
    assert [finding.position for finding in caught.value.findings] == [None]
    assert "Masker:" not in str(caught.value)


@pytest.mark.parametrize(
    "dtype", [pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.UInt8, pl.UInt16, pl.UInt32, pl.UInt64]
)
@pytest.mark.parametrize("key", [KEY, f"aa{KEY[2:]}"])
def test_fakes_of_integers_fit_their_width(dtype, key):
    frame = pl.DataFrame({"id": pl.Series([*range(1, 128), None], dtype=dtype)})
    made = masker.Masker.from_rules({"t": {"id": "integer"}}, key=key, accept=["weak-space:t.id"])
    done = made.mask_frame(frame, table="t")
    assert done.schema == frame.schema
    assert done["id"].n_unique() == 128
    assert done["id"].null_count() == 1


def test_integers_beyond_the_space_of_their_width_are_told():
    made = masker.Masker.from_rules({"t": {"id": "integer"}}, key=KEY, accept=["weak-space:t.id"])
    for dtype, value in ((pl.UInt8, 128), (pl.UInt16, 2**14), (pl.UInt32, 2**30)):
        with pytest.raises(DataError) as caught:
            made.mask_frame(pl.DataFrame({"id": pl.Series([value], dtype=dtype)}), table="t")
        assert caught.value.code == "outside-space"
        assert str(value) not in str(caught.value).replace(f"..{value - 1}", "")

import sqlite3

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from masker.catalog import Kind, Type
from masker.evidence.digest import Digest, comparable
from masker.evidence.fingerprints import Fingerprinter
from masker.evidence.run_key import RunKey

KEY = RunKey.random()
FINGERPRINT = Fingerprinter(KEY)
VALUES = st.lists(st.text(max_size=5), max_size=30)


def digest(values):
    return Digest.of(FINGERPRINT(pl.Series(values, dtype=pl.String)), nulls=0)


@given(VALUES, st.randoms())
def test_order_is_nothing(values, random):
    mixed = list(values)
    random.shuffle(mixed)
    assert digest(mixed) == digest(values)


@given(VALUES, st.integers(0, 30))
def test_split_is_nothing(values, at):
    assert digest(values[:at]) + digest(values[at:]) == digest(values)


@given(VALUES, VALUES)
def test_other_multisets_differ(one, other):
    assert (digest(one) == digest(other)) == (sorted(one) == sorted(other))


def test_a_value_twice_is_not_once():
    assert digest(["a", "a"]) != digest(["a"])
    assert digest(["a", "a"]) != digest(["b", "b"])


@pytest.mark.parametrize(
    ("kind", "base", "written", "read"),
    [
        pytest.param(Kind.TEXT, "bpchar", "ab", "ab   ", id="bpchar"),
        pytest.param(Kind.DECIMAL, "numeric", "1.5", "1.500", id="scale"),
        pytest.param(Kind.DECIMAL, "numeric", "0100", "100", id="leading-zero"),
        pytest.param(Kind.DECIMAL, "numeric", "-0.0", "0", id="minus-zero"),
        pytest.param(Kind.FLOAT, "float8", "1e2", "100", id="float8"),
        pytest.param(Kind.FLOAT, "float4", "0.100000001", "0.1", id="float4"),
        pytest.param(
            Kind.TIMESTAMP, "timestamp", "2024-01-01 10:00:00.500", "2024-01-01 10:00:00.5", id="ts"
        ),
        pytest.param(
            Kind.TIMESTAMP_TZ,
            "timestamptz",
            "2024-01-01 10:00:00.000+00",
            "2024-01-01 10:00:00+00",
            id="tz",
        ),
        pytest.param(Kind.UUID, "uuid", "AB-C", "ab-c", id="uuid"),
        pytest.param(Kind.INET, "inet", "10.0.0.1/32", "10.0.0.1", id="inet"),
        pytest.param(Kind.INET, "inet", "2001:DB8::1/128", "2001:db8::1", id="inet6"),
        pytest.param(Kind.JSON, "jsonb", '{"b":1.50,"a":[1]}', '{"a": [1], "b": 1.5}', id="jsonb"),
        pytest.param(Kind.ARRAY, "_text", '{"a","b c"}', '{a,"b c"}', id="array"),
    ],
)
def test_spellings_of_one_value_compare(kind, base, written, read):
    type_ = Type(name=base, base=base, kind=kind)
    assert comparable(pl.Series([written]), type_).item() == (
        comparable(pl.Series([read]), type_).item()
    )


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        (Kind.TEXT, "a", "a "),
        (Kind.DECIMAL, "100", "10"),
        (Kind.DECIMAL, "1.05", "1.5"),
        (Kind.TIMESTAMP, "2024-01-10", "2024-01-1"),
        (Kind.TIMESTAMP, "2024-01-01 10:00:00.05", "2024-01-01 10:00:00.5"),
        (Kind.INET, "10.0.0.1/24", "10.0.0.1"),
        (Kind.JSON, '{"a": 1}', '{"a": "1"}'),
    ],
)
def test_other_values_do_not(kind, one, other):
    type_ = Type(name="", base="", kind=kind)
    assert comparable(pl.Series([one]), type_).item() != (
        comparable(pl.Series([other]), type_).item()
    )


@given(st.lists(st.tuples(st.text(max_size=5), st.integers(0, 5)), max_size=10))
def test_counts_stand_for_repetitions(groups):
    values = pl.Series([value for value, _ in groups], dtype=pl.String)
    counts = np.array([count for _, count in groups], dtype=np.int64)
    repeated = [value for value, count in groups for _ in range(count)]
    assert Digest.of(FINGERPRINT(values), nulls=0, counts=counts) == digest(repeated)


NUMBERS = st.one_of(
    st.text(alphabet="0123456789.eE+- a", max_size=9),
    st.floats(allow_nan=False, width=32).map(str),
    st.integers().map(str),
)


@given(st.lists(NUMBERS, max_size=30))
def test_texts_that_sqlite_makes_numbers_of_compare(written):
    kind = Type(name="PHONE", base="numeric_text", kind=Kind.TEXT)
    with sqlite3.connect(":memory:") as database:
        database.execute("CREATE TABLE t (a PHONE)")
        database.executemany("INSERT INTO t VALUES (?)", [(text,) for text in written])
        stored = [value for (value,) in database.execute("SELECT a FROM t ORDER BY rowid")]
    database.close()
    there = {float("inf"): "Infinity", float("-inf"): "-Infinity"}
    given_back = pl.Series([there.get(value, str(value)) for value in stored], dtype=pl.String)
    before = comparable(pl.Series(written, dtype=pl.String), kind)
    assert before.to_list() == comparable(given_back, kind).to_list()


def test_other_numbers_of_texts_do_not_compare():
    kind = Type(name="PHONE", base="numeric_text", kind=Kind.TEXT)
    texts = ["1", "10", "1.5", "1.05", "-1", "a1", "", "1e2"]
    assert comparable(pl.Series(texts), kind).n_unique() == len(texts)

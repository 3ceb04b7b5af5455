from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from masker.keys import canonical_key

CASES = {
    "int4": ("int4", {"7": "7", "-7": "-7", "007": "7", "+7": "7", "-0": "0", "x": "x", "": ""}),
    "numeric": (
        "numeric",
        {
            "1.50": "1.5",
            "1.5": "1.5",
            "+1.5": "1.5",
            "15E-1": "1.5",
            "1.": "1",
            ".5": "0.5",
            "-.50": "-0.5",
            "1E2": "100",
            "100": "100",
            "0.00": "0",
            "-0.0": "0",
            "00012.3400": "12.34",
            "12345678901234567890123456789.10": "12345678901234567890123456789.1",
            "NaN": "NaN",
            "-Infinity": "-Infinity",
            "1e99999": "1e99999",
            "1.2.3": "1.2.3",
            ".": ".",
            "-": "-",
        },
    ),
    "float8": (
        "float8",
        {"0.1": "0.1", "1e+20": "100000000000000000000", "-0": "0", "Infinity": "Infinity"},
    ),
    "float4": ("float4", {"0.5": "0.5", "0.1": "0.10000000149011612", "NaN": "NaN"}),
    "bpchar": ("bpchar", {"ab   ": "ab", "  ab": "  ab", "ab\t ": "ab\t"}),
    "varchar": ("varchar", {"ab   ": "ab   ", "1.50": "1.50"}),
    "uuid": (
        "uuid",
        {
            "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
            "{a0eebc99-9c0b4ef8-bb6d6bb9-bd380a11}": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
            "urn:uuid:a0eebc999c0b4ef8bb6d6bb9bd380a11": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
            "No-UUID": "No-UUID",
        },
    ),
    "bytea": ("bytea", {r"\xDEADbeef": r"\xdeadbeef"}),
    "date": (
        "date",
        {
            "2024-02-29": "2024-02-29T00:00:00",
            "infinity": "infinity",
            "0044-03-15 BC": "0044-03-15 BC",
        },
    ),
    "timestamp": (
        "timestamp",
        {
            "2024-02-29 13:14:15": "2024-02-29T13:14:15",
            "2024-02-29T13:14:15.120": "2024-02-29T13:14:15.12",
            "2024-02-29 00:00:00.000": "2024-02-29T00:00:00",
            "-infinity": "-infinity",
            "0044-03-15 00:00:00 BC": "0044-03-15 00:00:00 BC",
        },
    ),
    "timestamptz": (
        "timestamptz",
        {
            "2024-02-29 13:14:15+00": "2024-02-29T13:14:15Z",
            "2024-02-29 13:14:15.5000Z": "2024-02-29T13:14:15.5Z",
            "2024-02-29 13:14:15-00:00": "2024-02-29T13:14:15Z",
            "2024-03-01 00:14:15+11": "2024-02-29T13:14:15Z",
            "2024-02-29T18:44:15.25+05:30": "2024-02-29T13:14:15.25Z",
            "2024-02-29 13:14:15.123456-0800": "2024-02-29T21:14:15.123456Z",
            "infinity": "infinity",
        },
    ),
    "citext": ("citext", {"ABC": "abc", "ΣΑΣ": "σασ", "İx": "ix", " a ": " a "}),
    "unknown": ("ltree", {"Top.Sub": "Top.Sub"}),
}


@pytest.mark.parametrize(("base", "pairs"), CASES.values(), ids=CASES.keys())
def test_canonical_text(base, pairs):
    found = canonical_key(pl.Series("k", [*pairs, None]), base=base)
    assert found.name == "k"
    assert found.to_list() == [*pairs.values(), None]
    assert canonical_key(found, base=base).equals(found, null_equal=True) or base == "date"


def test_a_case_insensitive_collation_folds_any_type():
    found = canonical_key(pl.Series(["AB ", "ab"]), base="bpchar", case_insensitive=True)
    assert found.to_list() == ["ab", "ab"]


def test_equal_across_the_types_of_a_foreign_key():
    pairs = [("int4", "12", "numeric", "12.000"), ("float4", "0.5", "float8", "0.50")]
    pairs += [("date", "2024-01-01", "timestamp", "2024-01-01 00:00:00")]
    for child, value, parent, other in pairs:
        left = canonical_key(pl.Series([value]), base=child)
        assert left.equals(canonical_key(pl.Series([other]), base=parent))


@given(st.lists(st.decimals(allow_nan=False, allow_infinity=False, places=6), max_size=10))
def test_equal_numbers_have_one_text(numbers):
    spellings = [str(number) for number in numbers]
    padded = ["+" * (number >= 0) + format(number, "f") + "00" for number in numbers]
    found = canonical_key(pl.Series(spellings, dtype=pl.String), base="numeric")
    assert found.equals(canonical_key(pl.Series(padded, dtype=pl.String), base="numeric"))
    assert [Decimal(text) for text in found] == numbers


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=10))
def test_floats_keep_their_value(numbers):
    found = canonical_key(pl.Series(list(map(repr, numbers)), dtype=pl.String), base="float8")
    assert [float(text) for text in found] == numbers
    assert not found.str.contains("e").any()

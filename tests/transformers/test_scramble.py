"""Scramble: classes, streams, numbers, labels."""

import re

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from masker.catalog import Kind
from masker.transformers import Site
from masker.transformers.scramble import Scramble, scrambled


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        ("Anna Schmidt 12", r"[A-Z][a-z]{3} [A-Z][a-z]{6} \d\d"),
        ("Ünï-çödé", r"[A-Z][a-z]{2}-[a-z]{4}"),
        ("漢字 ٣", r"[a-z]{2} \d"),
        ("???", r"\*\*\*"),
        ("***", r"---"),
        ("* *", r"- -"),
        ("🙂 x", r"🙂 [a-z]"),
        ("🙂", r"\*"),
        ("\x01", r"\*"),
        ("", r""),
        (" \n", r" \n"),
    ],
)
def test_shapes(mask, value, shape):
    made = mask("scramble", [value]).values.item()
    assert re.fullmatch(shape, made)
    assert made != value or not value.strip()


def test_a_long_value_is_scrambled_to_its_end(mask):
    value = "a" * 1000
    made = mask("scramble", [value]).values.item()
    assert len(set(made)) == 26
    thirds = {made[start : start + 32] for start in range(0, 992, 32)}
    assert len(thirds) == 31


def test_letters_are_spread_evenly(keys):
    values = pl.Series([f"{'a' * 20}{n}" for n in range(500)])
    made = scrambled(values, keys=keys, domain="d").str.head(20).str.join("").item()
    counts = [made.count(chr(ord("a") + n)) for n in range(26)]
    assert max(counts) < 1.35 * min(counts)


@given(st.integers(-(2**63), 2**63 - 1))
def test_integers_fit(mask, number):
    made = mask("scramble", [str(number)], kind=Kind.INTEGER, base="int8").values.item()
    assert str(int(made)) == made
    assert -(2**63) <= int(made) < 2**63
    assert len(made) == len(str(number))
    assert int(made) != number


@pytest.mark.parametrize("base", ["int2", "int4", "int8"])
def test_the_largest_integers_fit(mask, base):
    largest = 2 ** {"int2": 15, "int4": 31, "int8": 63}[base] - 1
    made = mask("scramble", [str(largest)], kind=Kind.INTEGER, base=base).values.item()
    assert int(made) <= largest


@pytest.mark.parametrize(
    ("value", "precision", "scale", "form"),
    [
        ("12.50", 4, 2, r"[1-9]\d\.\d\d"),
        ("0.50", 2, 2, r"0\.\d\d"),
        ("0", 2, 2, r"0"),
        ("0", 3, 2, r"[1-9]"),
        ("-7.1", None, None, r"-[1-9]\.\d"),
        ("NaN", None, None, r"NaN"),
        ("Infinity", None, None, r"Infinity"),
    ],
)
def test_decimals(mask, value, precision, scale, form):
    masked = mask(
        "scramble", [value], kind=Kind.DECIMAL, base="numeric", precision=precision, scale=scale
    )
    made = masked.values.item()
    assert re.fullmatch(form, made)
    assert masked.chance == (made == value)


def test_a_label_becomes_another(mask):
    labels = ("low", "mid", "high")
    made = mask("scramble", list(labels), kind=Kind.ENUM, labels=labels).values.to_list()
    assert all(new in labels and new != old for old, new in zip(labels, made, strict=True))


def test_an_enum_with_one_label_cannot_change():
    assert Scramble().check(Site(kind=Kind.ENUM, labels=("only",)))

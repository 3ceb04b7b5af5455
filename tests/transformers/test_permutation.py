"""Digits and alphanumeric: what stays, what is permuted, that nothing meets."""

import itertools

import polars as pl
import pytest

from masker.transformers import Site
from masker.transformers.formats import permuted
from masker.transformers.permutation import Alphanumeric, Digits


def shape(text):
    return "".join(
        "A" if c.isupper() else "a" if c.isalpha() else "0" if c.isdigit() else c for c in text
    )


@pytest.mark.parametrize("value", ["AB-12345", "ab 1", "Straße 7", "ΑΒγ-1", "Жук 5", "X_1/2"])
def test_the_shape_stays(mask, value):
    made = mask("alphanumeric", [value]).values.item()
    assert shape(made) == shape(value)


def test_digits_leaves_letters(mask):
    made = mask("digits", ["AB-12345"]).values.item()
    assert made.startswith("AB-")
    assert made != "AB-12345"


def test_case_is_format(mask):
    upper, lower = mask("alphanumeric", ["ALFKI", "alfki"]).values.to_list()
    assert upper.lower() == lower


@pytest.mark.parametrize("alphabet", ["0123456789", "abcdefghijklmnopqrstuvwxyz"])
@pytest.mark.parametrize("length", [1, 2, 3])
def test_every_value_of_a_small_space_once(mask, alphabet, length):
    every = ["".join(some) for some in itertools.product(alphabet, repeat=length)]
    made = mask("alphanumeric", every).values
    assert sorted(made) == every


@pytest.mark.parametrize(
    ("low", "high"),
    [(0xC0, 0x17F), (0x370, 0x4FF), (0xE00, 0xE7F), (0x2070, 0x214F), (0x1F600, 0x1F67F)],
    ids=["latin", "greek and cyrillic", "thai", "symbols", "emoji"],
)
def test_other_scripts_are_permuted_one_to_one(keys, low, high):
    every = [chr(point) for point in range(low, high + 1)]
    made, _ = permuted(pl.Series(every), keys=keys, domain="d")
    assert made.n_unique() == len(every)
    assert sum(old == new for old, new in zip(every, made, strict=True)) < len(every) / 4


def test_cjk_is_permuted_whole(mask):
    made = mask("alphanumeric", ["漢字", "한국"]).values.to_list()
    assert all("\u4e00" <= c <= "\u9fff" for c in made[0])
    assert all("\uac00" <= c <= "\ud7a3" for c in made[1])


def test_a_value_without_digits_is_permuted_and_counted(mask):
    masked = mask("digits", ["N/A", "???", "", "12345678"])
    assert masked.values[0] != "N/A"
    assert masked.values[1:3].to_list() == ["???", ""]
    assert masked.unparsed == 2
    assert masked.shapes == {"L/L": 1, "???": 1}


def test_chance_is_the_share_of_each_space(mask):
    assert mask("digits", ["7"] * 5).chance == pytest.approx(0.5)
    assert mask("alphanumeric", ["a1", "?"]).chance == pytest.approx(1 / 260 + 1)
    assert mask("alphanumeric", ["", " "]).chance == 0


@pytest.mark.parametrize(
    ("transformer", "length", "weak"),
    [
        (Digits(), 5, True),
        (Digits(), 6, False),
        (Alphanumeric(), 4, True),
        (Alphanumeric(), 5, False),
        (Digits(), None, False),
    ],
)
def test_a_small_space_is_a_caution(transformer, length, weak):
    assert [code for code, _ in transformer.cautions(Site(length=length))] == ["weak-space"] * weak

"""What scheme 1 turns values into. A change here changes every pseudonym of every user.

If a change is meant, raise `SCHEME` and say so in the changelog; never edit a value below alone.
"""

import polars as pl
import pytest

from masker.keys import INTEGER_SPACES, SCHEME, permute, permute_integers, pick, prf

DIGITS = "0123456789"


def test_scheme_and_id(keys):
    assert SCHEME == 1
    assert keys.id == "1-8f3b851543bfd2ca"


@pytest.mark.parametrize(
    ("domain", "value", "expected"),
    [
        ("email", "anna@example.com", "xaotzdmboarpiro7"),
        ("name", "müller", "gazawdbz66xwowjj"),
        ("name", " MÜLLER", "gazawdbz66xwowjj"),
    ],
)
def test_prf(keys, domain, value, expected):
    assert prf(pl.Series([value]), keys=keys, domain=domain).base32(16).item() == expected


def test_pick(keys):
    words = prf(pl.Series(["anna"]), keys=keys, domain="name").words
    assert pick(words[:, 0], 10_000).tolist() == [7493]


@pytest.mark.parametrize(
    ("alphabet", "tweak", "value", "expected"),
    [
        (DIGITS, b"", "042", "896"),
        (DIGITS, b"", "4111111111111111", "8822560245912882"),
        (DIGITS, b"t", "4111111111111111", "8077536012624351"),
        (DIGITS, b"", "0" * 56, "59094333403717819755798100491934027845896205868685775496"),
        (DIGITS + "abcdefghijklmnopqrstuvwxyz", b"", "a9z4", "7u5s"),
        ("абвгдежзийклмнопрстуфхцчшщъыьэюя", b"", "жук", "чыг"),
    ],
    ids=["table", "card", "tweak", "long", "base 36", "cyrillic"],
)
def test_permute(keys, alphabet, tweak, value, expected):
    masked = permute(pl.Series([value]), alphabet=alphabet, keys=keys, domain="d", tweak=tweak)
    assert masked.item() == expected


@pytest.mark.parametrize(
    ("base", "expected"), [("int2", 8350), ("int4", 925876114), ("int8", 2996934580927531)]
)
def test_permute_integers(keys, base, expected):
    low, high = INTEGER_SPACES[base]
    masked = permute_integers(pl.Series([42]), low=low, high=high, keys=keys, domain="d")
    assert masked.item() == expected

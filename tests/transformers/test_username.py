"""Usernames: names inside agree, promises follow the suffix."""

import re

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from masker.keys import Keyring
from masker.transformers import Site, Uniqueness
from masker.transformers.email import Email
from masker.transformers.person import mask_tokens
from masker.transformers.username import Username

KEYS = Keyring.parse("8f1c6a2b3d4e5f60718293a4b5c6d7e8f90123456789abcdef0fedcba9876543")


def masked(values, *, length=None, **params):
    series = pl.Series("username", values, dtype=pl.String)
    made = Username(**params).apply(series, site=Site(length=length), keys=KEYS, others={})
    return made.values.to_list()


def plain(token):
    return mask_tokens(pl.Series([token]), keys=KEYS, ascii_only=True).item()


@pytest.mark.parametrize(
    ("value", "suffix", "pattern"),
    [
        ("anna.schmidt84", "long", "{anna}.{schmidt}.[a-z2-7]{{16}}"),
        ("anna.schmidt84", "short", "{anna}.{schmidt}.[a-z2-7]{{4}}"),
        ("anna_schmidt84", "none", "{anna}_{schmidt}"),
        ("ANNA", "none", "{ANNA}"),
        ("1234", "none", "[a-z2-7]{{6}}"),
        ("admin", "short", "admin.[a-z2-7]{{4}}"),
    ],
)
def test_shapes(value, suffix, pattern):
    (made,) = masked([value], suffix=suffix)
    anna = plain("anna")
    known = {"anna": anna, "ANNA": anna.upper(), "schmidt": plain("schmidt")}
    assert re.fullmatch(pattern.format(**known), made)


def test_a_desk_without_suffix_does_not_come_out_as_it_went_in():
    assert masked(["admin"], suffix="none") != ["admin"]


def test_a_username_that_is_an_address_gets_the_address():
    value = pl.Series(["anna.schmidt@acme.com"])
    address = Email().apply(value, site=Site(), keys=KEYS, others={}).values.to_list()
    assert masked(value) == address


@pytest.mark.parametrize(
    ("suffix", "grade", "least"),
    [("long", Uniqueness.KEYED, 16), ("short", Uniqueness.NONE, 4), ("none", Uniqueness.NONE, 0)],
)
def test_promises_follow_the_suffix(suffix, grade, least):
    username = Username(suffix=suffix)
    assert username.promises().uniqueness is grade
    assert username.check(Site(length=least)) == ()
    assert least == 0 or len(username.check(Site(length=least - 1))) == 1


values_ = st.text("abAB._-@019 äЖ王", max_size=20) | st.none()


@given(
    st.lists(values_, max_size=20),
    st.sampled_from([("long", None), ("long", 16), ("short", 4), ("none", 1), ("none", 8)]),
    st.randoms(),
)
def test_usernames_fit_differ_and_know_no_neighbours(values, kind, random):
    suffix, length = kind
    values = [value if value is None or length is None else value[:length] for value in values]
    made = masked(values, suffix=suffix, length=length)
    for value, fake in zip(values, made, strict=True):
        assert (fake is None) == (value is None)
        if value is not None and value.strip():
            assert fake.lower() != value.lower()
            assert length is None or len(fake) <= length
    picks = random.choices(range(len(values)), k=len(values)) if values else []
    again = masked([values[i] for i in picks], suffix=suffix, length=length)
    assert again == [made[i] for i in picks]

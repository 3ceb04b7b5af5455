"""Token: keyed words, equal where the database calls values equal."""

import re

import pytest

from masker.transformers import Site, Uniqueness, build


def test_form(mask):
    made = mask("token", ["a", "b", "a", None], {"prefix": "tok_", "length": 16}).values.to_list()
    assert re.fullmatch(r"tok_[a-z2-7]{16}", made[0])
    assert made[0] == made[2] != made[1]
    assert made[3] is None


@pytest.mark.parametrize(
    ("length", "grade"),
    [(8, Uniqueness.NONE), (15, Uniqueness.NONE), (16, Uniqueness.KEYED), (51, Uniqueness.KEYED)],
)
def test_eighty_bits_are_unique(length, grade):
    assert build("token", {"length": length}).promises().uniqueness is grade


@pytest.mark.parametrize(
    ("length", "told"), [(None, ()), (20, ()), (18, ("`length: 16` would fit",)), (8, ("takes 8",))]
)
def test_a_column_that_is_too_short(length, told):
    found = build("token").check(Site(length=length))
    assert len(found) == len(told)
    assert all(words in sentence for words, sentence in zip(told, found, strict=True))


@pytest.mark.parametrize(
    ("values", "site"),
    [
        (["Abc", "aBC"], {"case_insensitive": True}),
        (["ab   ", "ab"], {"base": "bpchar"}),
    ],
    ids=["citext", "bpchar"],
)
def test_values_that_are_equal_to_the_server_get_one_word(mask, values, site):
    assert mask("token", values, **site).values.n_unique() == 1

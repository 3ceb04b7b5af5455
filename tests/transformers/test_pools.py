"""Pools: what fills them, what refuses to, and how a pick is made."""

import subprocess
import sys

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from masker.errors import ConfigError
from masker.keys import Keyring
from masker.transformers.pools import (
    person_lists,
    pick_from,
    pool,
    pool_of,
    problem,
    shares,
)

KEYS = Keyring.parse("8f1c6a2b3d4e5f60718293a4b5c6d7e8f90123456789abcdef0fedcba9876543")
SMALL = pool_of("small", {"Berlin": 0.5, "Bern": 0.3, "Paris": 0.1, "Rome": 0.1})


def picked(values, made=SMALL, length=None):
    series = pl.Series("city", values, dtype=pl.String)
    return pick_from(
        made, series, keys=KEYS, domain="city", purpose="pick", length=length
    ).to_list()


@pytest.mark.parametrize(
    ("provider", "locale", "least"),
    [
        ("first_name", "en_US", 600),
        ("last_name", "de_DE", 300),
        ("city", "de_DE", 300),
        ("job", "en_US", 500),
        ("country", "ja_JP", 100),
        ("month_name", "en_US", 12),
    ],
)
def test_pools_of_faker(provider, locale, least):
    made = pool(provider, locale)
    assert len(made) >= least
    assert not made.forms.is_duplicated().any()
    assert len(made.bounds) == len(made) - 1
    assert made.values.str.contains(r"\n|^\s|\s$").sum() == 0


def test_weights_of_faker_count():
    smiths = pool("last_name", "en_US")
    place = smiths.values.to_list().index("Smith")
    share = int(smiths.bounds[place]) - int(smiths.bounds[place - 1])
    assert share / 2**64 > 5 / len(smiths)


@pytest.mark.parametrize(
    ("provider", "locale", "words"),
    [
        ("citty", "en_US", "did you mean `city`?"),
        ("city", "de_DR", "did you mean `de_"),
        ("email", "en_US", "use the transformer `email`"),
        ("phone_number", "de_DE", "use the transformer `phone`"),
        ("credit_card_number", "en_US", "use the transformer `card`"),
        ("date_of_birth", "en_US", "depends on the day"),
        ("ssn", "sv_SE", "papers"),
        ("profile", "en_US", "papers"),
        ("words", "en_US", "makes a list"),
        ("enum", "en_US", "without arguments"),
        ("seed_instance", "en_US", "no `seed_instance`"),
    ],
)
def test_what_makes_no_pool_is_said(provider, locale, words):
    sentence = problem(provider, locale)
    assert sentence is not None
    assert words in sentence
    with pytest.raises(ConfigError):
        pool(provider, locale)


def test_a_digest_stands_for_the_content():
    same = pool_of("other", {"Rome": 0.1, "Paris": 0.1, "Bern": 0.3, "Berlin": 0.5})
    assert same.digest == SMALL.digest
    assert pool_of("x", {"Rome": 1.0}).digest != pool_of("x", {"Roma": 1.0}).digest
    assert pool_of("x", {"A": 0.5, "B": 0.5}).digest != pool_of("x", {"A": 0.4, "B": 0.6}).digest


def test_a_drawn_pool_is_the_same_in_every_worker():
    code = (
        "from masker.transformers.pools import pool\n"
        "from masker.transformers.person.dictionary import dictionary\n"
        "print(pool('city', 'de_DE').digest, dictionary().digest)\n"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", code],
            check=True,
            capture_output=True,
            text=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": "."},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1


def test_values_equal_but_for_case_are_one():
    made = pool_of("x", {"Rome": 0.5, "ROME ": 0.2, "": 0.1, "Oslo": 0.2})
    assert made.forms.to_list() == ["oslo", "rome"]


def test_shares_cut_the_whole_range():
    assert shares([1, 1, 2]).tolist() == [2**62, 2**63]
    assert shares([5]).tolist() == []


def test_picks_follow_the_weights():
    counts = pl.Series(picked([f"v{n}" for n in range(20_000)])).value_counts()
    found = dict(counts.iter_rows())
    for value, share in {"Berlin": 0.5, "Bern": 0.3, "Paris": 0.1, "Rome": 0.1}.items():
        assert abs(found[value] / 20_000 - share) < 0.02


def test_equal_but_for_case_and_blanks_picks_alike():
    assert len(set(picked(["München", "MÜNCHEN ", " münchen", "Mu\u0308nchen"]))) == 1


def test_person_lists_have_shares():
    lists = person_lists("en_US", ["first_names_male", "last_names", "no_such_list"])
    assert set(lists) == {"first_names_male", "last_names"}
    assert all(np.isclose(sum(each.values()), 1.0) for each in lists.values())


@given(
    st.lists(st.sampled_from(["Berlin", "BERN", "paris ", "Rome", "x", "", None]), max_size=20),
    st.sampled_from([None, 5, 4]),
)
def test_a_pick_is_never_its_source_and_fits(values, length):
    for value, fake in zip(values, picked(values, length=length), strict=True):
        assert (fake is None) == (value is None)
        if value is not None:
            assert fake.lower() != value.strip().lower()
            assert length is None or len(fake) <= length

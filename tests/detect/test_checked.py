"""Columns of numbers without a telling name: those that all pass one check, and those by chance."""

import random

import polars as pl
import pytest
from faker import Faker

from masker.detect.checked import numbers_checked
from masker.detect.entities import Entity

E = Entity


def made(locale, provider="ssn", count=100):
    fake = Faker(locale)
    fake.seed_instance(7)
    return pl.Series([getattr(fake, provider)() for _ in range(count)])


@pytest.mark.parametrize(
    "locale",
    ["en_US", "en_CA", "fr_FR", "it_IT", "nl_NL", "pl_PL", "pt_BR", "sv_SE", "tr_TR"],
)
def test_national_numbers_of_any_country(locale):
    found = numbers_checked(made(locale))
    assert found is not None
    assert (found.entity, found.verdict) == (E.NATIONAL_ID, "is")


def test_zeros_in_front_may_be_lost_and_a_few_mistyped():
    pesel = made("pl_PL").cast(pl.Int64).cast(pl.String)
    assert numbers_checked(pesel).entity is E.NATIONAL_ID
    assert numbers_checked(pl.concat([pesel, pl.Series(["1234567890"])])).entity is E.NATIONAL_ID


def test_telephone_numbers_without_a_plus():
    found = numbers_checked(
        pl.Series([f"49151{n:08d}" for n in random.Random(1).sample(range(10**8), 90)])
    )
    assert found.entity is E.PHONE_NUMBER


DRAW = random.Random(5)


@pytest.mark.parametrize(
    "values",
    [
        pytest.param([str(100_000_000 + n) for n in range(300)], id="serial numbers"),
        pytest.param([str(DRAW.randrange(10**9, 10**10)) for _ in range(300)], id="any numbers"),
        pytest.param([str(1_600_000_000 + 977 * n) for n in range(300)], id="seconds"),
        pytest.param([str(1_600_000_000_000 + 97_711 * n) for n in range(300)], id="milliseconds"),
        pytest.param([str(DRAW.randrange(10**17, 10**18)) for _ in range(300)], id="snowflakes"),
        pytest.param([f"2023{n % 12 + 1:02d}{n % 28 + 1:02d}" for n in range(300)], id="dates"),
        pytest.param([f"SKU-{n:06d}" for n in range(300)], id="codes"),
        pytest.param([f"{n}.{n % 7}.{n % 9}" for n in range(300)], id="versions"),
        pytest.param(made("en_US", "isbn13", 300).to_list(), id="books"),
        pytest.param(made("en_US", "ean13", 300).to_list(), id="goods"),
        pytest.param(made("en_US", "uuid4", 300).to_list(), id="UUIDs"),
        pytest.param(made("pl_PL").to_list()[:9], id="too few"),
        pytest.param([], id="none"),
        pytest.param([None, ""], id="nothing"),
    ],
)
def test_numbers_that_are_none(values):
    assert numbers_checked(pl.Series(values, dtype=pl.String)) is None

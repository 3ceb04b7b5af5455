"""Company, city, street and any other Faker provider."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from masker.keys import Keyring
from masker.transformers import Site
from masker.transformers.city import City
from masker.transformers.company import Company
from masker.transformers.fake import Fake
from masker.transformers.pools import pool
from masker.transformers.street import Street

KEYS = Keyring.parse("8f1c6a2b3d4e5f60718293a4b5c6d7e8f90123456789abcdef0fedcba9876543")
KINDS = [
    City(locale="de_DE"),
    Company(locale="de_DE"),
    Street(locale="de_DE"),
    Fake(provider="job", locale="de_DE"),
]
IDS = ["city", "company", "street", "fake"]


def masked(transformer, values, *, length=None, locale="en_US"):
    series = pl.Series("c", values, dtype=pl.String)
    site = Site(length=length, locale=locale)
    return transformer.apply(series, site=site, keys=KEYS, others={}).values.to_list()


@pytest.mark.parametrize("transformer", KINDS, ids=IDS)
def test_picks_come_from_the_pools_they_name(transformer):
    made = masked(transformer, ["Berlin", "Main Street 4", "Acme", "x"])
    pools = transformer.pools(Site())
    held = {value for name in pools for value in pool(*name.split("/")).values}
    assert set(made) <= held
    assert all(len(digest) == 16 for digest in pools.values())


def test_the_locale_is_the_pipelines_unless_named():
    assert list(City().pools(Site(locale="fr_FR"))) == ["city/fr_FR"]
    assert list(City(locale="it_IT").pools(Site(locale="fr_FR"))) == ["city/it_IT"]


def test_a_street_has_a_number_if_it_had_one():
    with_number, without = masked(Street(locale="de_DE"), ["Hauptstraße 5", "Hauptstraße"])
    assert any(c.isdigit() for c in with_number)
    assert not any(c.isdigit() for c in without)


def test_capitals_blanks_and_null_stay():
    title, upper, *rest = masked(City(locale="de_DE"), ["Ulm", "ULM", "", " ", None])
    assert upper == title.upper()
    assert rest == ["", " ", None]


@pytest.mark.parametrize(
    ("transformer", "site", "words"),
    [
        (City(locale="de_DX"), Site(), ["no locale `de_DX`"]),
        (Fake(provider="jobb"), Site(), ["did you mean `job`?"]),
        (Fake(provider="boolean"), Site(), ["too few", "2 different values"]),
        (City(locale="de_DE"), Site(length=3), ["too few", "of at most 3 characters"]),
        (Street(locale="de_DX"), Site(), ["no locale"]),
        (City(locale="de_DE"), Site(length=40), []),
    ],
)
def test_what_does_not_fit_is_said(transformer, site, words):
    said = " ".join(transformer.check(site))
    assert bool(said) == bool(words)
    assert all(word in said for word in words)


@pytest.mark.parametrize("transformer", KINDS, ids=IDS)
@given(values=st.lists(st.text(max_size=8) | st.none(), max_size=10), random=st.randoms())
def test_picks_fit_differ_and_know_no_neighbours(transformer, values, random):
    made = masked(transformer, values, length=16)
    for value, fake in zip(values, made, strict=True):
        assert (fake is None) == (value is None)
        if value is not None and value.strip():
            assert fake.strip().lower() != value.strip().lower()
            assert len(fake) <= 16
    picks = random.choices(range(len(values)), k=len(values)) if values else []
    assert masked(transformer, [values[i] for i in picks], length=16) == [made[i] for i in picks]


@pytest.mark.parametrize("transformer", KINDS, ids=IDS)
def test_a_value_of_the_pool_is_never_left_as_it_is(transformer):
    for name in transformer.pools(Site()):
        values = pool(*name.split("/")).values.head(3_000).to_list()
        made = masked(transformer, values)
        assert all(a.lower() != b.lower() for a, b in zip(values, made, strict=True))

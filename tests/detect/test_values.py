"""A column's values say what it is, what it contains, and nothing of codes, amounts and words."""

import random

import polars as pl
import pytest
from faker import Faker

from masker.detect.detector import Detector
from masker.detect.entities import Entity
from masker.detect.values import Verdict, judge_values
from masker.transformers.person.known import known_words

COUNT = 150


@pytest.fixture(scope="module")
def detector():
    return Detector(countries=("DE", "GB", "US"), dictionaries=known_words())


def judged(detector, values, counts=None):
    distinct = pl.Series(values).unique(maintain_order=True)
    return judge_values(distinct, detector.find(distinct), counts)


def column(locale, provider, seed=1, count=COUNT):
    fake = Faker(locale)
    fake.seed_instance(seed)
    return [str(getattr(fake, provider)()) for _ in range(count)]


@pytest.mark.parametrize(
    ("locale", "provider", "entity"),
    [
        ("en_US", "email", Entity.EMAIL_ADDRESS),
        ("en_US", "name", Entity.PERSON),
        ("de_DE", "name", Entity.PERSON),
        ("fr_FR", "name", Entity.PERSON),
        ("es_ES", "name", Entity.PERSON),
        ("pl_PL", "name", Entity.PERSON),
        ("ru_RU", "name", Entity.PERSON),
        ("en_US", "first_name", Entity.FIRST_NAME),
        ("de_DE", "first_name", Entity.FIRST_NAME),
        ("en_US", "last_name", Entity.LAST_NAME),
        ("de_DE", "last_name", Entity.LAST_NAME),
        ("de_DE", "city", Entity.CITY),
        ("de_DE", "phone_number", Entity.PHONE_NUMBER),
        ("en_US", "phone_number", Entity.PHONE_NUMBER),
        ("de_DE", "street_address", Entity.STREET_ADDRESS),
        ("de_DE", "iban", Entity.IBAN_CODE),
        ("en_US", "credit_card_number", Entity.CREDIT_CARD),
        ("en_US", "ipv4", Entity.IP_ADDRESS),
        ("en_US", "ipv6", Entity.IP_ADDRESS),
        ("en_US", "mac_address", Entity.MAC_ADDRESS),
        ("en_US", "user_agent", Entity.USER_AGENT),
        ("en_US", "ssn", Entity.NATIONAL_ID),
    ],
)
def test_says_what_a_column_is(detector, locale, provider, entity):
    first = judged(detector, column(locale, provider))[0]
    assert (first.entity, first.verdict) == (entity, Verdict.IS)
    assert first.score >= 0.6
    assert first.share >= 0.5


def test_shouted_last_first_is_a_person(detector):
    families, givens = column("en_US", "last_name"), column("en_US", "first_name", 2)
    values = [f"{a.upper()}, {b}" for a, b in zip(families, givens, strict=True)]
    assert judged(detector, values)[0].entity is Entity.PERSON


def test_one_value_among_many_is_contained(detector):
    values = [f"the order {n} was shipped" for n in range(2000)] + ["ask anna@firma.local instead"]
    (only,) = judged(detector, values)
    assert (only.entity, only.verdict, only.hits) == (Entity.EMAIL_ADDRESS, Verdict.CONTAINS, 1)
    assert only.evidence[0] == "0.05% of 2001 distinct values hold one"


def test_names_in_sentences_are_contained(detector):
    names = column("en_US", "name", count=20)
    values = [f"please call {name} about it" for name in names] + [f"call {n}" for n in range(80)]
    assert Entity.PERSON in {each.entity for each in judged(detector, values) if each.score >= 0.6}


def test_shares_count_rows_too(detector):
    made = judged(detector, ["a@x.de", "b@x.de", "none"], pl.Series([1, 1, 98]))[0]
    assert (made.share, made.rows) == (0.6667, 0.02)


def negatives():
    rng, fake = random.Random(4), Faker("en_US")
    fake.seed_instance(4)
    number = rng.randrange
    yield "products", [f"{fake.color_name()} {fake.word()} {number(500)}ml" for _ in range(COUNT)]
    yield "slogans", column("en_US", "catch_phrase")
    yield "jobs", column("en_US", "job")
    yield "words", column("en_US", "word")
    yield "sentences", column("en_US", "sentence")
    yield "colours", column("en_US", "color_name")
    yield (
        "enum",
        [
            "active",
            "inactive",
            "pending",
            "open",
            "closed",
            "shipped",
            "May",
            "April",
            "Will",
            "Mark",
        ],
    )
    yield "capital-enum", ["Black", "White", "Green", "Brown", "Gold", "Silver", "Rose", "Gray"]
    yield (
        "months",
        ["January", "February", "March", "April", "May", "June", "July", "August", "September"],
    )
    yield (
        "genres",
        [
            "Rock",
            "Jazz",
            "Metal",
            "Alternative",
            "Blues",
            "Latin",
            "Reggae",
            "Pop",
            "Opera",
            "Drama",
            "Comedy",
        ],
    )
    yield (
        "versions",
        [f"{number(20)}.{number(30)}.{number(20)}.{number(400)}" for _ in range(COUNT)],
    )
    yield (
        "small-versions",
        [f"{number(15)}.{number(30)}.{number(20)}.{number(20)}" for _ in range(COUNT)],
    )
    for digits in (8, 9, 10, 11, 12, 13, 14, 16):
        yield (
            f"{digits}-digits",
            [str(number(10 ** (digits - 1), 10**digits)) for _ in range(COUNT)],
        )
    yield "card-like", [str(number(4 * 10**15, 5 * 10**15)) for _ in range(COUNT)]
    yield "milliseconds", [str(1732000000000 + number(10**9)) for _ in range(COUNT)]
    yield "moments", column("en_US", "date_time")
    yield "amounts", [f"{rng.random() * 1e6:.2f}" for _ in range(COUNT)]
    yield "written-amounts", [f"{rng.random() * 1e6:,.2f} EUR" for _ in range(COUNT)]
    yield "coordinates", [f"{fake.latitude()}, {fake.longitude()}" for _ in range(COUNT)]
    yield "latitudes", column("en_US", "latitude")
    yield "uuids", column("en_US", "uuid4")
    yield "md5", column("en_US", "md5")
    yield "sha256", column("en_US", "sha256")
    yield (
        "skus",
        [f"{rng.choice('ABC')}X-{number(10**4):04d}-{number(10**6)}" for _ in range(COUNT)],
    )
    yield "eans", column("en_US", "ean13")
    yield "isbns", column("en_US", "isbn13")
    yield "invoices", [f"INV-2024-{n:06d}" for n in range(COUNT)]
    yield "parcels", [f"1Z{number(10**9)}{number(10**7)}" for _ in range(COUNT)]
    yield "countries", column("en_US", "country")
    yield "files", column("en_US", "file_name")
    yield "mime", column("en_US", "mime_type")
    yield "zones", column("en_US", "timezone")
    yield "currencies", column("en_US", "currency_code")
    yield "hex-colours", column("en_US", "hex_color")
    yield (
        "films",
        ["ACADEMY DINOSAUR", "ACE GOLDFINGER", "AFRICAN EGG", "AGENT TRUMAN", "ALI FOREVER"],
    )
    yield (
        "brands",
        ["Samsung Galaxy", "iPhone 15", "Levi's 501", "Mountain Bike 29", "Red Bull", "Lego City"],
    )


NEGATIVES = dict(negatives())


@pytest.mark.parametrize("name", NEGATIVES)
def test_raises_no_alarm(detector, name):
    assert [each for each in judged(detector, NEGATIVES[name]) if each.score >= 0.6] == []


def test_whole_numbers_are_never_a_person(detector):
    found = detector.find(pl.Series(range(10**6, 10**6 + 500)))
    assert found.frame.is_empty()


@pytest.mark.parametrize("values", [[], [None, None], ["", "  "], ["\x00", "\x1e\x1f"]])
def test_nothing_says_nothing(detector, values):
    series = pl.Series(values, dtype=pl.String)
    assert judge_values(series, detector.find(series)) == ()

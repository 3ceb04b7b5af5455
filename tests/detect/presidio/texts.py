"""Texts that look like what databases hold: personal data, its look-alikes, and sentences."""

import random
import string

from faker import Faker

NEAR = [
    "anna@firma.local",
    "root@localhost",
    "lodash@4.17.21",
    "a.b+c@sub.example.co.uk",
    "1.2.3.4",
    "10.0.0.1",
    "192.168.1.10/24",
    "::1",
    "fe80::1",
    "std::vector",
    "2001:db8::ff00:42:8329",
    "00:1A:2B:3C:4D:5E",
    "4111111111111111",
    "5555555555554444",
    "378282246310005",
    "4111-1111-1111-1111",
    "1732193345000",
    "DE89370400440532013000",
    "de89370400440532013000",
    "GB29NWBK60161331926819",
    "FR1420041010050500013M02606",
    "gb29nwbk60161331926819",
    "+4930123456",
    "+493012345678",
    "030/1234567",
    "0151-23456789",
    "4155552671",
    "(415)555-2671",
    "078-05-1120",
    "123-45-6789",
    "536-90-4399",
    "943476591",
    "9434765919",
    "943-476-5919",
    "AB123456C",
    "12345678Z",
    "X1234567L",
    "RSSMRA85T10A562S",
    "44051401359",
    "850101-1234",
    "131052-308T",
    "S1234567D",
    "1BoatSLRHtKNngkdXEeobR76b53LETtpyT",
    "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
    "ABCPE1234F",
    "1EG4-TE5-MK73",
    "65929970489",
    "DE136695976",
    "12345678901",
    "550e8400-e29b-41d4-a716-446655440000",
    "https://example.com/x?a=1",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc",
    "$1$abc$defghijkl",
    "{SSHA}abcdefghijklmnopqrstuv",
    "756.9217.0769.85",
    "111.444.777-35",
]
WORDS = [
    "phone",
    "order_number",
    "number",
    "card",
    "visa",
    "iban",
    "ssn",
    "tax",
    "nhs",
    "call",
    "Tel.",
    "ip",
    "server",
    "address",
    "email",
    "the",
    "und",
    "pour",
    "Hauptstraße",
    "Street",
    "rue",
    "GmbH",
    "Ltd.",
    "12",
    "2024-01-02",
    "08:00:00",
    "12.05.2023",
    "99.95",
    "v1.2.3",
    "SKU-100-200",
    '{"phone":',
    "null}",
    "<b>",
    "\n",
    "\t",
    "é",
    "ß",
    "K",
    "ſ",
    "İ",
]
SEPARATORS = (
    " ",
    "",
    ", ",
    "-",
    ": ",
    "\n",
    "\u00a0",
    "'",
    "(",
    ") ",
    ";",
    "_",
    "\u200b",
    "\u2013",
)


def _digits_of(text, zero):
    return "".join(chr(ord(zero) + int(c)) if c.isascii() and c.isdigit() else c for c in text)


def _cut(text, rng):
    step = rng.randint(2, 5)
    return rng.choice(" -.").join(text[i : i + step] for i in range(0, len(text), step))


def _spoiled(text, rng):
    place = rng.randrange(len(text) + 1)
    return text[:place] + rng.choice(string.printable + "éß \u00ad\u2011") + text[place + 1 :]


VARIATIONS = (
    lambda text, _: text.lower(),
    lambda text, _: text.upper(),
    lambda text, _: text.swapcase(),
    lambda text, rng: _digits_of(text, rng.choice("\u0660\uff10\u0966")),
    _cut,
    _spoiled,
    lambda text, _: text,
    lambda text, _: text,
)


def varied(text, rng):
    """Change case, separators, or digits of a text."""
    return rng.choice(VARIATIONS)(text, rng)


def near_misses(count, seed=1):
    """Texts out of personal-looking pieces, words and separators."""
    rng = random.Random(seed)
    made = []
    for _ in range(count):
        parts = []
        for _ in range(rng.choice((1, 1, 2, 3, 6))):
            piece = rng.choice(NEAR) if rng.random() < 0.6 else rng.choice(WORDS)
            parts += [varied(piece, rng), rng.choice(SEPARATORS)]
        made.append("".join(parts[:-1]))
    return made


def dense(count, seed=2):
    """Cells of a database of persons: one kind of personal value each."""
    made = []
    locales = ("en_US", "de_DE", "fr_FR", "es_ES", "it_IT", "pl_PL", "nl_NL", "en_GB")
    fakers = [Faker(locale) for locale in locales]
    for number, fake in enumerate(fakers):
        fake.seed_instance(seed + number)
    makers = ("email", "phone_number", "iban", "credit_card_number", "street_address", "name",
              "ipv4", "company", "ssn", "user_agent", "mac_address", "url")  # fmt: skip
    for number in range(count):
        fake = fakers[number % len(fakers)]
        made.append(str(getattr(fake, makers[(number // len(fakers)) % len(makers)])()))
    return made


def ordinary(count, seed=3):
    """Cells of any other database: codes, amounts, moments, words, sentences."""
    rng, fake = random.Random(seed), Faker("en_US")
    fake.seed_instance(seed)
    makers = (
        lambda: f"SKU-{rng.randrange(10**6):06d}",
        lambda: f"{rng.randrange(10**6) / 100:.2f}",
        lambda: str(fake.date_time()),
        fake.word,
        fake.sentence,
        fake.uuid4,
        lambda: f"{rng.randrange(9)}.{rng.randrange(20)}.{rng.randrange(20)}",
        lambda: (
            rng.choice(["active", "pending", "shipped", "cancelled", "open", "closed"])
            + f" {rng.randrange(99)}"
        ),
        lambda: f"{rng.getrandbits(128):032x}",
        fake.catch_phrase,
        lambda: str(rng.randrange(10**9)),
        lambda: f"{fake.color_name()} {fake.word()} {rng.randrange(500)}ml",
    )
    return [makers[number % len(makers)]() for number in range(count)]

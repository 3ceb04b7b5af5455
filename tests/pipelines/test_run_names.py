"""Names after a refresh: none is its own, few are anybody's, and e-mails agree with them."""

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
import psycopg
import pytest

from masker.transformers.person.dictionary import dictionary
from masker.transformers.person.fold import token_key
from masker.transformers.person.languages import PARTICLES, TITLES
from masker.transformers.person.tokens import _pools_of
from tests.pipelines.refreshes import BY_CHANCE, Refreshed, one, tail

# Sample -> table, kept key, columns of names.
PEOPLE = {
    "pagila": [
        ("actor", "actor_id", "first_name", "last_name"),
        ("customer", "customer_id", "first_name", "last_name"),
        ("staff", "staff_id", "first_name", "last_name"),
    ],
    "hr": [("employees", "employee_id", "first_name", "last_name")],
    "chinook": [
        ("customer", "customer_id", "first_name", "last_name"),
        ("employee", "employee_id", "first_name", "last_name"),
    ],
    "shop": [
        ("shop.customers", "id", "first_name", "last_name"),
        ("hr.employees", "id", "first_name", "last_name"),
        ("shop.addresses", "id", "recipient"),
        ("shop.payments", "id", "card_holder"),
        ('shop."LoyaltyCard"', '"Customer Id"', '"Holder"'),
        ("crm.contacts", "id", "full_name"),
    ],
}
WORD = r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*"


def names(sample: str, *, whole: bool) -> str:
    """Return a query for place, key and name: of each column, or of whole names."""
    return " UNION ALL ".join(
        f"SELECT '{table}' AS place, '{number}' AS number, {key}::text AS key, "
        f"lower({name}) AS name FROM {table} WHERE {name} ~ '[[:alpha:]]'"
        for table, key, *columns in PEOPLE[sample]
        for number, name in enumerate(
            ["(" + " || ' ' || ".join(columns) + ")"] if whole else columns
        )
    )


def test_no_row_has_its_own_name(refreshed: Refreshed):
    each = names(refreshed.name, whole=False)
    with refreshed.both(source_names=each) as target:
        rows = one(target, "SELECT count(*) FROM source_names")
        joined = f"SELECT count(*) FROM ({each}) t JOIN source_names s USING (place, number, key"
        assert one(target, f"{joined})") == rows > 100
        assert one(target, f"{joined}, name)") == 0


def test_full_names_that_are_others_are_as_many_as_chance_gives(refreshed: Refreshed):
    every = names(refreshed.name, whole=True)
    with refreshed.both(source_names=f"SELECT DISTINCT name FROM ({every}) n") as target:
        found = one(
            target,
            f"SELECT count(DISTINCT name) FROM ({every}) t JOIN source_names s USING (name)",
        )
        source = [name for (name,) in target.execute("SELECT name FROM source_names").fetchall()]
    mean = expected_coincidences(source)
    assert 0 < mean < len(source) / 10
    assert tail(found, mean) > BY_CHANCE


def expected_coincidences(source: list[str]) -> float:
    """Return how many of the masked full names are expected among the source's.

    For each name and each other name of as many words: the product over their words of the chance
    that the one's word is masked as the other's, which is its share of the pool.
    """
    words = [re.findall(WORD, unicodedata.normalize("NFC", name)) for name in source]
    by_count: dict[int, list[list[str]]] = {}
    for found in words:
        by_count.setdefault(len(found), []).append(found)
    flat = pl.Series(sorted({word for found in words for word in found}))
    keys = flat.rename("word").to_frame().select(key=token_key(pl.col("word")))["key"]
    number = {key: place for place, key in enumerate(keys.unique().sort())}
    shares = _shares(list(number))
    at = {word: number[key] for word, key in zip(flat, keys, strict=True)}
    mean = 0.0
    for alike in by_count.values():
        place = np.array([[at[word] for word in found] for found in alike])
        chance = np.ones((len(alike), len(alike)))
        for column in place.T:
            chance *= shares[np.ix_(column, column)]
        np.fill_diagonal(chance, 0)
        mean += float(chance.sum())
    return mean


def _shares(keys: list[str]) -> npt.NDArray[np.float64]:
    """Return for each token, row, the chance of being masked as each of them, column."""
    book = dictionary()
    pools = _pools_of(pl.Series(keys), book)
    size = np.append(np.diff(book.bounds.astype(np.int64)), 2**31)
    weight = np.minimum(size, 2**32) / 2**32
    by_pool = {}
    for pool in set(pools.tolist()):
        rows = slice(book.starts[pool], book.starts[pool] + book.sizes[pool])
        held = dict(zip(book.names["key"][rows], weight[rows], strict=True))
        by_pool[pool] = np.array([held.get(key, 0.0) for key in keys])
    stays = {place for place, key in enumerate(keys) if key in TITLES | PARTICLES}
    return np.array(
        [
            np.eye(len(keys))[row] if row in stays else by_pool[pool]
            for row, pool in enumerate(pools.tolist())
        ]
    )


# ---- e-mails -------------------------------------------------------------------------------------

ADDRESSES = {
    "pagila": [("customer", "customer_id"), ("staff", "staff_id")],
    "chinook": [("customer", "customer_id"), ("employee", "employee_id")],
    "shop": [("shop.customers", "id"), ("hr.employees", "id")],
}
LETTERS = str.maketrans({"ß": "ss", "ł": "l", "ø": "o", "æ": "ae", "œ": "oe", "đ": "d", "þ": "th",
                         "ð": "d", "ı": "i"})  # fmt: skip
SUFFIX = 17  # a dot and sixteen keyed characters
SHORT = 2  # letters from which a token is no initial


@dataclass(frozen=True)
class Person:
    first_name: str
    last_name: str
    email: str

    @property
    def words(self) -> list[str]:
        return re.findall(WORD, unicodedata.normalize("NFC", f"{self.first_name} {self.last_name}"))

    @property
    def local(self) -> str:
        return self.email.partition("@")[0]


def plain(word: str) -> str:
    """Write a word in small letters without marks: `Müller` is `muller`."""
    apart = unicodedata.normalize("NFKD", word.lower().translate(LETTERS))
    return re.sub("[^a-z]", "", apart)


def spoken(word: str) -> str:
    """Return what spellings share: `Müller`, `Mueller` and `muller`."""
    return re.sub("([aou])e", r"\1", plain(word))


def people(url: str, sample: str) -> dict[tuple[str, str], Person]:
    with psycopg.connect(url) as session:
        return {
            (table, row[0]): Person(*row[1:])
            for table, key in ADDRESSES[sample]
            for row in session.execute(
                f"SELECT {key}::text, first_name, last_name, email FROM {table} "
                "WHERE email IS NOT NULL"
            )
        }


@pytest.mark.parametrize("sample", ADDRESSES)
def test_an_email_names_whom_its_row_names(refreshed_of, sample):
    refreshed = refreshed_of(sample)
    before, after = (people(url, sample) for url in (refreshed.source, refreshed.target))
    seen: Counter[str] = Counter()
    for place, person in before.items():
        masked = after[place]
        names = dict(zip(map(spoken, person.words), masked.words, strict=True))
        inside = re.split(r"[._-]", masked.local[:-SUFFIX].lower())
        for part in re.findall(r"[^\W\d_]+", person.local):
            name = names.get(spoken(part))
            if name is None or len(spoken(part)) < SHORT:
                continue
            whole = plain(name)
            if whole in inside:
                seen["whole"] += 1
            elif inside[-1] and whole.startswith(inside[-1]):
                seen["cut"] += 1
            else:
                seen["missing"] += 1
    assert seen["missing"] == 0
    assert seen["cut"] == 0  # every column here has room
    assert seen["whole"] > {"pagila": 1000, "chinook": 20, "shop": 100}[sample]


def test_addresses_without_a_domain_stay_so(refreshed_of):
    with psycopg.connect(refreshed_of("hr").target) as session:
        rows, unique, with_domain, longest = session.execute(
            "SELECT count(*), count(DISTINCT email), count(*) FILTER (WHERE email LIKE '%@%'), "
            "max(length(email)) FROM employees"
        ).fetchone()
    assert rows == unique == 107
    assert with_domain == 0
    assert longest <= 25

"""What the dictionary knows, and that its pools are fit to pick from."""

import numpy as np
import polars as pl
import pytest

from masker.transformers.person.dictionary import DEFAULT, ENDINGS, dictionary


@pytest.fixture(scope="module")
def pool_of():
    book = dictionary()
    numbers = dict(book.tokens.iter_rows())
    return lambda key: book.labels[numbers[key]]


@pytest.mark.parametrize(
    ("key", "label"),
    [
        ("jennifer", "en latin given f"),
        ("robert", "en latin given m"),
        ("casey", "en latin given u"),
        ("राम", "ne own given u"),
        ("smith", "en latin family u"),
        ("schmidt", "de latin family u"),
        ("muller", "de latin family u"),
        ("garcia", "es latin family u"),
        ("novakova", "cs latin family f"),
        ("kovacs", "hu latin family u"),
        ("иван", "ru own given m"),
        ("иванова", "ru own family f"),
        ("王", "zh own family u"),
        ("a", "initial latin"),
        ("ж", "initial cyrillic"),
    ],
)
def test_role_gender_and_language_of_a_token(pool_of, key, label):
    assert pool_of(key) == label


@pytest.mark.parametrize("key", ["taylor", "kim", "alexis"])
def test_a_token_has_one_role(key):
    assert dictionary().tokens.filter(pl.col("key") == key).height == 1


@pytest.mark.parametrize("word", ["dr", "prof", "von", "van", "der", "jr", "de"])
def test_titles_and_particles_are_no_names(word):
    book = dictionary()
    assert word not in book.tokens["key"]
    assert word not in book.names["key"]


def labelled() -> pl.DataFrame:
    book = dictionary()
    numbers = np.repeat(np.arange(len(book.labels)), book.sizes)
    return book.names.with_columns(label=pl.Series(book.labels).gather(numbers))


def test_pools_lie_end_to_end():
    book = dictionary()
    assert book.sizes.sum() == len(book.names) == len(book.bounds)
    assert list(book.starts[1:]) == list(np.cumsum(book.sizes)[:-1])
    assert (np.diff(book.bounds.astype(object)) > 0).all()
    assert (book.bounds[book.starts] == np.arange(len(book.labels)) * 2**32).all()


def test_a_pool_holds_a_key_once_and_two_at_least():
    assert not labelled().select("label", "key").is_duplicated().any()
    assert dictionary().sizes.min() >= 2


def test_names_are_single_tokens_as_names_are_written():
    names = labelled().filter(~pl.col("label").str.starts_with("initial"))
    assert names.filter(pl.col("name").str.contains(r"[\s.,\-0-9]")).is_empty()
    latin = names.filter(pl.col("label").str.contains("latin"))
    assert latin.filter(~pl.col("ascii").str.contains("^[a-z]{2,}$")).is_empty()
    assert latin.filter(pl.col("name") == pl.col("name").str.to_lowercase()).is_empty()
    assert latin.filter(pl.col("name") == pl.col("name").str.to_uppercase()).is_empty()


def test_placeholders_of_faker_fill_no_pool():
    vietnamese = labelled().filter(pl.col("label").str.starts_with("vi "))
    assert not set(vietnamese["name"]) & {"John", "Jane", "Doe"}


def test_every_name_of_a_pool_is_known():
    book = dictionary()
    assert book.names.join(book.tokens, on="key", how="anti").is_empty()


def test_tokens_and_endings_point_to_pools_of_some_size():
    book = dictionary()
    reached = pl.concat([book.tokens["number"], book.endings["number"]]).unique()
    latin = [number for number in reached if "latin" in book.labels[number]]
    assert min(book.sizes[number] for number in latin if "initial" not in book.labels[number]) >= 30


def test_endings_have_the_lengths_that_are_looked_up():
    assert set(dictionary().endings["ending"].str.len_chars()) == set(ENDINGS)
    assert not dictionary().endings["ending"].is_duplicated().any()


def test_the_default_pool_exists():
    assert dictionary().labels[dictionary().default] == DEFAULT


def test_the_digest_is_short_hex():
    assert len(dictionary().digest) == 16
    int(dictionary().digest, 16)

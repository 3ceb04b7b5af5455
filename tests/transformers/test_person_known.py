"""The words by which detection knows names and places."""

import pytest

from masker.detect.entities import Entity
from masker.transformers.person.known import known_words


@pytest.fixture(scope="module")
def words():
    return {entity: set(series) for entity, series in known_words().items()}


@pytest.mark.parametrize(
    ("entity", "word"),
    [
        (Entity.FIRST_NAME, "Anna"),
        (Entity.FIRST_NAME, "Łukasz"),
        (Entity.FIRST_NAME, "Иван"),
        (Entity.LAST_NAME, "Müller"),
        (Entity.LAST_NAME, "Garcia"),
        (Entity.LAST_NAME, "Kowalski"),
        (Entity.CITY, "Ludwigsburg"),
        (Entity.CITY, "Rio de Janeiro"),
        (Entity.CITY, "London"),
    ],
)
def test_holds(words, entity, word):
    assert word in words[entity]


def test_a_given_name_is_no_family_name(words):
    assert "Müller" not in words[Entity.FIRST_NAME]
    assert "Katarzyna" not in words[Entity.LAST_NAME]


def test_is_the_same_each_time():
    first, second = known_words(), known_words()
    assert all(first[entity].equals(second[entity]) for entity in first)
    assert all(len(series) == series.n_unique() for series in first.values())

"""What is remembered is what the function makes, however texts are split into calls."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from masker.keys import Keyring, Remembered
from masker.keys import remembered as module


def shout(texts):
    return texts.str.to_uppercase()


def distinct(texts):
    return pl.Series(sorted(set(texts)), dtype=pl.String)


@given(st.lists(st.lists(st.text(max_size=3))))
def test_answers_are_those_of_the_function(batches):
    memory = Remembered()
    for batch in map(distinct, batches):
        assert memory.of(batch, shout).to_list() == shout(batch).to_list()


def test_asks_once_per_text():
    memory, asked = Remembered(), []

    def make(texts):
        asked.extend(texts)
        return shout(texts)

    for batch in (["anna", "bert"], ["bert", "carl"], ["anna", "carl"]):
        memory.of(distinct(batch), make)
    assert asked == ["anna", "bert", "carl"]


@given(st.lists(st.lists(st.text(max_size=2), max_size=6), max_size=6))
def test_forgets_all_when_there_are_too_many(batches):
    before, module.MOST = module.MOST, 4
    try:
        test_answers_are_those_of_the_function.hypothesis.inner_test(batches)
    finally:
        module.MOST = before


def test_texts_of_one_hash_are_kept_apart(monkeypatch):
    monkeypatch.setattr(
        pl.Series, "hash", lambda self, *_: pl.Series([7] * len(self), dtype=pl.UInt64)
    )
    memory = Remembered()
    for _ in range(2):
        assert memory.of(distinct(["a", "b"]), shout).to_list() == ["A", "B"]
        assert memory.of(distinct(["b", "c"]), shout).to_list() == ["B", "C"]


def test_a_keyring_remembers_by_purpose():
    keys = Keyring.ephemeral()
    assert keys.remembered("names") is keys.remembered("names")
    assert keys.remembered("names") is not keys.remembered("hosts")
    assert keys.remembered("names") is not Keyring.ephemeral().remembered("names")

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


@given(st.lists(st.lists(st.text(max_size=2), max_size=6)))
def test_columns_get_their_answers_row_by_row(columns):
    memory = Remembered()
    for column in columns:
        values = pl.Series(column, dtype=pl.String)
        found = memory.spread(values, shout)
        assert found.made.gather(found.index).to_list() == shout(values).to_list()
        assert found.texts.gather(found.index).to_list() == column


def test_finds_only_what_is_known_whole():
    memory = Remembered()
    assert memory.find(distinct(["anna"])) is None
    memory.of(distinct(["anna", "bert"]), shout)
    assert memory.find(pl.Series(["bert", "anna", "bert"])).index.tolist() in ([1, 0, 1], [0, 1, 0])
    assert memory.find(pl.Series(["bert", "carl"])) is None


def test_many_known_texts_are_no_burden_to_a_short_column():
    memory = Remembered()
    memory.of(distinct([str(number) for number in range(1000)]), shout)
    found = memory.spread(pl.Series(["7", "8", "7"]), shout)
    assert sorted(found.texts) == ["7", "8"]

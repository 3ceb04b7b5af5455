import itertools

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from masker.keys import permute, permute_numerals, unpermute, weak_space

DIGITS = "0123456789"
BASE36 = DIGITS + "abcdefghijklmnopqrstuvwxyz"
CYRILLIC = "абвгдежзийклмнопрстуфхцчшщъыьэюя"

ALPHABETS = st.sampled_from([DIGITS, BASE36, "ab", CYRILLIC, "aäа😀"])


@st.composite
def columns(draw):
    alphabet = draw(ALPHABETS)
    text = st.text(alphabet, max_size=30)
    return alphabet, draw(st.lists(st.none() | text, max_size=40))


@given(columns())
def test_is_undone_by_unpermute_and_keeps_length_and_null(keys, case):
    alphabet, values = case
    column = pl.Series("c", values, dtype=pl.String)
    masked = permute(column, alphabet=alphabet, keys=keys, domain="d")
    assert masked.name == "c"
    assert masked.dtype == pl.String
    assert [v and len(v) for v in masked] == [v and len(v) for v in values]
    assert set("".join(v or "" for v in masked)) <= set(alphabet)
    assert unpermute(masked, alphabet=alphabet, keys=keys, domain="d").equals(
        column, null_equal=True
    )


@given(columns(), st.randoms(use_true_random=False))
def test_order_and_batches_change_nothing(keys, case, random):
    alphabet, values = case
    whole = permute(
        pl.Series(values, dtype=pl.String), alphabet=alphabet, keys=keys, domain="d"
    ).to_list()
    rows = list(range(len(values)))
    random.shuffle(rows)
    cut = random.randint(0, len(rows))
    for part in (rows[:cut], rows[cut:]):
        column = pl.Series([values[row] for row in part], dtype=pl.String)
        masked = permute(column, alphabet=alphabet, keys=keys, domain="d")
        assert masked.to_list() == [whole[row] for row in part]


@pytest.mark.parametrize(
    ("alphabet", "length"),
    [("ab", 1), (DIGITS, 1), (DIGITS, 3), (DIGITS, 4), ("abc", 7), (CYRILLIC, 2), (DIGITS, 5)],
    ids=lambda value: str(value)[:3],
)
def test_is_a_permutation_of_the_whole_space(keys, alphabet, length):
    space = ["".join(value) for value in itertools.product(alphabet, repeat=length)]
    masked = permute(pl.Series(space), alphabet=alphabet, keys=keys, domain="d")
    assert sorted(masked) == sorted(space)
    assert masked.to_list() != space or len(space) == 2


@pytest.mark.parametrize("length", [3, 10, 60], ids=["table", "ff1", "ff1, many limbs"])
def test_follows_key_domain_and_tweak(keys, other_keys, length):
    column = pl.Series([str(number).zfill(length) for number in range(100)])

    def masked(keys=keys, domain="d", tweak=b""):
        return tuple(permute(column, alphabet=DIGITS, keys=keys, domain=domain, tweak=tweak))

    assert masked() == masked()
    assert len({masked(), masked(keys=other_keys), masked(domain="e"), masked(tweak=b"t")}) == 4


@settings(max_examples=20)
@given(st.lists(st.text(BASE36, min_size=56, max_size=56), min_size=1, max_size=5))
def test_long_values(keys, values):
    column = pl.Series(values)
    masked = permute(column, alphabet=BASE36, keys=keys, domain="d")
    assert unpermute(masked, alphabet=BASE36, keys=keys, domain="d").to_list() == values


@pytest.mark.parametrize(
    "column",
    [pl.Series([], dtype=pl.String), pl.Series([None, None]), pl.Series(["", None, ""])],
    ids=["no rows", "nulls alone", "empty text"],
)
def test_nothing_to_permute(keys, column):
    masked = permute(column, alphabet=DIGITS, keys=keys, domain="d")
    assert masked.to_list() == column.to_list()
    assert masked.dtype == pl.String


def test_a_foreign_character_stops_it_without_naming_the_value(keys):
    column = pl.Series(["12", "1234", "12x4", None])
    with pytest.raises(ValueError, match="1 of 2 values of length 4") as told:
        permute(column, alphabet=DIGITS, keys=keys, domain="d")
    assert "12x4" not in str(told.value)


def test_another_type_is_refused(keys):
    with pytest.raises(TypeError, match="Int64"):
        permute(pl.Series([1]), alphabet=DIGITS, keys=keys, domain="d")


@pytest.mark.parametrize(
    ("alphabet", "length", "weak"),
    [(DIGITS, 5, True), (DIGITS, 6, False), (BASE36, 3, True), (BASE36, 4, False), ("ab", 0, True)],
    ids=str,
)
def test_weak_space(alphabet, length, weak):
    assert weak_space(alphabet, length) is weak


@pytest.mark.parametrize("length", [1, 5, 6, 17])
def test_numerals_move_as_their_texts_do(keys, length):
    numerals = np.random.default_rng(length).integers(0, 10, (50, length), dtype=np.uint8)
    texts = ["".join(map(str, row)) for row in numerals.tolist()]
    made = permute_numerals(numerals, radix=10, keys=keys, domain="d", tweak=b"t")
    expected = permute(pl.Series(texts), alphabet=DIGITS, keys=keys, domain="d", tweak=b"t")
    assert ["".join(map(str, row)) for row in made.tolist()] == expected.to_list()


def test_no_numerals_stay_none(keys):
    for shape in ((0, 5), (3, 0)):
        empty = np.empty(shape, dtype=np.uint8)
        assert permute_numerals(empty, radix=10, keys=keys, domain="d").shape == shape

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from masker.keys import INTEGER_SPACES, permute_integers, unpermute_integers

RANGES = {
    **INTEGER_SPACES,
    "one number": (7, 7),
    "two numbers": (0, 1),
    "negative": (-50, 49),
    "table's largest": (1, 10**6 - 1),
    "cipher's least": (1, 10**6),
    "half of them astray": (-(2**20), 0),
    "all of int8": (-(2**63), 2**63 - 1),
}


@pytest.mark.parametrize("space", RANGES.values(), ids=RANGES.keys())
@given(data=st.data())
def test_stays_inside_and_is_undone(keys, space, data):
    low, high = space
    numbers = data.draw(st.lists(st.none() | st.integers(low, high), max_size=20))
    numbers += [low, high]
    column = pl.Series("c", numbers, dtype=pl.Int64)
    masked = permute_integers(column, low=low, high=high, keys=keys, domain="d")
    assert masked.name == "c"
    assert masked.dtype == pl.Int64
    assert masked.is_between(low, high).all()
    assert masked.is_null().equals(column.is_null())
    back = unpermute_integers(masked, low=low, high=high, keys=keys, domain="d")
    assert back.equals(column, null_equal=True)


@pytest.mark.parametrize("space", [(1, 2**14 - 1), (-3, 9_999), (5, 2**20 + 9)], ids=str)
def test_is_a_permutation_of_the_whole_range(keys, space):
    low, high = space
    everything = pl.int_range(low, high + 1, dtype=pl.Int64, eager=True)
    masked = permute_integers(everything, low=low, high=high, keys=keys, domain="d")
    assert masked.sort().equals(everything)
    assert not masked.equals(everything)


def test_order_and_batches_change_nothing(keys):
    column = pl.Series(np.random.default_rng(3).integers(1, 2**30, 20_000))

    def masked(column):
        return permute_integers(column, low=1, high=2**30 - 1, keys=keys, domain="d")

    whole = masked(column)
    assert masked(column.reverse()).reverse().equals(whole)
    parts = [masked(column.slice(start, 777)) for start in range(0, len(column), 777)]
    assert pl.concat(parts).equals(whole)


def test_follows_key_domain_and_range(keys, other_keys):
    column = pl.int_range(1, 200, dtype=pl.Int64, eager=True)

    def masked(keys=keys, domain="d", high=2**30):
        return tuple(permute_integers(column, low=1, high=high, keys=keys, domain=domain))

    assert masked() == masked()
    assert len({masked(), masked(keys=other_keys), masked(domain="e"), masked(high=2**31)}) == 4


@pytest.mark.parametrize(
    "column",
    [pl.Series([1, 0, None, 99, 100]), pl.Series([1, 2**64 - 1, None, 99, 100], dtype=pl.UInt64)],
    ids=["outside", "no 64-bit integer"],
)
def test_values_outside_stop_it_with_their_number_only(keys, column):
    with pytest.raises(ValueError, match=r"^2 of 5 values lie outside 1\.\.99$|^2 of 5"):
        permute_integers(column, low=1, high=99, keys=keys, domain="d")


@pytest.mark.parametrize("space", [(2, 1), (0, 2**63), (-(2**63) - 1, 0)], ids=str)
def test_a_range_that_is_none(keys, space):
    with pytest.raises(ValueError, match="64-bit"):
        permute_integers(pl.Series([1]), low=space[0], high=space[1], keys=keys, domain="d")


def test_text_is_refused_without_being_read(keys):
    with pytest.raises(TypeError, match="String") as told:
        permute_integers(pl.Series(["4711x"]), low=1, high=9, keys=keys, domain="d")
    assert "4711" not in str(told.value)


def test_nulls_alone(keys):
    masked = permute_integers(pl.Series([None, None]), low=1, high=9, keys=keys, domain="d")
    assert masked.to_list() == [None, None]
    assert masked.dtype == pl.Int64

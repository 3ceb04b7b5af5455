import numpy as np
import pytest

from masker.keys.shuffle import shuffled

KEY, OTHER = bytes(range(1, 33)), bytes(range(2, 34))


@pytest.mark.parametrize("size", [1, 2, 10, 1000, 10**4, 10**6 - 1])
def test_holds_every_number_once_and_undoes_itself(size):
    table, inverse = shuffled(KEY, size), shuffled(KEY, size, forward=False)
    assert (np.sort(table) == np.arange(size)).all()
    assert (inverse[table] == np.arange(size)).all()


def test_follows_the_key():
    assert (shuffled(KEY, 1000) != shuffled(OTHER, 1000)).any()
    assert (shuffled(KEY, 1000)[:999] != shuffled(KEY, 999)).any()


def test_every_order_of_three_comes_up_evenly():
    orders = [tuple(shuffled(number.to_bytes(32, "big"), 3)) for number in range(6000)]
    counts = [orders.count(order) for order in set(orders)]
    assert len(counts) == 6
    assert 850 < min(counts) <= max(counts) < 1150  # five standard deviations


def test_cannot_be_changed_by_who_reads_it():
    with pytest.raises(ValueError, match="read-only"):
        shuffled(KEY, 10)[0] = 1


@pytest.mark.parametrize("size", [0, 10**6])
def test_refuses(size):
    with pytest.raises(ValueError, match="size must lie in"):
        shuffled(KEY, size)

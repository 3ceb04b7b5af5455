import pytest
from hypothesis import given
from hypothesis import strategies as st

from masker.audit.chance import poisson_tail, repeated_tail


# 1 - the cumulative Poisson probabilities that every statistics text tabulates.
@pytest.mark.parametrize(
    ("seen", "expected", "tail"),
    [
        (1, 1.0, 0.6321206),
        (3, 1.0, 0.0803014),
        (2, 0.1, 0.0046788),
        (10, 5.0, 0.0318281),
        (5, 10.0, 0.9707473),
        (21, 10.0, 0.0015883),
    ],
)
def test_poisson_tails_are_the_tabulated_ones(seen, expected, tail):
    assert poisson_tail(seen, expected) == pytest.approx(tail, rel=1e-4)


@pytest.mark.parametrize("tail", [poisson_tail, lambda x, m: repeated_tail(x, m, 1.0)])
def test_none_or_more_is_certain(tail):
    assert tail(0, 3) == 1.0


def test_where_nothing_is_expected_one_is_too_many():
    assert poisson_tail(1, 0.0) == 0.0


def test_far_tails_do_not_underflow_to_nonsense():
    assert 0 < poisson_tail(100, 10.0) < 1e-50
    assert poisson_tail(10**6, 10**6) == pytest.approx(0.5, abs=0.01)
    assert poisson_tail(0, 1e9) == 1.0


@given(st.floats(0.01, 200), st.integers(1, 300))
def test_tails_fall_with_what_is_seen_and_rise_with_what_is_expected(expected, seen):
    slack = 1e-12
    assert poisson_tail(seen + 1, expected) <= poisson_tail(seen, expected) + slack
    assert poisson_tail(seen, expected) <= poisson_tail(seen, expected * 1.1) + slack


def test_many_repetitions_tell_the_mean():
    assert repeated_tail(9, 20_000, 10_000) == pytest.approx(poisson_tail(9, 2.0), rel=0.02)


def test_few_repetitions_leave_doubt():
    assert repeated_tail(9, 2, 1.0) > 10 * poisson_tail(9, 2.0)


def test_repeated_tails_sum_to_one():
    whole = sum(repeated_tail(k, 3, 4.0) - repeated_tail(k + 1, 3, 4.0) for k in range(200))
    assert whole == pytest.approx(1.0)

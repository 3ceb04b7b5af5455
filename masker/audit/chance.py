"""How often chance alone gives as much as was seen: exact tails, in plain Python."""

from __future__ import annotations

import math
from collections.abc import Callable

Ratio = Callable[[int], float]
ABOVE_CHANCE = 1e-9  # what chance gives less often than this is no chance
_NEGLIGIBLE = 1e-18  # of a sum, beside what it has reached


def poisson_tail(seen: int, expected: float) -> float:
    """Return the probability of `seen` or more under a Poisson law with this mean.

    Sums of independent rare events with unequal chances lie below it in the upper tail
    (Le Cam 1960; Hoeffding 1956 for the binomial), so it errs on the quiet side.
    """
    if seen <= 0:
        return 1.0
    if expected <= 0:
        return 0.0
    first = math.exp(-expected + seen * math.log(expected) - math.lgamma(seen + 1))
    if seen <= expected:
        return 1.0 - _falling(first, lambda k: k / expected, seen)
    return _rising(first, lambda k: expected / (k + 1), seen)


def repeated_tail(seen: int, counted: int, repetitions: float) -> float:
    """Return the probability of `seen` or more where `repetitions` like trials gave `counted`.

    The mean is known from those trials only: under Jeffreys' prior it is Gamma distributed, and the
    next trial is negative binomial (Gelman et al., Bayesian Data Analysis, 3rd ed., 2.6).
    """
    if seen <= 0:
        return 1.0
    shape = counted + 0.5
    share = 1 / (repetitions + 1)
    log_first = (
        math.lgamma(shape + seen)
        - math.lgamma(shape)
        - math.lgamma(seen + 1)
        + shape * math.log1p(-share)
        + seen * math.log(share)
    )
    if seen <= shape * share / (1 - share):
        return 1.0 - _falling(math.exp(log_first), lambda k: k / (shape + k - 1) / share, seen)
    return _rising(math.exp(log_first), lambda k: (shape + k) / (k + 1) * share, seen)


def _rising(term: float, ratio: Ratio, start: int) -> float:
    """Sum a term and all above it."""
    total, k = 0.0, start
    while term > total * _NEGLIGIBLE and term > 0:
        total += term
        term *= ratio(k)
        k += 1
    return min(1.0, total)


def _falling(term: float, ratio: Ratio, start: int) -> float:
    """Sum all below a term."""
    total, k = 0.0, start
    while k > 0:
        term *= ratio(k)
        k -= 1
        total += term
        if term < total * _NEGLIGIBLE:
            break
    return min(1.0, total)

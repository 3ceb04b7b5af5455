"""A subset of a given size: the share of the roots is solved for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from masker.rules.subset import RootRule
from masker.subset.closure import Closure, Frame
from masker.subset.roots import Ladder, ladder

_MOST_TRIALS = 24
_AIM = 0.97  # of the budget, so that a little too much is still within it
_NEAR = 0.03
_GROWTH = 8.0  # a share grows at most so much from one trial to the next
_FIRST = 0.001


@dataclass(frozen=True, slots=True)
class _Trial:
    share: float
    size: float
    closure: Closure


@dataclass(frozen=True, slots=True)
class Solved:
    """The closure that fits a budget best, the share that gave it, and its size."""

    closure: Closure
    share: float
    size: float


def sampled_roots(roots: Sequence[RootRule]) -> tuple[RootRule, ...]:
    """Return the roots whose share a budget solves for.

    Those with a share, and where there are none, those that take all that meet their condition.
    """
    shares = tuple(root for root in roots if root.sample is not None)
    return shares or tuple(root for root in roots if root.rows is None and root.newest is None)


def solve(
    closure: Closure,
    roots: Sequence[RootRule],
    *,
    wanted: float,
    size: Callable[[Closure], float],
) -> Solved:
    """Grow the share of these roots until the closure's size is near `wanted`.

    `closure` holds everything else and is closed. Shares of a lot are nested, so each trial goes
    on from the largest subset that was still too small. Where sizes jump, the nearest is taken.
    """
    ladders = [ladder(closure.frame, root) for root in roots]
    weights = _weights(roots)
    low = best = _Trial(0.0, size(closure), closure)
    high: _Trial | None = None
    aim = wanted * _AIM
    for _ in range(_MOST_TRIALS):
        share = _next(low, high, aim)
        if _steps(ladders, weights, low.share, share) == 0:
            if high is not None or share >= 1:
                break
            low = _Trial(share, low.size, low.closure)
            continue
        grown = _grown(low, ladders, weights, share)
        trial = _Trial(share, size(grown), grown)
        if abs(trial.size - aim) < abs(best.size - aim):
            best = trial
        if abs(trial.size - aim) <= _NEAR * wanted or (trial.size < aim and share >= 1):
            break
        if trial.size < aim:
            low = trial
        else:
            high = trial
    return Solved(best.closure, best.share, best.size)


def _weights(roots: Sequence[RootRule]) -> list[float]:
    """Return how the roots share: as their own shares are to the greatest of them."""
    shares = [root.sample or 1.0 for root in roots]
    return [share / max(shares) for share in shares]


def _next(low: _Trial, high: _Trial | None, aim: float) -> float:
    if high is None:
        if low.share == 0:
            return _FIRST
        factor = aim / low.size if low.size else _GROWTH
        return min(1.0, low.share * min(_GROWTH, max(1.05, factor)))
    between = high.share - low.share
    part = (aim - low.size) / max(high.size - low.size, 1e-9)
    return low.share + between * min(0.9, max(0.1, part))


def _steps(ladders: Sequence[Ladder], weights: Sequence[float], low: float, high: float) -> int:
    return sum(
        each.reach(high * weight) - each.reach(low * weight)
        for each, weight in zip(ladders, weights, strict=True)
    )


def _grown(
    low: _Trial, ladders: Sequence[Ladder], weights: Sequence[float], share: float
) -> Closure:
    grown = low.closure.copy()
    frame: Frame = grown.frame
    for each, weight in zip(ladders, weights, strict=True):
        batches = each.between(low.share * weight, share * weight)
        for table, ids in frame.by_table(batches).items():
            grown.add(table, frame.narrowed(table, ids), why="root", down=True)
    grown.close()
    return grown

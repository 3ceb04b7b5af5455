"""Sets of rows as sorted arrays of their numbers: eight bytes a row, never changed in place."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from masker.engines.rows import NO_IDS, Ids

Depths = npt.NDArray[np.int32]


def missing(have: Ids, ids: Ids) -> Ids:
    """Return what is not in a sorted set, sorted and once each."""
    once = np.unique(ids)
    return once if not len(have) else once[~contains(have, once)]


def contains(have: Ids, ids: Ids) -> npt.NDArray[np.bool_]:
    """Tell of each number whether it is in a sorted set."""
    if not len(have):
        return np.zeros(len(ids), dtype=np.bool_)
    place = np.minimum(np.searchsorted(have, ids), len(have) - 1)
    found: npt.NDArray[np.bool_] = have[place] == ids
    return found


def merged(have: Ids, more: Ids) -> Ids:
    """Return two sorted sets that share nothing as one."""
    if not len(have) or not len(more):
        return more if not len(have) else have
    both = np.concatenate([have, more])
    both.sort(kind="stable")  # merges what is sorted already
    return both


@dataclass(frozen=True, slots=True)
class Reached:
    """Rows with the fewest steps that lead to them; `depths` is None where nobody counts."""

    ids: Ids = field(default_factory=lambda: NO_IDS)
    depths: Depths | None = None

    def nearer(self, ids: Ids, depth: int) -> Ids:
        """Return those of these rows that are new, or were farther away so far; sorted."""
        once = np.unique(ids)
        there = contains(self.ids, once)
        if self.depths is None or not there.any():
            return once[~there]
        place = np.searchsorted(self.ids, once[there])
        there[there] = self.depths[place] <= depth
        return once[~there]

    def with_rows(self, ids: Ids, depth: int) -> Reached:
        """Return the set with rows that `nearer` gave, at this depth."""
        if self.depths is None:
            return Reached(merged(self.ids, missing(self.ids, ids)))
        keep = ~contains(ids, self.ids)
        both = np.concatenate([self.ids[keep], ids])
        depths = np.concatenate([self.depths[keep], np.full(len(ids), depth, dtype=np.int32)])
        order = np.argsort(both, kind="stable")
        return Reached(both[order], depths[order])

"""Draw national numbers that regulators reserve for fiction."""

from __future__ import annotations

import functools
import itertools
from dataclasses import dataclass
from typing import Self

import numpy as np

from masker.transformers.cells import Integers, Numbers
from masker.transformers.dialling import PLANS, National
from masker.transformers.numbering import RESERVES


def fictional(drawn: Numbers, own: National) -> tuple[Numbers, Integers]:
    """Return a reserved national number and how many digits it has, by 64 drawn bits each.

    Never the own number: that takes the next of its list. Every row has a plan.
    """
    lists = _Lists.known()
    chosen = 2 * own.plan + own.mobile
    place = (drawn % lists.lengths[chosen].astype(np.uint64)).astype(np.int64)
    number, size = lists.at(chosen, place)
    same = np.flatnonzero((number == own.number) & (size == own.size))
    chosen = chosen[same]
    number[same], size[same] = lists.at(chosen, (place[same] + 1) % lists.lengths[chosen])
    return number, size


@dataclass(frozen=True, slots=True)
class _Lists:
    """All reserved numbers as one row of blocks: two lists per plan, for fixed and mobile ones.

    `starts` and `lengths` are those of the lists in this row; `places` those of the blocks, whose
    `first` number has `sizes` digits.
    """

    starts: Integers
    lengths: Integers
    places: Integers
    first: Numbers
    sizes: Integers

    @classmethod
    @functools.cache
    def known(cls) -> Self:
        """Return the lists of all plans; they are laid out once."""
        lists = [
            blocks
            for name in PLANS
            for blocks in (RESERVES[name].blocks, RESERVES[name].cells or RESERVES[name].blocks)
        ]
        lengths = np.array([sum(map(len, blocks)) for blocks in lists])
        every = list(itertools.chain.from_iterable(lists))
        heights = np.array([len(block) for block in every])
        first = [int(block.prefix) * 10**block.width + block.first for block in every]
        sizes = [len(block.prefix) + block.width for block in every]
        return cls(
            np.cumsum(lengths) - lengths,
            lengths,
            np.cumsum(heights) - heights,
            np.array(first, dtype=np.uint64),
            np.array(sizes),
        )

    def at(self, chosen: Integers, place: Integers) -> tuple[Numbers, Integers]:
        """Return the numbers at places of lists, and how many digits they have."""
        index = self.starts[chosen] + place
        block = np.searchsorted(self.places, index, side="right") - 1
        number = self.first[block] + (index - self.places[block]).astype(np.uint64)
        return number, self.sizes[block]

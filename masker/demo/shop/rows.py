"""What passes between the files that make tables: how many rows, from which chance and pools."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from masker.demo.shop.chance import generator
from masker.demo.shop.pools import Pools, pools

Tables = Mapping[str, pl.DataFrame]

# Rows at scale 1, and the fewest at which everything difficult still occurs.
ROWS: Mapping[str, tuple[int, int]] = {
    "customers": (6_000, 200),
    "companies": (300, 20),
    "products": (600, 40),
    "orders": (14_000, 400),
    "bookings": (500, 50),
    "sessions": (6_000, 100),
    "events": (15_000, 300),
    "outbox": (800, 50),
    "tickets": (2_000, 100),
    "comments": (3_000, 100),
    "contacts": (1_200, 80),
    "recipients": (8_000, 100),
    "employees": (90, 40),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A shop to be made: the same seed and scale make the same rows."""

    seed: int
    scale: float

    def rows(self, subject: str) -> int:
        """Return how many rows of a subject are wanted."""
        base, fewest = ROWS[subject]
        return max(fewest, round(base * self.scale))

    def chance(self, subject: str) -> np.random.Generator:
        """Return the subject's own generator."""
        return generator(self.seed, subject)

    @property
    def pools(self) -> Pools:
        """Return the pools that rows gather from."""
        return pools(self.seed)

"""Fingerprints: 128 keyed bits of a value, as two columns of unsigned 64-bit numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl
import polars_hash  # noqa: F401 - importing it gives expressions their `nchash` namespace

from masker.evidence.run_key import RunKey
from masker.evidence.spill import Extent

Words = np.ndarray[Any, np.dtype[np.uint64]]
Prints = np.ndarray[Any, np.dtype[np.uint64]]  # shape (n, 2): to probe, to confirm

_EMPTY = np.empty((0, 2), dtype=np.uint64)
_PENDING = 1 << 17  # prints held before repetitions are dropped, 2 MiB
_KEPT = 1 << 16  # distinct prints held in memory per set, 1 MiB


class Fingerprinter:
    """Hash values under the run's key: XXH3 to probe and XXH64, seeded apart, to confirm.

    Two families, because what collides in one by construction does not in the other. Neither
    is cryptographic: the seeds are secret, the result stays in memory or is encrypted on disk, and
    both are forgotten with the run. HMAC-SHA256 would take 0.25 µs a value where these take 0.02.
    """

    def __init__(self, key: RunKey) -> None:
        value = pl.col("")
        self._both = (
            value.nchash.xxh3_64(seed=key.seed("probe")).alias("probe"),  # type: ignore[attr-defined]
            value.nchash.xxhash64(seed=key.seed("confirm")).alias("confirm"),  # type: ignore[attr-defined]
        )

    def __call__(self, values: pl.Series) -> Prints:
        """Return the prints of a String series without nulls, shape (n, 2)."""
        if not values.len():
            return _EMPTY
        hashed = values.rename("").to_frame().select(self._both)
        return np.stack([hashed["probe"].to_numpy(), hashed["confirm"].to_numpy()], axis=1)


class PrintSet:
    """A set of fingerprints that takes little memory: what is many goes to the spill file.

    Repetitions are dropped within what is held; spilled extents may repeat each other, so counts
    are exact only while nothing has spilled. `added` bounds the size from above.
    """

    def __init__(self) -> None:
        self._pending: list[Prints] = []
        self._held = 0
        self.extents: list[Extent] = []
        self.spilled = 0

    def add(self, prints: Prints, key: RunKey) -> None:
        """Add prints, shape (n, 2)."""
        if not len(prints):
            return
        self._pending.append(prints)
        self._held += len(prints)
        if self._held > _PENDING:
            self._settle(key)

    def _settle(self, key: RunKey) -> None:
        held = distinct(np.concatenate(self._pending))
        if len(held) > _KEPT:
            self.extents.append(key.spill.append(held.tobytes()))
            self.spilled += len(held)
            held = _EMPTY
        self._pending = [held]
        self._held = len(held)

    def seal(self, key: RunKey) -> None:
        """Drop repetitions; bring home what no other process could read from the spill."""
        if not key.spill.shared:
            self._pending = list(self.parts(key))
            self.extents, self.spilled = [], 0
        self._pending = [distinct(np.concatenate(self._pending))] if self._pending else []
        self._held = sum(map(len, self._pending))

    def merge(self, other: PrintSet) -> None:
        """Take in another set's prints."""
        self.extents += other.extents
        self.spilled += other.spilled
        self._pending += other._pending
        self._held += other._held

    def parts(self, key: RunKey) -> Iterator[Prints]:
        """Yield all prints in parts of a few MiB, repetitions included."""
        for extent in self.extents:
            yield np.frombuffer(key.spill.read(extent), dtype=np.uint64).reshape(-1, 2)
        yield from self._pending

    @property
    def size(self) -> int:
        """Return how many prints there are at most."""
        return self.spilled + self._held


def distinct(prints: Prints) -> Prints:
    """Return prints without repetitions, in no order that means anything."""
    frame = pl.DataFrame({"probe": prints[:, 0], "confirm": prints[:, 1]}).unique()
    return np.stack([frame["probe"].to_numpy(), frame["confirm"].to_numpy()], axis=1)

"""Look fingerprints up among those of all source values, in memory that does not grow with them.

A bitmap of fixed size lets through what may be there and a few percent of what is not; what came
through is kept, and one pass over the source fingerprints tells which of it is there.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from masker.evidence.evidence import Place
from masker.evidence.exposure import Exposure
from masker.evidence.fingerprints import EMPTY, Prints, PrintSet
from masker.evidence.run_key import RunKey
from masker.keys.forms import Form

_LEAST_BITS, _MOST_BITS = 16, 29  # 8 KiB, 64 MiB
_BITS_EACH = 16
_PENDING = 1 << 19
_COLUMNS = ("probe", "confirm", "spot", "grade")
_SCHEMA: dict[str, Any] = {
    "probe": pl.UInt64,
    "confirm": pl.UInt64,
    "spot": pl.UInt32,
    "grade": pl.UInt8,
}


@dataclass(frozen=True, slots=True)
class Origin:
    """Where source values came from; None is what the audit planted itself."""

    place: Place | None
    exposure: Exposure
    form: Form
    kept: bool = False  # what a branch of the column's verdict keeps: no secret there


class Sieve:
    """All fingerprints to look for, and what was found so far."""

    def __init__(self, sought: Iterable[tuple[Origin, PrintSet]], key: RunKey) -> None:
        self._key = key
        self._sought = tuple(sought)
        size = sum(prints.size for _, prints in self._sought)
        bits = max(_LEAST_BITS, min(_MOST_BITS, (size * _BITS_EACH).bit_length()))
        self._shift = np.uint64(64 - bits)
        self._bitmap = np.zeros(1 << (bits - 3), dtype=np.uint8)
        self._lock = threading.Lock()
        self._pending: list[pl.DataFrame] = []
        self._held = 0
        for _, prints in self._sought:
            for part in prints.parts(key):
                self._mark(part)

    def _mark(self, prints: Prints) -> None:
        for half in prints:
            slots = half >> self._shift
            places, bits = slots >> np.uint64(3), slots & np.uint64(7)
            for bit in range(8):  # one by one, since two slots may share a byte
                self._bitmap[places[bits == bit]] |= np.uint8(1 << bit)

    def look(self, prints: Prints, *, spot: int, grade: int) -> None:
        """Look prints up, shape (2, n), found at a numbered spot in forms of a grade."""
        if not prints.size:
            return
        there = np.ones(prints.shape[1], dtype=bool)
        for half in prints:
            slots = half >> self._shift
            bits = (slots & np.uint64(7)).astype(np.uint8)
            there &= (self._bitmap[slots >> np.uint64(3)] >> bits & np.uint8(1)).astype(bool)
        if not there.any():
            return
        found = prints[:, there]
        columns = (found[0], found[1])
        frame = pl.DataFrame(dict(zip(_COLUMNS, columns, strict=False)))
        frame = frame.with_columns(
            spot=pl.lit(spot, dtype=pl.UInt32), grade=pl.lit(grade, dtype=pl.UInt8)
        )
        with self._lock:
            self._pending.append(frame)
            self._held += frame.height
            if self._held > _PENDING:
                self._settle()

    def _settle(self) -> pl.DataFrame:
        frame = pl.concat([pl.DataFrame(schema=_SCHEMA), *self._pending]).unique()
        self._pending, self._held = [frame], 0
        return frame

    def hits(self) -> tuple[pl.DataFrame, tuple[Origin, ...]]:
        """Return what is truly there: `probe`, `confirm`, `spot`, `grade`, `origin`, all distinct.

        `origin` numbers the origins that are returned beside.
        """
        candidates = self._settle().sort("probe")
        known = candidates["probe"].unique(maintain_order=True).to_numpy()
        frames = [pl.DataFrame(schema={**_SCHEMA, "origin": pl.UInt32})]
        for number, (_, prints) in enumerate(self._sought):
            there = [_among(part, known) for part in prints.parts(self._key)]
            found = np.concatenate([EMPTY, *there], axis=1)
            frame = pl.DataFrame({"probe": found[0], "confirm": found[1]}).unique()
            frames.append(
                candidates.join(frame, on=["probe", "confirm"], how="inner").with_columns(
                    origin=pl.lit(number, dtype=pl.UInt32)
                )
            )
        return pl.concat(frames), tuple(origin for origin, _ in self._sought)


def _among(prints: Prints, known: np.ndarray[Any, np.dtype[np.uint64]]) -> Prints:
    """Return those prints whose probe is among sorted known ones."""
    if not len(known):
        return EMPTY
    at = np.searchsorted(known, prints[0])
    return prints[:, known[np.minimum(at, len(known) - 1)] == prints[0]]

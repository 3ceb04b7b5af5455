"""Search batches of values, spot by spot."""

from __future__ import annotations

import enum
import threading

import polars as pl

from masker.audit.places import Spot
from masker.audit.sieve import Sieve
from masker.audit.windows import forms
from masker.catalog import Kind
from masker.evidence.exposure import SEARCHED
from masker.evidence.fingerprints import Fingerprinter

LONG_NUMBER = 13  # digits of a number in a numeric column that is worth looking for
_NUMERIC = frozenset({Kind.INTEGER, Kind.DECIMAL})
_TEXTS = SEARCHED | {Kind.TSVECTOR, Kind.COMPOSITE, Kind.OTHER, Kind.RANGE}


class Grade(enum.IntEnum):
    """What a form that was looked up may be taken for."""

    WHOLE = 0  # anything
    PART = 1  # what identifies directly
    NUMBER = 2  # a bare number


class Search:
    """What is searched, and the figures of it; several threads may look at once."""

    def __init__(self, sieve: Sieve, fingerprint: Fingerprinter) -> None:
        self._sieve = sieve
        self._fingerprint = fingerprint
        self._lock = threading.Lock()
        self.spots: list[Spot] = []

    def add(self, spot: Spot) -> int:
        """Name a spot and return its number."""
        self.spots.append(spot)
        return len(self.spots) - 1

    def look(self, values: pl.Series, *, spot: int, kind: Kind = Kind.TEXT) -> None:
        """Search a batch of plain values of a spot, nulls allowed."""
        there = self.spots[spot]
        if kind in _NUMERIC:
            values = values.filter(values.str.len_bytes() >= LONG_NUMBER)
        values = values.drop_nulls().unique()
        if not values.len():
            return
        with self._lock:
            there.searched += values.len()
        for found in forms(values):
            if found.number:
                grade = Grade.NUMBER
                digits = found.texts.filter(~found.texts.str.contains("[a-z]"))
                with self._lock:
                    for length, count in digits.str.len_bytes().value_counts().iter_rows():
                        there.numbers[length] = there.numbers.get(length, 0) + count
            else:
                grade = Grade.WHOLE if found.whole else Grade.PART
            self._sieve.look(self._fingerprint(found.texts), spot=spot, grade=grade)


def is_searched(kind: Kind) -> bool:
    """Tell whether values of a kind are searched: texts, and long numbers."""
    return kind in _TEXTS or kind in _NUMERIC

"""Rows from a cursor in batches of about so many bytes, whatever their sizes are."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from itertools import chain
from typing import Any

Row = tuple[Any, ...]

BATCH_BYTES = 4 << 20
_STEP = 512  # rows fetched at a time, fewer where they are large


def batches(cursor: sqlite3.Cursor, batch_bytes: int = BATCH_BYTES) -> Iterator[list[Row]]:
    """Yield all rows of a cursor; a batch ends with the step that fills it."""
    held: list[Row] = []
    size, step = 0, _STEP
    while rows := cursor.fetchmany(step):
        held += rows
        grown = sum(map(sys.getsizeof, chain.from_iterable(rows)))
        size += grown
        if size >= batch_bytes:
            yield held
            held, size = [], 0
        step = max(1, min(_STEP, (batch_bytes - size) * len(rows) // max(grown, 1)))
    if held:
        yield held

"""Values that travel to SQLite as bind parameters in bounded lists, never in a statement's text."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from masker.engines.rows import Ids
from masker.engines.sqlite.session import Session
from masker.engines.sqlite.values import has_broken_text

MOST_NUMBERS = 1 << 16  # row numbers given at a time: some 600 kilobytes of text
MOST_VALUES = 1 << 14
_PLAIN = "?"
_BYTES = "CAST(? AS TEXT)"  # of text that is no UTF-8, which sqlite3 does not bind as text


def numbers(ids: Ids) -> str:
    """Return row numbers as one parameter for `json_each(?)`."""
    return json.dumps(ids.tolist(), separators=(",", ":"))


def chunks(ids: Ids, most: int = MOST_NUMBERS) -> Iterator[Ids]:
    """Cut row numbers into parts that are given at once."""
    for start in range(0, len(ids), most):
        yield ids[start : start + most]


def room(session: Session, width: int) -> int:
    """Return how many rows of so many values one statement takes."""
    limit = session.raw.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER)
    return max(1, min(limit, MOST_VALUES) // max(width, 1))


def values(rows: Sequence[Sequence[Any]]) -> tuple[str, list[Any]]:
    """Return rows as `VALUES (?, …), …` with their parameters; its columns are `column1`, ….

    Every value keeps its class.
    """
    width = len(rows[0])
    params = list(chain.from_iterable(rows))
    if not any(has_broken_text([params])):
        row = f"({', '.join([_PLAIN] * width)})"
        return f"VALUES {', '.join([row] * len(rows))}", params
    pairs = [_bound(value) for value in params]
    marks = [mark for mark, _ in pairs]
    parts = (f"({', '.join(marks[n : n + width])})" for n in range(0, len(marks), width))
    return f"VALUES {', '.join(parts)}", [param for _, param in pairs]


def _bound(value: Any) -> tuple[str, Any]:
    if isinstance(value, str):
        raw = value.encode("utf-8", "surrogateescape")
        try:
            raw.decode()
        except UnicodeDecodeError:
            return _BYTES, raw
    return _PLAIN, value

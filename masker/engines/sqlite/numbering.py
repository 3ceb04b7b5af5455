"""Numbers for the rows of a table WITHOUT ROWID: their places in the order of the primary key.

Within one snapshot that order does not change. Every so many rows one key is remembered, so that
a number leads to its row, and a row to its number, by reading a short stretch of the table: memory
is a small share of the keys', and nothing is written to the file.
"""

from __future__ import annotations

import sqlite3
import weakref
from collections.abc import Iterator, Sequence
from itertools import compress
from typing import Any

import numpy as np

from masker.catalog import TableName
from masker.engines.rows import NO_IDS, Ids
from masker.engines.sqlite import given
from masker.engines.sqlite import layout as lay
from masker.engines.sqlite.fetch import Row, batches
from masker.engines.sqlite.layout import Layout
from masker.engines.sqlite.session import Session, quote

STRIDE = 256  # rows between two keys that are remembered


class Numbering:
    """The numbers of one table's rows, from 0 to `count`; the table is read once for them."""

    def __init__(self, session: Session, table: TableName, layout: Layout) -> None:
        self._session = session
        self._table = table
        self._names = [name for name, _ in layout.key]
        self._order = layout.compared()
        self._width = len(self._names)
        self._anchors = self._read_anchors()
        self._places = _places(self._anchors, [collation for _, collation in layout.key])
        weakref.finalize(self, self._places.close)

    def _read_anchors(self) -> list[Row]:
        rows = f"SELECT {', '.join(map(quote, self._names))} FROM {self._by_key()}"
        anchors: list[Row] = []
        self.count = 0
        with self._session.cursor(f"numbering rows of {self._table}", rows) as cursor:
            while stretch := cursor.fetchmany(STRIDE):
                anchors.append(stretch[0])
                self.count += len(stretch)
        return anchors

    def _by_key(self, where: str = "") -> str:
        condition = f" WHERE {where}" if where else ""
        return f"{lay.sql(self._table)}{condition} ORDER BY {', '.join(self._order)}"

    def of(self, keys: Sequence[Row]) -> Ids:
        """Return the numbers of the rows with these keys, which must be there."""
        if not keys:
            return NO_IDS
        found: list[Ids] = []
        size = given.room(self._session, 1 + 2 * self._width)
        for start in range(0, len(keys), size):
            part = keys[start : start + size]
            blocks = self._blocks(part)
            anchors = [self._anchors[block] for block in blocks]
            found.append(blocks * STRIDE + self._steps(anchors, part))
        return np.concatenate(found)

    def _blocks(self, keys: Sequence[Row]) -> Ids:
        """Return for each key the last remembered one that does not come after it."""
        rows, params = given.values(keys)
        mine = ", ".join(f"k{n}" for n in range(self._width))
        theirs = ", ".join(f"v.column{n + 1}" for n in range(self._width))
        last = ", ".join(f"k{n} DESC" for n in range(self._width))
        answer = self._places.execute(
            f"SELECT (SELECT n FROM anchor WHERE ({mine}) <= ({theirs}) ORDER BY {last} LIMIT 1) "
            f"FROM ({rows}) v",
            params,
        )
        return _first(answer.fetchall())

    def _steps(self, anchors: Sequence[Row], keys: Sequence[Row]) -> Ids:
        """Return for each key how many rows stand between its anchor and itself."""
        pairs = [(*anchor, *key) for anchor, key in zip(anchors, keys, strict=True)]
        rows, params = given.values(pairs)
        low = ", ".join(f"v.column{n + 1}" for n in range(self._width))
        high = ", ".join(f"v.column{n + 1 + self._width}" for n in range(self._width))
        mine = f"({', '.join(self._order)})"
        counted = self._session.query(
            f"SELECT (SELECT count(*) FROM {lay.sql(self._table)} "
            f"WHERE {mine} >= ({low}) AND {mine} < ({high})) FROM ({rows}) v",
            params,
        )
        return _first(counted)

    def rows(self, ids: Ids, columns: Sequence[str]) -> Iterator[tuple[Ids, list[Row]]]:
        """Yield columns, given as SQL, of rows by number, in the order of the key."""
        wanted = np.unique(ids)
        blocks = np.unique(wanted // STRIDE)
        # Neighbouring stretches are read in one go.
        cuts = np.flatnonzero(np.diff(blocks) > 1) + 1
        for run in np.split(blocks, cuts) if len(blocks) else ():
            yield from self._stretch(wanted, int(run[0]), len(run), columns)

    def keys(self, ids: Ids) -> Iterator[tuple[Ids, list[Row]]]:
        """Yield the keys of rows by number."""
        return self.rows(ids, [quote(name) for name in self._names])

    def _stretch(
        self, wanted: Ids, first: int, count: int, columns: Sequence[str]
    ) -> Iterator[tuple[Ids, list[Row]]]:
        anchor, params = given.values([self._anchors[first]])
        where = f"({', '.join(self._order)}) >= {anchor.removeprefix('VALUES ')}"
        rows = (
            f"SELECT {', '.join(columns) or 'NULL'} FROM {self._by_key(where)} "
            f"LIMIT {count * STRIDE}"
        )
        place = first * STRIDE
        with self._session.cursor(f"reading rows of {self._table}", rows, params) as cursor:
            for batch in batches(cursor):
                numbers = np.arange(place, place + len(batch), dtype=np.int64)
                place += len(batch)
                mine = np.isin(numbers, wanted, assume_unique=True)
                if mine.any():
                    yield numbers[mine], list(compress(batch, mine.tolist()))


def _places(anchors: Sequence[Row], collations: Sequence[str]) -> sqlite3.Connection:
    """Return a database in memory that finds the remembered key before another one."""
    places = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    columns = ", ".join(f"k{n} COLLATE {quote(c)}" for n, c in enumerate(collations))
    names = ", ".join(f"k{n}" for n in range(len(collations)))
    places.execute(
        f"CREATE TABLE anchor ({columns}, n INTEGER, PRIMARY KEY ({names})) WITHOUT ROWID"
    )
    rows: list[tuple[Any, ...]] = [(*key, n) for n, key in enumerate(anchors)]
    size = max(1, given.MOST_VALUES // (len(collations) + 1))
    for start in range(0, len(rows), size):
        inserted, params = given.values(rows[start : start + size])
        places.execute(f"INSERT INTO anchor {inserted}", params)
    return places


def _first(rows: Sequence[Row]) -> Ids:
    return np.fromiter((number for (number,) in rows), dtype=np.int64, count=len(rows))

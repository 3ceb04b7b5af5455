"""What a subset asks of an engine: rows by number, by key and by the links between them.

Each row of a table has a number, which holds as long as the snapshot does and never leaves the
run: PostgreSQL's place of the row (ctid), SQLite's rowid. So a set of rows is eight bytes a row
whatever the table's key is, and a table without a key is like every other. Whatever must be the
same on all engines (samples, limits) goes by the text of the row's key.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
import polars as pl

from masker.catalog import TableName
from masker.catalog.links import Link

Ids = npt.NDArray[np.int64]
NO_IDS: Ids = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Rows of one table that holds rows: their numbers, in any order.

    `parents` are the numbers of the rows they were reached from, `values` the columns asked for,
    as text and in the order asked for.
    """

    table: TableName
    ids: Ids
    parents: Ids | None = None
    values: pl.DataFrame | None = None


class Rows(Protocol):
    """Rows of one snapshot. A partitioned table's rows come from all of its partitions.

    `where` is a condition in the engine's SQL. Nothing is written, and no key is part of a
    statement's text. An answer is read to its end before the next question.
    """

    def scan(
        self, table: TableName, columns: Sequence[str] = (), *, where: str | None = None
    ) -> Iterator[Batch]:
        """Yield every row, with the values of these columns."""
        ...

    def keys(
        self, table: TableName, columns: Sequence[str], *, where: str | None = None
    ) -> Iterator[pl.DataFrame]:
        """Yield the values of every row's key and nothing else: an index alone may answer."""
        ...

    def find(self, table: TableName, keys: pl.DataFrame) -> Iterator[Batch]:
        """Yield the rows with these keys; the frame's columns are the key's, as text."""
        ...

    def newest(
        self, table: TableName, by: str, count: int, *, key: Sequence[str], where: str | None = None
    ) -> Iterator[Batch]:
        """Yield the rows with the greatest values of a column, ties broken by the key."""
        ...

    def children(
        self, link: Link, parent: TableName, ids: Ids, *, columns: Sequence[str] = ()
    ) -> Iterator[Batch]:
        """Yield the rows that refer to these rows of a parent, with `parents`."""
        ...

    def parents(self, link: Link, table: TableName, ids: Ids) -> Iterator[Batch]:
        """Yield the rows that these rows of a child refer to; one may come more than once."""
        ...

    def read(self, table: TableName, ids: Ids, columns: Sequence[str]) -> Iterator[Batch]:
        """Yield rows by number, with the values of these columns."""
        ...

    def meeting(self, table: TableName, ids: Ids, *, where: str) -> Ids:
        """Return those of these rows that meet a condition."""
        ...

    def count(self, table: TableName, *, most: int) -> int:
        """Count a table's rows, but no further than one above `most`."""
        ...

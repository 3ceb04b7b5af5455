"""Rows of a SQLite snapshot, as a subset asks for them (`engines/rows.py`).

A row's number is its rowid, and in a table WITHOUT ROWID its place in the order of the primary key
(`numbering.py`).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from masker.catalog import Catalog, Kind, Table, TableName
from masker.catalog.links import Link
from masker.engines.rows import NO_IDS, Batch, Ids
from masker.engines.sqlite import given
from masker.engines.sqlite import layout as lay
from masker.engines.sqlite.fetch import Row, batches
from masker.engines.sqlite.joins import equal
from masker.engines.sqlite.places import Places
from masker.engines.sqlite.session import Session, quote
from masker.engines.sqlite.values import STORAGE, stored_as, to_text

_INDEXED = """
SELECT t.name, x.name FROM pragma_table_list t, pragma_index_list(t.name, 'main') l,
       pragma_index_xinfo(l.name, 'main') x
WHERE t.schema = 'main' AND NOT l.partial AND x.seqno = 0 AND x.name IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class _Given:
    """A condition that some rows of a table meet, and its bind parameters."""

    sql: str
    params: Sequence[object]


class SqliteRows:
    """Rows of the transaction that is open on a session; see `engines/rows.py` for the questions.

    `max_duration` is the longest a single question may take, in seconds; `places` what is known
    already of how tables number their rows.
    """

    def __init__(
        self,
        session: Session,
        catalog: Catalog,
        *,
        places: Places | None = None,
        max_duration: float | None = None,
    ) -> None:
        self._session = session
        self._catalog = catalog
        self._max_duration = max_duration
        self._places = places or Places(session)
        self._classes: dict[tuple[TableName, str], set[str]] = {}
        self._indexed = set(session.query(_INDEXED))

    # -- rows by themselves ----------------------------------------------------------------------

    def scan(
        self, table: TableName, columns: Sequence[str] = (), *, where: str | None = None
    ) -> Iterator[Batch]:
        """Yield every row, with the values of these columns."""
        wanted = ", ".join([*self._places.names("t", table), *_columns("t", columns)])
        rows = f"SELECT {wanted} FROM {lay.sql(table)} t{_where(where)}"
        yield from self._ask(rows, (), f"reading rows of {table}", table, columns=columns)

    def keys(
        self, table: TableName, columns: Sequence[str], *, where: str | None = None
    ) -> Iterator[pl.DataFrame]:
        """Yield the values of every row's key and nothing else: an index alone may answer."""
        wanted = ", ".join(_columns("t", columns))
        rows = f"SELECT {wanted} FROM {lay.sql(table)} t{_where(where)}"
        seen: list[set[type]] = [set() for _ in columns]
        for batch in self._batches(rows, (), f"reading keys of {table}"):
            values = list(zip(*batch, strict=True))
            for classes, column in zip(seen, values, strict=True):
                classes.update(map(type, column))
            yield self._frame(table, columns, values)
        for name, classes in zip(columns, seen, strict=True):
            found = {STORAGE[one] for one in classes if one in STORAGE}
            self._classes.setdefault((table, name), set()).update(found)

    def find(self, table: TableName, keys: pl.DataFrame) -> Iterator[Batch]:
        """Yield the rows with these keys; the frame's columns are the key's, as text.

        Equal texts of different classes, 1 and '1', are one key here.
        """
        wanted = ", ".join(self._places.names("t", table))
        classes = [self._classes_of(table, name) for name in keys.columns]
        kinds = [self._catalog.table(table).column(name).type.kind for name in keys.columns]
        for some in keys.iter_slices(given.room(self._session, keys.width)):
            for each in itertools.product(*classes):
                asked = _typed(some, each, kinds)
                if not asked:
                    continue
                rows, params = given.values(asked)
                on = " AND ".join(map(_same, itertools.count(), keys.columns, each))
                select = (
                    f"SELECT {wanted} FROM (SELECT DISTINCT * FROM ({rows})) k "
                    f"CROSS JOIN {lay.sql(table)} t ON {on}"
                )
                yield from self._ask(select, params, f"finding rows of {table}", table)

    def _classes_of(self, table: TableName, column: str) -> set[str]:
        """Return the storage classes in a column, as `keys` has seen them, else by asking."""
        if (table, column) not in self._classes:
            rows = f"SELECT DISTINCT typeof({quote(column)}) FROM {lay.sql(table)}"
            self._classes[table, column] = {found for (found,) in self._session.query(rows)}
        return self._classes[table, column] - {"null"}

    def newest(
        self, table: TableName, by: str, count: int, *, key: Sequence[str], where: str | None = None
    ) -> Iterator[Batch]:
        """Yield the rows with the greatest values of a column, ties broken by the key."""
        ties = [f"t.{quote(name)} COLLATE BINARY" for name in key]
        numbers = self._places.names("t", table)
        order = ", ".join([f"t.{quote(by)} DESC NULLS LAST", *ties, *numbers])
        rows = (
            f"SELECT {', '.join(numbers)} FROM {lay.sql(table)} t{_where(where)} "
            f"ORDER BY {order} LIMIT {count}"
        )
        yield from self._ask(rows, (), f"reading the newest rows of {table}", table)

    def read(self, table: TableName, ids: Ids, columns: Sequence[str]) -> Iterator[Batch]:
        """Yield rows by number, with the values of these columns."""
        wanted = [quote(name) for name in columns]
        with self._session.limited(f"reading rows of {table}", self._max_duration):
            for numbers, batch in self._places.rows(table, ids, wanted):
                yield Batch(
                    table=table,
                    ids=numbers,
                    values=self._frame(table, columns, list(zip(*batch, strict=True)))
                    if columns
                    else None,
                )

    def meeting(self, table: TableName, ids: Ids, *, where: str) -> Ids:
        """Return those of these rows that meet a condition."""
        found: list[Ids] = []
        numbers = ", ".join(self._places.names("t", table))
        for some in self._given(table, ids, "t"):
            rows = f"SELECT {numbers} FROM {lay.sql(table)} t{_where(where, some.sql)}"
            what = f"reading rows of {table}"
            found += [batch.ids for batch in self._ask(rows, some.params, what, table)]
        return np.concatenate(found) if found else NO_IDS

    def count(self, table: TableName, *, most: int) -> int:
        """Count a table's rows, but no further than one above `most`."""
        rows = f"SELECT 1 FROM {lay.sql(table)} LIMIT {most + 1}"
        found: int = self._session.one(f"SELECT count(*) FROM ({rows})")
        return found

    # -- rows by links ---------------------------------------------------------------------------

    def children(
        self, link: Link, parent: TableName, ids: Ids, *, columns: Sequence[str] = ()
    ) -> Iterator[Batch]:
        """Yield the rows that refer to these rows of a parent, with `parents`."""
        wanted = ", ".join(
            [
                *self._places.names("c", link.table),
                *self._places.names("p", parent),
                *_columns("c", columns),
            ]
        )
        on, meant = self._on(link, parent)
        one, other = f"{lay.sql(parent)} p", f"{lay.sql(link.table)} c"
        if not self._is_probed(link):
            # Without an index the child is read once, and each row looks for its parent.
            one, other = other, one
        for some in self._given(parent, ids, "p"):
            # CROSS JOIN keeps the order: SQLite may turn every other join around.
            rows = f"SELECT {wanted} FROM {one} CROSS JOIN {other} WHERE {some.sql} AND {on}"
            yield from self._ask(
                rows,
                [*some.params, *meant],
                f"reading rows along {link}",
                link.table,
                parent=parent,
                columns=columns,
            )

    def parents(self, link: Link, table: TableName, ids: Ids) -> Iterator[Batch]:
        """Yield the rows that these rows of a child refer to; one may come more than once."""
        wanted = ", ".join(self._places.names("p", link.parent))
        on, meant = self._on(link, link.parent)
        for some in self._given(table, ids, "c"):
            rows = (
                f"SELECT DISTINCT {wanted} FROM {lay.sql(table)} c "
                f"CROSS JOIN {lay.sql(link.parent)} p WHERE {some.sql} AND {on}"
            )
            params = [*some.params, *meant]
            yield from self._ask(rows, params, f"reading rows along {link}", link.parent)

    def _is_probed(self, link: Link) -> bool:
        """Tell whether an index leads from a parent to its children."""
        return self._places.layout(link.table).alias in link.columns or any(
            (link.table.name, column) in self._indexed for column in link.columns
        )

    def _on(self, link: Link, parent: TableName) -> tuple[str, list[str]]:
        on = equal(link, self._catalog.table(link.table), self._catalog.table(parent))
        if link.when is None:
            return on, []
        column, value = link.when
        return f"{on} AND CAST(c.{quote(column)} AS TEXT) = ?", [value]

    # -- rows that are given ---------------------------------------------------------------------

    def _given(self, table: TableName, ids: Ids, alias: str) -> Iterator[_Given]:
        """Yield conditions that these rows of a table meet, in bounded lists."""
        layout = self._places.layout(table)
        mine = self._places.names(alias, table)
        if layout.rowid is not None:
            for part in given.chunks(ids):
                condition = f"{mine[0]} IN (SELECT value FROM json_each(?))"
                yield _Given(condition, [given.numbers(part)])
            return
        compared = layout.compared(alias)
        one = compared[0] if len(compared) == 1 else f"({', '.join(compared)})"
        size = given.room(self._session, len(mine))
        for _, keys in self._places.numbering(table).keys(ids):
            for start in range(0, len(keys), size):
                rows, params = given.values(keys[start : start + size])
                # VALUES alone would be read through for every row of the table.
                yield _Given(f"{one} IN (SELECT * FROM ({rows}))", params)

    # -- asking ----------------------------------------------------------------------------------

    def _numbered(self, table: TableName, values: Sequence[Row]) -> Ids:
        """Return the numbers of rows from the columns that name them."""
        if self._places.layout(table).rowid is not None:
            return np.array(values[0], dtype=np.int64)
        return self._places.numbering(table).of(list(zip(*values, strict=True)))

    def _batches(self, rows: str, params: Sequence[object], what: str) -> Iterator[list[Row]]:
        with (
            self._session.limited(what, self._max_duration),
            self._session.cursor(what, rows, params) as cursor,
        ):
            yield from batches(cursor)

    def _ask(
        self,
        rows: str,
        params: Sequence[object],
        what: str,
        table: TableName,
        *,
        parent: TableName | None = None,
        columns: Sequence[str] = (),
    ) -> Iterator[Batch]:
        mine = len(self._places.names("", table))
        theirs = mine + (len(self._places.names("", parent)) if parent is not None else 0)
        for batch in self._batches(rows, params, what):
            values = list(zip(*batch, strict=True))
            yield Batch(
                table=table,
                ids=self._numbered(table, values[:mine]),
                parents=None if parent is None else self._numbered(parent, values[mine:theirs]),
                values=self._frame(table, columns, values[theirs:]) if columns else None,
            )

    def _frame(
        self, table: TableName, columns: Sequence[str], values: Sequence[Row]
    ) -> pl.DataFrame:
        known: Table = self._catalog.table(table)
        return pl.DataFrame(
            [
                to_text(name, column, known.column(name).type.kind)
                for name, column in zip(columns, values, strict=True)
            ]
        )


def _typed(keys: pl.DataFrame, classes: Sequence[str], kinds: Sequence[Kind]) -> list[Row]:
    """Return keys as values of these storage classes; those that none of them can be are left."""
    columns = [
        [None if text is None else stored_as(text, storage, kind) for text in keys[name].to_list()]
        for name, storage, kind in zip(keys.columns, classes, kinds, strict=True)
    ]
    return [row for row in zip(*columns, strict=True) if None not in row]


def _same(place: int, column: str, storage: str) -> str:
    """Return the condition that a column of `t` holds the very value given as a key."""
    mine, theirs = f"t.{quote(column)}", f"k.column{place + 1}"
    # The first part may use an index, whose collation may take other letters for equal; and
    # numbers are equal whatever their class is.
    exact = f"{mine} = {theirs} COLLATE BINARY" if storage == "text" else "true"
    return f"{mine} = {theirs} AND {exact} AND typeof({mine}) = '{storage}'"


def _columns(alias: str, names: Sequence[str]) -> list[str]:
    return [f"{alias}.{quote(name)}" for name in names]


def _where(condition: str | None, *more: str) -> str:
    # The newline ends a comment that the condition may end with.
    every = [*more, *([f"({condition}\n)"] if condition is not None else [])]
    return f" WHERE {' AND '.join(every)}" if every else ""

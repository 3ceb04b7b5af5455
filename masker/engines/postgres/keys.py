"""Rows of a PostgreSQL snapshot, as a subset asks for them (`engines/rows.py`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from masker.catalog import Catalog, Column, Kind, TableName
from masker.catalog.links import Link
from masker.engines.postgres import copytext
from masker.engines.postgres.numbers import GIVEN, array, chunks, give, numbers
from masker.engines.postgres.read import stream
from masker.engines.postgres.session import Session, literal, quote
from masker.engines.rows import NO_IDS, Batch, Ids

# A probe of an index costs about as much as reading so many rows in a row: below that many rows
# for each given one the server is told to probe, above it may choose.
_ROWS_PER_PROBE = 20
_PROBE = ("enable_seqscan", "enable_hashjoin", "enable_mergejoin")
_QUIET = (("jit", "off"), ("max_parallel_workers_per_gather", "0"))  # one core of production
_BATCH_BYTES = 4 << 20
_NUMBERS = frozenset({Kind.INTEGER, Kind.DECIMAL})

_OIDS = """
SELECT c.oid, n.nspname, c.relname FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND n.nspname = ANY(%s)
"""
# The first column of every index that can be asked for equal values.
_INDEXES = """
SELECT DISTINCT n.nspname, c.relname, a.attname
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
JOIN pg_catalog.pg_am m ON m.oid = x.relam AND m.amname IN ('btree', 'hash')
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
WHERE i.indisvalid AND i.indpred IS NULL AND n.nspname = ANY(%s)
"""
# Types such as citext bring their own `=`, which an empty search path does not find.
_OPERATORS = """
SELECT n.nspname, c.relname, k.conname,
       ARRAY(SELECT format('OPERATOR(%%I.%%s)', s.nspname, o.oprname)
             FROM unnest(k.conpfeqop) WITH ORDINALITY AS each(oid, place)
             JOIN pg_catalog.pg_operator o ON o.oid = each.oid
             JOIN pg_catalog.pg_namespace s ON s.oid = o.oprnamespace ORDER BY each.place)
FROM pg_catalog.pg_constraint k
JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE k.contype = 'f' AND n.nspname = ANY(%s)
"""


@dataclass(frozen=True, slots=True)
class _Found:
    """What the columns of an answer are, in their order, before the values."""

    holder: TableName | None  # None: the first column is the table's oid
    parents: bool = False


class PostgresRows:
    """Rows of the transaction that is open on a session; see `engines/rows.py` for the questions.

    `max_duration` is the longest a single question may take, in seconds; `encoding` the true one
    of a SQL_ASCII database.
    """

    def __init__(
        self,
        session: Session,
        catalog: Catalog,
        *,
        max_duration: float | None = None,
        encoding: str | None = None,
    ) -> None:
        self._session = session
        self._catalog = catalog
        self._max_duration = max_duration
        self._encoding = encoding
        self._given: tuple[Ids, bool] | None = None
        schemas = list({table.name.schema for table in catalog.tables})
        self._tables = {
            str(oid): TableName(schema, name)
            for oid, schema, name in session.query(_OIDS, [schemas])
        }
        self._indexed = {
            (TableName(schema, name), column)
            for schema, name, column in session.query(_INDEXES, [schemas])
        }
        self._operators = {
            (TableName(schema, name), constraint): tuple(operators)
            for schema, name, constraint, operators in session.query(_OPERATORS, [schemas])
        }

    # -- rows by themselves ----------------------------------------------------------------------

    def scan(
        self, table: TableName, columns: Sequence[str] = (), *, where: str | None = None
    ) -> Iterator[Batch]:
        """Yield every row, with the values of these columns."""
        self._give(NO_IDS, probe=False)
        holder = self._holder(table)
        wanted = ", ".join([*self._places("", holder), *_columns("", columns)])
        rows = f"SELECT {wanted} FROM {self._from(table)}{_where(where)}"
        yield from self._ask(rows, f"reading rows of {table}", _Found(holder), columns)

    def keys(
        self, table: TableName, columns: Sequence[str], *, where: str | None = None
    ) -> Iterator[pl.DataFrame]:
        """Yield the values of every row's key and nothing else: an index alone may answer."""
        self._give(NO_IDS, probe=False)
        wanted = ", ".join(_columns("", columns))
        rows = f"SELECT {wanted} FROM {self._from(table)}{_where(where)}"
        for block in self._blocks(rows, f"reading keys of {table}"):
            yield _decoded(copytext.parse(block, list(columns)))

    def find(self, table: TableName, keys: pl.DataFrame) -> Iterator[Batch]:
        """Yield the rows with these keys; the frame's columns are the key's, as text."""
        holder = self._holder(table)
        known = self._catalog.table(table)
        names = [f"masker.key{number}" for number in range(keys.width)]
        given = ", ".join(
            f"current_setting('{name}')::{known.column(column).type.name}[]"
            for name, column in zip(names, keys.columns, strict=True)
        )
        on = " AND ".join(
            f"t.{quote(column)} = k.k{number}" for number, column in enumerate(keys.columns)
        )
        aliases = ", ".join(f"k{number}" for number in range(keys.width))
        wanted = ", ".join(self._places("t", holder))
        rows = (
            f"SELECT {wanted} FROM unnest({given}) k({aliases}) JOIN {self._from(table)} t ON {on}"
        )
        for part in chunks(np.arange(keys.height)):
            some = keys[int(part[0]) : int(part[-1]) + 1]
            arrays = [
                (name, array(some[column]))
                for name, column in zip(names, keys.columns, strict=True)
            ]
            self._give(NO_IDS, *arrays, probe=self._is_few(table, keys.columns, some.height))
            yield from self._ask(rows, f"finding rows of {table}", _Found(holder))
        self._give(NO_IDS, *((name, "{}") for name in names), probe=False)

    def newest(
        self, table: TableName, by: str, count: int, *, key: Sequence[str], where: str | None = None
    ) -> Iterator[Batch]:
        """Yield the rows with the greatest values of a column, ties broken by the key."""
        self._give(NO_IDS, probe=False)
        holder = self._holder(table)
        known = self._catalog.table(table)
        ties = [
            quote(name) + (' COLLATE "C"' if known.column(name).type.kind is Kind.TEXT else "")
            for name in key
        ]
        order = ", ".join([f"{quote(by)} DESC NULLS LAST", *ties, "tableoid", "ctid"])
        wanted = ", ".join(self._places("", holder))
        rows = (
            f"SELECT {wanted} FROM {self._from(table)}{_where(where)} "
            f"ORDER BY {order} LIMIT {count}"
        )
        yield from self._ask(rows, f"reading the newest rows of {table}", _Found(holder))

    def read(self, table: TableName, ids: Ids, columns: Sequence[str]) -> Iterator[Batch]:
        """Yield rows by number, with the values of these columns."""
        wanted = ", ".join(["ctid", *_columns("", columns)])
        rows = f"SELECT {wanted} FROM ONLY {_name(table)} WHERE ctid = ANY({GIVEN})"
        for part in chunks(ids):
            self._give(part, probe=False)
            yield from self._ask(rows, f"reading rows of {table}", _Found(table), columns)

    def meeting(self, table: TableName, ids: Ids, *, where: str) -> Ids:
        """Return those of these rows that meet a condition."""
        rows = f"SELECT ctid FROM ONLY {_name(table)}{_where(where, f'ctid = ANY({GIVEN})')}"
        found: list[Ids] = []
        for part in chunks(ids):
            self._give(part, probe=False)
            batches = self._ask(rows, f"reading rows of {table}", _Found(table))
            found += [batch.ids for batch in batches]
        return np.concatenate(found) if found else NO_IDS

    def count(self, table: TableName, *, most: int) -> int:
        """Count a table's rows, but no further than one above `most`."""
        rows = f"SELECT FROM {self._from(table)} LIMIT {most + 1}"
        found: int = self._session.one(f"SELECT count(*) FROM ({rows}) t")
        return found

    # -- rows by links ---------------------------------------------------------------------------

    def children(
        self, link: Link, parent: TableName, ids: Ids, *, columns: Sequence[str] = ()
    ) -> Iterator[Batch]:
        """Yield the rows that refer to these rows of a parent, with `parents`."""
        holder = self._holder(link.table)
        wanted = ", ".join([*self._places("c", holder), "p.ctid", *_columns("c", columns)])
        rows = (
            f"SELECT {wanted} FROM ONLY {_name(parent)} p "
            f"JOIN {self._from(link.table)} c ON {self._on(link)}"
            f"{_where(None, f'p.ctid = ANY({GIVEN})')}"
        )
        found = _Found(holder, parents=True)
        for part in chunks(ids):
            self._give(part, probe=self._is_few(link.table, link.columns, len(part)))
            yield from self._ask(rows, f"reading rows along {link}", found, columns)

    def parents(self, link: Link, table: TableName, ids: Ids) -> Iterator[Batch]:
        """Yield the rows that these rows of a child refer to; one may come more than once."""
        holder = self._holder(link.parent)
        wanted = ", ".join(self._places("p", holder))
        referring = ", ".join(_columns("c", link.columns))
        given = [f"c.ctid = ANY({GIVEN})"]
        given += [f"c.{quote(column)} IS NOT NULL" for column in link.columns]
        given += [_meant(link)] if link.when else []
        rows = (
            f"SELECT {wanted} FROM (SELECT DISTINCT {referring} FROM ONLY {_name(table)} c "
            f"WHERE {' AND '.join(given)}) c "
            f"JOIN {self._from(link.parent)} p ON {self._equal(link)}"
        )
        for part in chunks(ids):
            self._give(part, probe=self._is_few(link.parent, link.parent_columns, len(part)))
            yield from self._ask(rows, f"reading rows along {link}", _Found(holder))

    def _on(self, link: Link) -> str:
        return f"{self._equal(link)} AND {_meant(link)}" if link.when else self._equal(link)

    def _equal(self, link: Link) -> str:
        """Return the condition that ties child `c` to parent `p`, by the key's own operators."""
        operators = self._operators.get((link.table, link.constraint), ())
        if len(operators) != len(link.columns):
            operators = ("OPERATOR(pg_catalog.=)",) * len(link.columns)
        child, parent = self._catalog.table(link.table), self._catalog.table(link.parent)
        parts = []
        for mine, theirs, operator in zip(
            link.columns, link.parent_columns, operators, strict=True
        ):
            left, right = f"p.{quote(theirs)}", f"c.{quote(mine)}"
            if not link.constraint and not _alike(child.column(mine), parent.column(theirs)):
                left, right = f"{left}::text", f"{right}::text"  # a reference may cross types
            parts.append(f"{left} {operator} {right}")
        return " AND ".join(parts)

    # -- asking ----------------------------------------------------------------------------------

    def _give(self, ids: Ids, *more: tuple[str, str], probe: bool) -> None:
        if not more and self._given is not None:
            before, mode = self._given
            if mode is probe and np.array_equal(before, ids):
                return  # several links of one table are asked about the same rows
        modes = [(name, "off" if probe else "on") for name in _PROBE]
        give(self._session, ids, *more, *modes, *_QUIET)
        self._given = ids, probe

    def _is_few(self, table: TableName, columns: Sequence[str], count: int) -> bool:
        """Tell whether rows are better looked up one by one: there is an index, and they are few.

        Without an index the table is read once for all that are given.
        """
        rows = self._catalog.table(table).rows
        return any((table, column) in self._indexed for column in columns) and (
            rows is None or count * _ROWS_PER_PROBE < rows
        )

    def _holder(self, table: TableName) -> TableName | None:
        return table if self._catalog.table(table).holds_rows else None

    def _places(self, alias: str, holder: TableName | None) -> list[str]:
        front = f"{alias}." if alias else ""
        return [f"{front}ctid"] if holder is not None else [f"{front}tableoid", f"{front}ctid"]

    def _from(self, table: TableName) -> str:
        only = "ONLY " if self._holder(table) is not None else ""
        return f"{only}{_name(table)}"

    def _blocks(self, rows: str, what: str) -> Iterator[bytes]:
        option = " WITH (ENCODING 'SQL_ASCII')" if self._encoding is not None else ""
        return stream(
            self._session,
            f"COPY ({rows}) TO STDOUT{option}",
            what=what,
            batch_bytes=_BATCH_BYTES,
            max_duration=self._max_duration,
            encoding=self._encoding,
        )

    def _ask(
        self, rows: str, what: str, found: _Found, columns: Sequence[str] = ()
    ) -> Iterator[Batch]:
        front = [*([] if found.holder else ["0"]), "1", *(["2"] if found.parents else [])]
        # Names of ours are digits, those of columns begin with another sign.
        names = [*front, *(f":{column}" for column in columns)]
        for block in self._blocks(rows, what):
            frame = copytext.parse(block, names)
            if found.holder is not None:
                yield _batch(frame, found.holder, columns, parents=found.parents)
                continue
            for (oid,), part in frame.group_by("0", maintain_order=True):
                table = self._tables.get(str(oid))
                if table is not None:
                    yield _batch(part, table, columns, parents=found.parents)


def _batch(
    frame: pl.DataFrame, table: TableName, columns: Sequence[str], *, parents: bool
) -> Batch:
    values = None
    if columns:
        values = _decoded(frame.select(f":{column}" for column in columns))
        values.columns = list(columns)
    return Batch(
        table=table,
        ids=numbers(frame["1"]),
        parents=numbers(frame["2"]) if parents else None,
        values=values,
    )


def _decoded(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(copytext.decode(values) for values in frame)


def _columns(alias: str, names: Sequence[str]) -> list[str]:
    front = f"{alias}." if alias else ""
    return [f"{front}{quote(name)}" for name in names]


def _alike(one: Column, other: Column) -> bool:
    """Tell whether the server compares two columns as they are."""
    kinds = {one.type.kind, other.type.kind}
    return one.type.base == other.type.base or kinds <= _NUMBERS or kinds == {Kind.TEXT}


def _meant(link: Link) -> str:
    """Return the condition that a row's type is the link's, for a reference of several types."""
    column, value = link.when or ("", "")
    return f"c.{quote(column)}::text = {literal(value)}"


def _where(condition: str | None, *more: str) -> str:
    # The newline ends a comment that the condition may end with.
    every = [*more, *([f"({condition}\n)"] if condition is not None else [])]
    return f" WHERE {' AND '.join(every)}" if every else ""


def _name(table: TableName) -> str:
    return quote(table.schema, table.name)

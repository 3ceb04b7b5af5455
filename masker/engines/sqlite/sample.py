"""Read a random sample of a table's rows, from all over it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from masker.catalog import Column, Kind, Table
from masker.engines.rows import Ids
from masker.engines.sampled import CHARACTERS, DOCUMENTS, LONG, Sampled
from masker.engines.sqlite import given
from masker.engines.sqlite import layout as lay
from masker.engines.sqlite.fetch import Row
from masker.engines.sqlite.places import Places
from masker.engines.sqlite.session import Session, quote
from masker.engines.sqlite.values import to_text

LISTED = 1 << 20  # rows whose numbers are listed, so that each is as likely as every other
_BYTES = 4 * CHARACTERS  # as many as so many characters of UTF-8 take at most
_TIMES = 2  # more rowids drawn than rows are wanted: of two that fall into one gap one is left


def sample(
    session: Session,
    places: Places,
    table: Table,
    columns: Sequence[Column],
    *,
    rows: int,
    seed: int,
) -> Sampled:
    """Read about `rows` random rows of a table, their values cut to 2,000 characters.

    `seed` draws them. In a table of more than a million rows those behind a gap of deleted rows
    are likelier than others.
    """
    ids, whole = _drawn(session, places, table, rows=rows, rng=np.random.default_rng(seed))
    shown = [_shown(column) for column in columns]
    wide = [_is_long(column) for column in columns]
    found = [row for _, part in places.rows(table.name, ids, [*shown, *wide]) for row in part]
    values = list(zip(*found, strict=True)) if found else [()] * (2 * len(columns))
    plain = [_plain(column, each) for column, each in zip(columns, values, strict=False)]
    long = values[len(columns) :]
    return Sampled(
        rows=pl.DataFrame([series for series, _ in plain]),
        whole=whole,
        long=frozenset(c.name for c, each in zip(columns, long, strict=True) if any(each)),
        broken=frozenset(series.name for series, broken in plain if broken),
    )


def _drawn(
    session: Session, places: Places, table: Table, *, rows: int, rng: np.random.Generator
) -> tuple[Ids, bool]:
    """Return the numbers of some rows, and whether these are all there are."""
    if places.layout(table.name).rowid is None:
        count = places.numbering(table.name).count
        return _choice(np.arange(count, dtype=np.int64), rows, rng), count <= rows
    (rowid,) = places.names("t", table.name)
    name = f"{lay.sql(table.name)} t"
    listed = session.query(f"SELECT {rowid} FROM {name} LIMIT {LISTED + 1}")
    if len(listed) <= LISTED:
        every = np.array(listed, dtype=np.int64).reshape(-1)
        return _choice(every, rows, rng), len(every) <= rows
    low = session.one(f"SELECT min({rowid}) FROM {name}")
    high = session.one(f"SELECT max({rowid}) FROM {name}")
    drawn = rng.integers(low, high, size=_TIMES * rows, endpoint=True, dtype=np.int64)
    after = session.query(
        f"SELECT DISTINCT (SELECT {rowid} FROM {name} WHERE {rowid} >= k.value "
        f"ORDER BY {rowid} LIMIT 1) FROM json_each(?) k",
        [given.numbers(drawn)],
    )
    return _choice(np.array(after, dtype=np.int64).reshape(-1), rows, rng), False


def _choice(ids: Ids, rows: int, rng: np.random.Generator) -> Ids:
    return ids if len(ids) <= rows else np.sort(rng.choice(ids, size=rows, replace=False))


def _size(column: Column) -> str:
    return f"length(CAST({quote(column.name)} AS BLOB))"


def _shown(column: Column) -> str:
    name, size = quote(column.name), _size(column)
    # substr() ends at a NUL, so what is short is read as it is.
    text = f"CASE WHEN {size} > {_BYTES} THEN substr({name}, 1, {CHARACTERS}) ELSE {name} END"
    # A long text is read in part; a document would be none any more.
    return f"CASE WHEN {size} <= {LONG} THEN {name} END" if _is_document(column) else text


def _is_long(column: Column) -> str:
    return f"{_size(column)} > {LONG}"


def _is_document(column: Column) -> bool:
    return column.type.kind in DOCUMENTS


def _plain(column: Column, values: Row) -> tuple[pl.Series, bool]:
    """Return values as text, bytes that are none as U+FFFD, and whether there were any."""
    kind = Kind.TEXT if column.type.kind is Kind.BYTES else column.type.kind
    read = [_readable(value) for value in values]
    broken = read != list(values)
    text = to_text(column.name, read, kind)
    return text.str.slice(0, CHARACTERS), broken


def _readable(value: object) -> object:
    if not isinstance(value, str) or value.isascii():
        return value
    return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")

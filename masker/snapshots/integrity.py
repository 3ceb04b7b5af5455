"""Whether the keys and foreign keys of a database hold in the files of its snapshot.

A server compares some values more loosely than their texts say (case-insensitive collations,
1.0 and 1.00, blanks at the end of char(n)); keys over such columns are left to the target, which
builds every constraint when it is loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from masker.catalog import Catalog, ForeignKey, Kind, Table, TableName

# Equal under these kinds means equal texts.
_BY_TEXT = frozenset({Kind.INTEGER, Kind.TEXT, Kind.UUID, Kind.DATE, Kind.ENUM, Kind.BOOLEAN})
_NAMES = ["1", "2"]  # of two hashes of 64 bits, and their seeds
Frames = Callable[[TableName, Sequence[str]], Iterator[pl.DataFrame]]


def broken_keys(catalog: Catalog, frames: Frames) -> Iterator[tuple[str, TableName, str]]:
    """Yield kind, table and name of every key and foreign key that the rows break.

    `frames` gives the rows of a table itself as plain Strings, in batches; each table is read once.
    What is held meanwhile is 16 bytes for each row of each key.
    """
    keys = list(_keys(catalog))
    links = list(_foreign_keys(catalog))
    wanted: dict[TableName, set[tuple[str, ...]]] = {}
    for key in keys:
        wanted.setdefault(key.table, set()).add(key.columns)
    for link in links:
        wanted.setdefault(link.table, set()).add(link.columns)
        wanted.setdefault(link.parent, set()).add(link.parent_columns)
    below = _below(catalog)
    prints = {
        (table, columns): found
        for table, sets in wanted.items()
        for columns, found in _prints(frames, below[table], sorted(sets)).items()
    }
    for key in keys:
        found = prints[key.table, key.columns]
        if found.n_unique() < found.height:
            yield "key", key.table, key.name
    for link in links:
        here = prints[link.table, link.columns].unique()
        if here.join(prints[link.parent, link.parent_columns], on=_NAMES, how="anti").height:
            yield "foreign key", link.table, link.name


@dataclass(frozen=True, slots=True)
class _Key:
    table: TableName
    name: str
    columns: tuple[str, ...]


def _keys(catalog: Catalog) -> Iterator[_Key]:
    for table in _roots(catalog):
        for key in table.keys:
            if not key.partial and not key.expression and _comparable(table, key.columns):
                yield _Key(table.name, key.name, key.columns)


def _foreign_keys(catalog: Catalog) -> Iterator[ForeignKey]:
    for table in _roots(catalog):
        for link in table.foreign_keys:
            if link.validated and link.parent in catalog:
                parent = catalog.table(link.parent)
                if _comparable(table, link.columns, parent, link.parent_columns):
                    yield link


def _roots(catalog: Catalog) -> Iterator[Table]:
    """Yield all tables but partitions, whose rows and keys are their root's."""
    for table in catalog.tables:
        if not (table.is_partition and table.parent in catalog):
            yield table


def _comparable(
    table: Table,
    columns: Sequence[str],
    parent: Table | None = None,
    parent_columns: Sequence[str] = (),
) -> bool:
    mine = [_type(table, name) for name in columns]
    theirs = mine if parent is None else [_type(parent, name) for name in parent_columns]
    return all(
        one is not None and other is not None and one[0] is other[0] and one[1] and other[1]
        for one, other in zip(mine, theirs, strict=True)
    )


def _type(table: Table, name: str) -> tuple[Kind, bool] | None:
    for column in table.columns:
        if column.name == name:
            kind = column.type
            loose = kind.case_insensitive or kind.base == "bpchar" or kind.kind not in _BY_TEXT
            return kind.kind, not loose
    return None  # it is computed by the target


def _below(catalog: Catalog) -> dict[TableName, list[TableName]]:
    """Return for every table itself and the partitions below it."""
    below = {table.name: [table.name] for table in catalog.tables}
    for table in catalog.tables:
        above = table
        while above.is_partition and above.parent is not None and above.parent in catalog:
            below[above.parent].append(table.name)
            above = catalog.table(above.parent)
    return below


def _prints(
    frames: Frames, tables: Sequence[TableName], sets: Sequence[tuple[str, ...]]
) -> dict[tuple[str, ...], pl.DataFrame]:
    """Return, for sets of columns, two hashes of each row; rows with a null refer to nothing."""
    names = sorted({name for columns in sets for name in columns})
    parts: dict[tuple[str, ...], list[pl.DataFrame]] = {columns: [] for columns in sets}
    for table in tables:
        for frame in frames(table, names):
            for columns, seen in parts.items():
                seen.append(_hashes(frame, columns))
    empty = pl.DataFrame(schema=dict.fromkeys(_NAMES, pl.UInt64))
    return {columns: pl.concat([empty, *seen]) for columns, seen in parts.items()}


def _hashes(frame: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    whole = pl.struct(*columns)
    return frame.drop_nulls(columns).select(whole.hash(int(seed)).alias(seed) for seed in _NAMES)

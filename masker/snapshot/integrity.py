"""Whether the keys and foreign keys of a database hold in the files of its snapshot.

A server compares some values more loosely than their texts say (case-insensitive collations,
1.0 and 1.00, blanks at the end of char(n)); keys over such columns are left to the target, which
builds every constraint when it is loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import polars as pl

from masker.catalog import Catalog, Kind, Table, TableName

# Equal under these kinds means equal texts.
_BY_TEXT = frozenset({Kind.INTEGER, Kind.TEXT, Kind.UUID, Kind.DATE, Kind.ENUM, Kind.BOOLEAN})
_SEEDS = (1, 2)  # two hashes of 64 bits: that two of 10^9 values share both has a chance of 2e-21
Frames = Callable[[TableName, Sequence[str]], Iterator[pl.DataFrame]]
Prints = Callable[[TableName, Sequence[str]], pl.DataFrame]


def broken_keys(catalog: Catalog, frames: Frames) -> Iterator[tuple[str, TableName, str]]:
    """Yield kind, table and name of every key and foreign key that the rows break.

    `frames` gives the rows of a table itself as plain Strings, in batches.
    """
    below = _below(catalog)

    def prints(table: TableName, columns: Sequence[str]) -> pl.DataFrame:
        parts = [
            _prints(frame, columns) for each in below[table] for frame in frames(each, columns)
        ]
        return pl.concat(parts) if parts else _prints(_empty(columns), columns)

    for table in catalog.tables:
        if table.is_partition and table.parent in catalog:
            continue  # its rows and keys are its root's
        yield from _keys(table, prints)
        yield from _foreign_keys(table, catalog, prints)


def _keys(table: Table, prints: Prints) -> Iterator[tuple[str, TableName, str]]:
    for key in table.keys:
        if key.partial or key.expression or not _comparable(table, key.columns):
            continue
        found = prints(table.name, key.columns)
        if found.n_unique() < found.height:
            yield "key", table.name, key.name


def _foreign_keys(
    table: Table, catalog: Catalog, prints: Prints
) -> Iterator[tuple[str, TableName, str]]:
    for link in table.foreign_keys:
        if not link.validated or link.parent not in catalog:
            continue
        parent = catalog.table(link.parent)
        if not _comparable(table, link.columns, parent, link.parent_columns):
            continue
        here, there = prints(table.name, link.columns), prints(parent.name, link.parent_columns)
        if here.unique().join(there, on=here.columns, how="anti").height:
            yield "foreign key", table.name, link.name


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


def _prints(frame: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """Return two hashes of each row's values; rows with a null refer to nothing."""
    whole = pl.struct(*columns)
    return frame.drop_nulls(columns).select(whole.hash(seed).alias(str(seed)) for seed in _SEEDS)


def _empty(columns: Sequence[str]) -> pl.DataFrame:
    return pl.DataFrame(schema=dict.fromkeys(columns, pl.String))

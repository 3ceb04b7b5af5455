"""What lies in a snapshot, as its manifest says: tables, their files, and whence they came."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from masker.catalog import Catalog, Column, TableName
from masker.plan.model import Plan, Step
from masker.rules.policy import Treatment

FORMAT = 1
DATA = "data"  # the folder of the tables' own folders
DDL, BEFORE, AFTER = "ddl.json", "before.sql", "after.sql"
MANIFEST, SEAL = "manifest.json", "seal.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """One file: its path in the folder with `/`, its size, and its SHA-256 in hexadecimal."""

    path: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredTable:
    """One table: the columns that are stored, in order, and its files.

    `into` is the table that its rows are loaded into: a partition's root where masked keys move
    rows between partitions. `recomputed` columns are filled by the target's own triggers.
    """

    table: TableName
    into: TableName
    columns: tuple[str, ...]
    recomputed: tuple[str, ...]
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """A snapshot's manifest.

    `format` is that of the files; `rows` are by the table that was loaded, `excluded` are tables
    that were left out; `sequences` are (name, last value, whether it was given out). `facts` are
    for people: versions, key, verdicts, audit.
    """

    run: str
    pipeline: str
    made: str  # ISO 8601 in UTC
    engine: str
    format: str
    catalog: Catalog
    tables: tuple[StoredTable, ...]
    rows: tuple[tuple[TableName, int], ...]
    excluded: tuple[TableName, ...]
    sequences: tuple[tuple[TableName, int | None, bool], ...]
    files: tuple[StoredFile, ...]
    facts: Any = None

    @property
    def size(self) -> int:
        """Return the bytes of all files that the manifest names."""
        return sum(file.bytes for file in self.files)

    def table(self, name: TableName) -> StoredTable:
        """Return a stored table by name; KeyError when there is none."""
        for each in self.tables:
            if each.table == name:
                return each
        raise KeyError(str(name))

    def columns(self, name: TableName) -> tuple[Column, ...]:
        """Return the stored columns of a table, with their types."""
        there = self.catalog.table(name)
        return tuple(there.column(column) for column in self.table(name).columns)


def stored_tables(plan: Plan) -> tuple[StoredTable, ...]:
    """Return what a plan stores, files not yet known."""
    return tuple(_stored(step) for step in plan.steps if step.treatment is Treatment.LOAD)


def _stored(step: Step) -> StoredTable:
    return StoredTable(
        table=step.table,
        into=step.into,
        columns=tuple(column.name for column in step.moved),
        recomputed=tuple(column.name for column in step.columns if column.recomputed),
    )


def folder_of(table: TableName) -> str:
    """Return the name of a table's own folder: any table has one, and no two have the same."""
    return quote(str(table), safe=" +,=@()[]{}~!$&'")

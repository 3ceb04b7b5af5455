"""What masker asks of a kind of database; each engine answers in a folder of its own.

The road needs five things of an engine: a `Source` to plan from, an `Outlet` that rows come out of,
a `Codec` between the engine's blocks and frames, an `Inlet` that rows go into, and what the audit
reads, the `Loaded` database. How a loaded database takes the target's place is in `load/`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, Self

import polars as pl

from masker.catalog import Catalog, Column, Table, TableName
from masker.engines.part import Part
from masker.engines.rows import Ids, Rows
from masker.engines.sampled import Sampled
from masker.findings import Finding

# Whole rows as the engine moves them, opaque to everybody but its codec.
Block = Any
Decode = Callable[[pl.Series], pl.Series]  # same length, null stays null
Write = Callable[[Block], int]  # takes a block, returns its size in bytes


class Address(Protocol):
    """Where a database is; `str` and `repr` never show a password. It travels by pipe."""

    @property
    def database(self) -> str:
        """Return the database's own name, as messages call it."""
        ...

    def __str__(self) -> str: ...


class Codec(Protocol):
    """Turns blocks of some columns of one table into frames and back."""

    def count(self, block: Block) -> int:
        """Return the number of rows in a block."""
        ...

    def parse(self, block: Block) -> tuple[pl.DataFrame, Decode | None]:
        """Return a block as a frame of opaque columns, and what makes plain Strings of one.

        None where every column is plain as it is.
        """
        ...

    def render(self, frame: pl.DataFrame, *, plain: Sequence[str]) -> Block:
        """Return a frame as a block: `plain` columns hold plain Strings, the others are opaque."""
        ...


class Open(Protocol):
    """Something that is open and must be closed."""

    def close(self) -> None:
        """Close it; what was not finished is lost."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...


class Outlet(Open, Protocol):
    """A lane's own view of the source, as of the snapshot of the plan."""

    def read(
        self, part: Part, codec: Any, *, batch_bytes: int, max_duration: float | None
    ) -> Iterator[Block]:
        """Yield the rows of a part in blocks of about `batch_bytes`, for this engine's codec.

        `max_duration` is the longest that may take, in seconds; then TryAgainError.
        """
        ...

    def cancel(self) -> None:
        """Ask the source to stop what it sends; safe from another thread."""
        ...


class Reader(Protocol):
    """Opens outlets in one snapshot. It travels by pipe where an engine has several lanes."""

    def open(self) -> Outlet:
        """Open an outlet; whoever opens it closes it."""
        ...


class Inlet(Open, Protocol):
    """A lane's own session on the new database."""

    def load(self, table: TableName, columns: Sequence[str]) -> AbstractContextManager[Write]:
        """Load rows of these columns, in this order, into a table; all arrive or none do."""
        ...


class Writer(Protocol):
    """Opens inlets on the new database. It travels by pipe where an engine has several lanes."""

    def open(self) -> Inlet:
        """Open an inlet; no key, index or foreign trigger is there yet."""
        ...


class Source(Open, Protocol):
    """A database that is read, in one snapshot from the moment it is opened; never written."""

    @property
    def address(self) -> Address:
        """Return where it is."""
        ...

    @property
    def closed(self) -> bool:
        """Tell whether it is closed, or its connection lost."""
        ...

    def catalog(self, *, schemas: Sequence[str] | None = None) -> Catalog:
        """Return what the database holds; ConfigError for a schema that does not exist."""
        ...

    def missing_rights(
        self, catalog: Catalog, *, tables: Collection[TableName] | None, encoding: str | None
    ) -> tuple[Finding, ...]:
        """Return an error for everything that cannot be read whole, with the line that mends it.

        `tables` are those whose rows are wanted, None: all.
        """
        ...

    def grants(
        self,
        catalog: Catalog,
        *,
        role: str,
        loaded: Collection[TableName],
        dumped: Collection[TableName],
    ) -> tuple[str, ...]:
        """Return the statements that let a role read; none where the engine knows no roles.

        `loaded` are the tables whose rows are read, `dumped` those whose schema is.
        """
        ...

    def bounds(self, table: TableName, column: str) -> tuple[int, int] | None:
        """Return the smallest and the largest number of a column, None where there is none."""
        ...

    def complaint(self, table: TableName, where: str) -> str | None:
        """Return what is wrong with a condition on a table, None where the engine takes it."""
        ...

    def rows(self, catalog: Catalog, *, max_duration: float | None, encoding: str | None) -> Rows:
        """Return the rows of the snapshot for choosing a subset."""
        ...

    def sample(
        self,
        catalog: Catalog,
        table: Table,
        columns: Sequence[Column],
        *,
        rows: int,
        seed: int,
        seconds: float,
    ) -> Sampled:
        """Return about so many random rows; `seconds` are given to each statement."""
        ...

    def reader(self, *, encoding: str | None = None) -> Reader:
        """Return what lanes read the same snapshot through, while this source stays open."""
        ...


class Loaded(Open, Protocol):
    """The new database after the load, for the audit; one thread at a time."""

    def catalog(self) -> Catalog:
        """Return all that it holds, whatever the source's schemas were."""
        ...

    def broken(self) -> Iterator[tuple[str, TableName, str]]:
        """Yield what the database itself says does not hold: its kind, table and name."""
        ...

    def count(self, table: TableName) -> int:
        """Count the rows that a table itself holds."""
        ...

    def frames(self, table: TableName, columns: Sequence[Column]) -> Iterator[pl.DataFrame]:
        """Yield a table's own rows as plain Strings, generated columns too."""
        ...

    def view(self, name: TableName) -> Iterator[pl.DataFrame]:
        """Yield the rows that a materialised view stores, as plain Strings."""
        ...


class Engine(Protocol):
    """A kind of database."""

    @property
    def name(self) -> str:
        """Return the name that stands in catalogs: `postgres`."""
        ...

    @property
    def title(self) -> str:
        """Return the name that people know: `PostgreSQL`."""
        ...

    @property
    def lanes(self) -> int | None:
        """Return how many lanes can share one snapshot, None: as many as one likes."""
        ...

    def address(self, url: str) -> Address:
        """Read a URL; ConfigError where it cannot be read."""
        ...

    def open_source(
        self,
        address: Any,
        *,
        statement_timeout: float | None = None,
        lock_timeout: float | None = None,
    ) -> Source:
        """Open a database to be read; the limits, in seconds, hold for queries of its catalog.

        `address` is this engine's own.
        """
        ...

    def codec(self, columns: Sequence[Column], *, passed_on: bool = False) -> Codec:
        """Return the codec of these columns; blocks that are `passed_on` are never parsed."""
        ...

    def parts(
        self, table: TableName, *, pages: int, count: int, where: str | None
    ) -> tuple[Part, ...]:
        """Divide a table into at most `count` parts."""
        ...

    def parts_by_number(self, table: TableName, ids: Ids, *, count: int) -> tuple[Part, ...]:
        """Divide rows given by number into about `count` parts."""
        ...

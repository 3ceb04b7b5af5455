"""What changing a table where it lies asks of an engine, on a connection that belongs to a caller.

Values are read, masked and laid into temporary tables of that connection first; only then is
anything of the caller's changed, inside the caller's transaction. Nobody commits here.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

import polars as pl

from masker.catalog import Catalog, Column, ForeignKey, Table, TableName
from masker.findings import Finding

BATCH_ROWS = 20_000  # at most, and fewer where they are wide
BATCH_BYTES = 8 << 20  # of text, about
MARKER = "masker: "  # begins the marker of a table that was masked where it lies


def without_marker(comment: str | None) -> str | None:
    """Return a table's comment without its last line, where that is masker's marker."""
    own, _, last = (comment or "").rpartition("\n")
    return (own or None) if last.startswith(MARKER) else comment


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Columns of one table that change in the same rows.

    Those rows refer by one of `follows` to rows that change; with none they are the rows that the
    caller chose.
    """

    columns: tuple[str, ...]
    follows: tuple[ForeignKey, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What changes in one table.

    `shares` holds the caller's own choice first. `reads` are the columns that masking looks at.
    `keyed` are changed columns under a unique constraint or a foreign key, in which two values may
    not even for a moment be equal; with each the highest integer that masking makes of it, if it
    makes integers.
    """

    table: Table
    shares: tuple[Share, ...]
    reads: tuple[Column, ...]
    keyed: Mapping[str, int | None]

    @property
    def columns(self) -> tuple[Column, ...]:
        """Return the columns that change, share by share."""
        return tuple(self.table.column(name) for each in self.shares for name in each.columns)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Some rows of a change: by what the engine finds them again, and what masking reads of them.

    `takes` tells for each share which rows are in it, None where all are.
    """

    marks: Sequence[Sequence[Any]]
    frame: pl.DataFrame
    takes: tuple[pl.Series | None, ...]


class Tie(enum.Enum):
    """How the database that a URL leads to is tied to the one that is changed."""

    SAME = "the same database"
    COPY = "a standby, a base backup or a clone of its server, or the other way round"
    NONE = "another database"
    UNKNOWN = "spelled otherwise, and it could not be asked"


class InPlace(Protocol):
    """Changes tables where they lie, through a connection that belongs to somebody else."""

    @property
    def names(self) -> tuple[str, ...]:
        """Return what database, host and role are called: production is told by such names."""
        ...

    @property
    def database(self) -> str:
        """Return the database's own name."""
        ...

    @property
    def address(self) -> str:
        """Return where the database is, without a password."""
        ...

    def tie_to(self, url: str) -> Tie:
        """Tell how the database that a URL leads to is tied to this one, as far as it can be asked.

        It is asked for a few seconds at most.
        """
        ...

    def is_same(self, other: InPlace) -> bool:
        """Tell whether another connection leads to this very database."""
        ...

    def whole(self) -> AbstractContextManager[None]:
        """Let all of a block happen or nothing; settings are as before after it, either way."""
        ...

    def find(self, written: str) -> TableName:
        """Return the table that a name means here; ConfigError where there is none."""
        ...

    def catalog(self) -> Catalog:
        """Return what the database holds."""
        ...

    def marker(self, table: TableName) -> str | None:
        """Return what masker's marker on a table says, None where it has none."""
        ...

    def filled(self) -> bool:
        """Tell whether a run of masker filled the whole database."""
        ...

    def mark(self, table: TableName, text: str) -> None:
        """Leave masker's marker on a table."""
        ...

    def refuse_frozen(self) -> None:
        """Raise ConfigError where the transaction goes on seeing rows as they once were."""
        ...

    def hold(self, table: TableName) -> None:
        """Let no other caller mark a table before the transaction ends; wait for one who has."""
        ...

    def obstacles(self, changes: Sequence[Change], *, ddl: bool) -> Iterator[Finding]:
        """Yield what would tell others of old values, or make the change fail half way."""
        ...

    def complaint(self, table: TableName, where: str) -> str | None:
        """Return what is wrong with a condition on a table, None when the engine takes it."""
        ...

    def choose(self, changes: Sequence[Change], *, where: str | None, ddl: bool) -> None:
        """Hold the tables for the caller and settle which rows change.

        TryAgainError: a table has other columns than it had when the catalog was read.
        """
        ...

    def rows(self, change: Change) -> Generator[Rows]:
        """Yield the rows of a change in batches; values are text in the form of their kind."""
        ...

    def keep(self, change: Change, rows: Rows, masked: pl.DataFrame) -> None:
        """Lay the masked values of a batch aside, in a temporary table."""
        ...

    def write(self, changes: Sequence[Change], *, ddl: bool) -> dict[TableName, int]:
        """Put what was laid aside into the tables; return how many rows changed in each."""
        ...

    def restart(self, sequences: Sequence[tuple[TableName, int]]) -> None:
        """Let sequences go on above the highest number that masked keys may have."""
        ...

    def read(
        self,
        table: Table,
        columns: Sequence[Column],
        *,
        where: str | None,
        stored: Collection[str] = (),
    ) -> Generator[pl.DataFrame]:
        """Yield rows of a table as text in the form of their kind; nothing is created for it.

        Columns in `stored` come as `insert` of the same engine takes them, whatever is in them.
        """
        ...

    def plain(self, values: pl.Series, column: Column) -> pl.Series:
        """Return a column that came as it is stored as text in the form of its kind."""
        ...

    def insert(
        self, table: TableName, columns: Sequence[Column], batches: Iterator[pl.DataFrame]
    ) -> int:
        """Add rows of plain text values, or of stored ones, to a table; return how many."""
        ...


def conditions(
    changes: Sequence[Change], where: str | None, quote: Callable[..., str]
) -> dict[tuple[TableName, int], str]:
    """Return for each share of each change the SQL that tells which rows are in it.

    The predicate stands in the innermost query alone, where its bare names mean the caller's table.
    """
    told: dict[tuple[TableName, int], str] = {}
    for change in changes:
        for number in range(len(change.shares)):
            told[change.table.name, number] = _condition(changes, change, number, where, quote, ())
    return told


def _condition(
    changes: Sequence[Change],
    change: Change,
    number: int,
    where: str | None,
    quote: Callable[..., str],
    above: tuple[ForeignKey, ...],
) -> str:
    share = change.shares[number]
    if not share.follows:
        return "true" if where is None else f"({where}\n)"  # a comment may end the predicate
    told = []
    for key in share.follows:
        if key in above:
            continue
        parent = next(one for one in changes if one.table.name == key.parent)
        inner = [
            _condition(changes, parent, at, where, quote, (*above, key))
            for at, theirs in enumerate(parent.shares)
            if set(theirs.columns) & set(key.parent_columns)
        ]
        mine = ", ".join(quote(key.table.name, name) for name in key.columns)
        theirs = ", ".join(quote(name) for name in key.parent_columns)
        told.append(
            f"({mine}) IN (SELECT {theirs} FROM {quote(key.parent.schema, key.parent.name)} "
            f"WHERE {' OR '.join(inner) or 'false'})"
        )
    return f"({' OR '.join(told)})" if told else "false"

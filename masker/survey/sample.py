"""A sample of each table in one read-only snapshot; what cannot be read is a finding."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

import polars as pl

from masker.catalog import Catalog, Column, Kind, Table
from masker.engines.engine import Source
from masker.engines.sampled import LONG, READABLE
from masker.errors import MaskerError
from masker.findings import Finding, note

PREVALENCE = 0.001
# So many rows that what one row in a thousand holds is seen with 99 %: ln 0.01 / ln 0.999.
ROWS = 4603
SECONDS = 20.0
_GONE = frozenset({"42P01", "42703", "3F000", "XX000"})
_NOT_READABLE = ("22", "XX", "42883", "P0", "0A", "54")  # of one column, so others may be read


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Rows of one table as plain text; columns that could not be read are not among them."""

    rows: pl.DataFrame
    whole: bool
    findings: tuple[Finding, ...] = ()

    @property
    def power(self) -> float:
        """Return how likely a value is seen that one row in a thousand holds."""
        return 1.0 if self.whole else power(self.rows.height)


def power(rows: int, *, prevalence: float = PREVALENCE) -> float:
    """Return how likely so many random rows hold at least one of those with this prevalence."""
    return float(1 - (1 - prevalence) ** rows)


class Sampler:
    """Draw samples of tables inside the source's snapshot.

    `rows` are wanted of each table, and `seconds` are given to each statement. `seed` makes the
    choice of blocks repeatable; it masks nothing.
    """

    def __init__(
        self,
        source: Source,
        catalog: Catalog,
        *,
        rows: int = ROWS,
        seconds: float = SECONDS,
        seed: int | None = None,
    ) -> None:
        self._source = source
        self._catalog = catalog
        self._rows = rows
        self._seconds = seconds
        self._seed = random.SystemRandom().randrange(1 << 31) if seed is None else seed

    def of(self, table: Table, *, kinds: Collection[Kind] = READABLE) -> Sample:
        """Return a sample of the columns of a table that are of these kinds."""
        closed = [column.name for column in table.columns if not column.readable]
        found = tuple(_no_right(table, name) for name in closed)
        if table.row_security_applies:
            return _nothing(*found, _hidden(table))
        columns = [
            column
            for column in table.columns
            if column.readable and column.type.kind in kinds and not column.generated
        ]
        if not columns:
            return _nothing(*found)
        try:
            made = self._read(table, columns)
        except MaskerError as failure:
            made = self._after(failure, table, columns)
        return replace(made, findings=(*found, *made.findings))

    def _read(self, table: Table, columns: Sequence[Column]) -> Sample:
        read = self._source.sample(
            self._catalog,
            table,
            columns,
            rows=self._rows,
            seed=self._seed,
            seconds=self._seconds,
        )
        return Sample(
            rows=read.rows,
            whole=read.whole,
            findings=(
                *(_long(table, name) for name in sorted(read.long)),
                *(_broken(table, name) for name in sorted(read.broken)),
            ),
        )

    def _after(self, failure: MaskerError, table: Table, columns: Sequence[Column]) -> Sample:
        """Return what can be had of a table that could not be read at once."""
        if self._source.closed:
            raise failure
        if not failure.sqlstate.startswith(_NOT_READABLE) or failure.sqlstate in _GONE:
            return _nothing(_unread(table, failure))
        if len(columns) == 1:
            return _nothing(_unreadable(table, columns[0].name, failure))
        return _beside(self._one_by_one(table, columns))

    def _one_by_one(self, table: Table, columns: Sequence[Column]) -> Iterator[Sample]:
        for column in columns:
            try:
                yield self._read(table, [column])
            except MaskerError as failure:
                yield self._after(failure, table, [column])


def _nothing(*found: Finding) -> Sample:
    return Sample(rows=pl.DataFrame(), whole=False, findings=found)


def _beside(samples: Iterator[Sample]) -> Sample:
    """Put columns that were drawn one by one beside each other; rows of one draw do not belong."""
    every = list(samples)
    read = [each for each in every if each.rows.width]
    height = min((each.rows.height for each in read), default=0)
    return Sample(
        rows=pl.concat([each.rows.head(height) for each in read], how="horizontal")
        if read
        else pl.DataFrame(),
        whole=bool(read) and all(each.whole for each in read),
        findings=tuple(finding for each in every for finding in each.findings),
    )


def _no_right(table: Table, column: str) -> Finding:
    return note(
        "not-scanned",
        f"`{table.name}.{column}` may not be read, so its name and type alone were looked at",
        subject=f"{table.name}.{column}",
        help="GRANT SELECT on it to the role that scans",
    )


def _hidden(table: Table) -> Finding:
    return note(
        "not-scanned",
        f"row-level security hides rows of `{table.name}`, so no value was looked at",
        subject=str(table.name),
        help="scan with a role that has BYPASSRLS",
    )


def _unread(table: Table, failure: MaskerError) -> Finding:
    return note(
        "not-scanned",
        f"no value of `{table.name}` was looked at: {failure.message}",
        subject=str(table.name),
        help=failure.help or "its columns are told by name and type; scan again",
    )


def _unreadable(table: Table, column: str, failure: MaskerError) -> Finding:
    return note(
        "not-scanned",
        f"no value of `{table.name}.{column}` was looked at: {failure.message}",
        subject=f"{table.name}.{column}",
        help="decide on it by hand; name and type alone were looked at",
    )


def _long(table: Table, column: str) -> Finding:
    return note(
        "long-values",
        f"`{table.name}.{column}` holds values of more than {LONG:,} bytes; of a text the "
        "beginning was looked at, of a document nothing",
        subject=f"{table.name}.{column}",
    )


def _broken(table: Table, column: str) -> Finding:
    return note(
        "broken-text",
        f"`{table.name}.{column}` holds bytes that are not UTF-8; they were looked at as far as "
        "they are",
        subject=f"{table.name}.{column}",
        help="the pipeline must declare the database's true `encoding:`",
    )

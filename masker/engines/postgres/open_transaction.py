"""The target itself, loaded in one open transaction: where its rows go, what the audit reads."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import polars as pl

from masker.catalog import Column, TableName
from masker.engines.engine import Write
from masker.engines.part import Part
from masker.engines.plain import plain
from masker.engines.postgres.codec import CopyText
from masker.engines.postgres.inlet import PostgresInlet
from masker.engines.postgres.loaded import BATCH_BYTES, PostgresLoaded
from masker.engines.postgres.read import read
from masker.engines.postgres.session import Session, quote
from masker.engines.postgres.upsert import Upsert
from masker.errors import CollisionError

# PostgreSQL manual, 5.6 "System Columns": xmin is the transaction that wrote a row's version.
_OURS = "xmin = pg_catalog.pg_current_xact_id()::pg_catalog.xid"
# Statements of a person may write in transactions below ours, which are younger; rows so old that
# their age does not fit into its 32 bits look younger still.
_OURS_AND_BELOW = "pg_catalog.age(xmin) BETWEEN -1000000000 AND 0"


class OpenInlet(PostgresInlet):
    """Loads rows on the session that everything else of the run happens on."""

    def __init__(
        self, session: Session, upserts: Mapping[TableName, Upsert], *, adds: bool
    ) -> None:
        super().__init__(session)
        self._upserts = upserts
        self._adds = adds

    @contextmanager
    def load(self, table: TableName, columns: Sequence[str]) -> Iterator[Write]:
        """Load rows of these columns into a table; CollisionError where a key is there already."""
        upsert = self._upserts.get(table)
        into = table if upsert is None else TableName("pg_temp", upsert.aside)
        try:
            with super().load(into, columns) as write:
                yield write
        except CollisionError as failure:
            if not self._adds:
                raise
            raise _taken(table, failure) from None
        if upsert is not None:
            self._session.execute(upsert.merge)
            self._session.execute(upsert.empty)

    def close(self) -> None:
        """Leave the session open: nothing is committed yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenWriter:
    """Opens inlets on one session, in the process that has it; `adds` is the mode `append`."""

    session: Session = field(repr=False)
    upserts: Mapping[TableName, Upsert]
    adds: bool

    def open(self) -> OpenInlet:
        """Return the session as an inlet."""
        return OpenInlet(self.session, self.upserts, adds=self.adds)


class OpenLoaded(PostgresLoaded):
    """The rows that the open transaction wrote, and nothing else that the target holds.

    `tables` are those that were loaded; of them `whole` ones hold nothing else. `anywhere`: rows of
    other tables may have been written, too. Of materialised views those in `views` are looked at.
    """

    def __init__(
        self,
        session: Session,
        *,
        whole: Collection[TableName],
        tables: Collection[TableName],
        anywhere: bool,
        views: Collection[TableName],
    ) -> None:
        super().__init__(session)
        self._whole = whole
        self._tables = tables
        self._anywhere = anywhere
        self._views = views

    def broken(self) -> Iterator[tuple[str, TableName, str]]:
        """Yield indexes of the loaded tables that the server calls not valid."""
        return (each for each in super().broken() if each[1] in self._tables)

    def count(self, table: TableName) -> int:
        """Count the rows of a table that were written."""
        where = self._where(table)
        if where == "false":
            return 0
        name = quote(table.schema, table.name)
        found: int = self._session.one(f"SELECT count(*) FROM ONLY {name} WHERE {where}")
        return found

    def frames(self, table: TableName, columns: Sequence[Column]) -> Iterator[pl.DataFrame]:
        """Yield the rows of a table that were written, as plain Strings."""
        where = self._where(table)
        if where == "false":
            return
        names = tuple(column.name for column in columns)
        part = Part(table=table, where=where)
        blocks = read(self._session, part, names, batch_bytes=BATCH_BYTES, marked=True)
        yield from plain(blocks, CopyText(names, marked=True))

    def view(self, name: TableName) -> Iterator[pl.DataFrame]:
        """Yield the rows that a materialised view stores, if it was refreshed."""
        if name in self._views:
            yield from super().view(name)

    def _where(self, table: TableName) -> str:
        if table in self._whole:
            return "true"
        if self._anywhere:
            return _OURS_AND_BELOW
        return _OURS if table in self._tables else "false"

    def close(self) -> None:
        """Leave the session open: nothing is committed yet."""


def _taken(table: TableName, failure: CollisionError) -> CollisionError:
    told = CollisionError(
        f"a row with the same key is in `{table}` already, under `{failure.constraint}`",
        help="`mode: upsert` updates rows that are there; nothing was added",
        code="key-taken",
        subject=str(table),
    )
    told.constraint, told.sqlstate = failure.constraint, failure.sqlstate
    return told

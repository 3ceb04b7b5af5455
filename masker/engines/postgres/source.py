"""A database that is read: one session, whose snapshot every lane shares."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Self

from masker.catalog import Catalog, Column, Table, TableName
from masker.engines.engine import Source
from masker.engines.postgres.address import Address
from masker.engines.postgres.catalog import read_catalog
from masker.engines.postgres.keys import PostgresRows
from masker.engines.postgres.outlet import PostgresReader
from masker.engines.postgres.predicate import complaint
from masker.engines.postgres.read import begin_snapshot
from masker.engines.postgres.reading_role import reading_grants
from masker.engines.postgres.rights import missing_rights
from masker.engines.postgres.sample import one_table, sample
from masker.engines.postgres.session import Session, Side, quote
from masker.engines.sampled import Sampled
from masker.errors import Bug
from masker.findings import Finding


class PostgresSource:
    """A session on the source; `snapshot` is the name of what it and all of its lanes see."""

    def __init__(self, session: Session, *, snapshot: str) -> None:
        self.session = session
        self.snapshot = snapshot

    @classmethod
    def open(
        cls,
        address: Address,
        *,
        statement_timeout: float | None = None,
        lock_timeout: float | None = None,
    ) -> Self:
        """Connect and begin a read-only snapshot."""
        session = Session.open(address, side=Side.SOURCE)
        try:
            for name, seconds in (
                ("statement_timeout", statement_timeout),
                ("lock_timeout", lock_timeout),
            ):
                if seconds is not None:
                    limit = f"{round(seconds * 1000)}ms"
                    session.query("SELECT set_config(%s, %s, false)", [name, limit])
            return cls(session, snapshot=begin_snapshot(session))
        except BaseException:
            session.close()
            raise

    @property
    def address(self) -> Address:
        """Return where it is."""
        return self.session.address

    @property
    def closed(self) -> bool:
        """Tell whether the connection is closed or broken."""
        return self.session.closed

    def catalog(self, *, schemas: Sequence[str] | None = None) -> Catalog:
        """Return what the database holds; ConfigError for a schema that does not exist."""
        return read_catalog(self.session, schemas=schemas)

    def missing_rights(
        self, catalog: Catalog, *, tables: Collection[TableName] | None, encoding: str | None
    ) -> tuple[Finding, ...]:
        """Return an error for everything that the role cannot read, with the line to run."""
        return missing_rights(self.session, catalog, tables=tables, encoding=encoding)

    def grants(
        self,
        catalog: Catalog,
        *,
        role: str,
        loaded: Collection[TableName],
        dumped: Collection[TableName],
    ) -> tuple[str, ...]:
        """Return the smallest script with which a role can read these tables."""
        return reading_grants(self.session, catalog, role=role, loaded=loaded, dumped=dumped)

    def bounds(self, table: TableName, column: str) -> tuple[int, int] | None:
        """Return the smallest and the largest number of a column: an index answers at once."""
        name = quote(column)
        ((low, high),) = self.session.query(
            f"SELECT min({name}), max({name}) FROM ONLY {quote(table.schema, table.name)}"
        )
        return None if low is None else (low, high)

    def complaint(self, table: TableName, where: str) -> str | None:
        """Return what is wrong with a condition, None when the server takes it."""
        return complaint(self.session, table, where)

    def rows(
        self, catalog: Catalog, *, max_duration: float | None, encoding: str | None
    ) -> PostgresRows:
        """Return the rows of the snapshot for choosing a subset."""
        # What limits queries of the catalog is not meant for reading rows.
        self.session.query("SELECT set_config('statement_timeout', '0', false)")
        return PostgresRows(self.session, catalog, max_duration=max_duration, encoding=encoding)

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
        """Return about so many random rows; a failure ends nothing but this sample."""
        with one_table(self.session, seconds=seconds):
            return sample(self.session, catalog, table, columns, rows=rows, seed=seed)

    def reader(self, *, encoding: str | None = None) -> PostgresReader:
        """Return what lanes, in whichever process, read the same snapshot through."""
        return PostgresReader(address=self.address, snapshot=self.snapshot, encoding=encoding)

    def close(self) -> None:
        """Close the session; the server forgets the snapshot."""
        self.session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def of_postgres(source: Source) -> PostgresSource:
    """Return a source as the one of this engine that it is."""
    if not isinstance(source, PostgresSource):
        raise Bug("PostgreSQL was given a source of another engine")
    return source

"""A database file that is read: one connection, whose read transaction is the snapshot."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Self

from masker.catalog import Catalog, Column, Table, TableName
from masker.engines.engine import Source
from masker.engines.sampled import Sampled
from masker.engines.sqlite import layout as lay
from masker.engines.sqlite.address import Address
from masker.engines.sqlite.build import Entry, read_schema, unmakeable
from masker.engines.sqlite.catalog import read_catalog
from masker.engines.sqlite.outlet import SqliteReader
from masker.engines.sqlite.places import Places
from masker.engines.sqlite.predicate import complaint
from masker.engines.sqlite.rows import SqliteRows
from masker.engines.sqlite.sample import sample
from masker.engines.sqlite.session import BUSY_SECONDS, MAIN, Session, Side, quote
from masker.errors import Bug
from masker.findings import Finding, error


class SqliteSource:
    """A session on the source, in a read transaction from the moment it is opened.

    No other connection sees the same state, so all that is read goes through this one.
    """

    def __init__(self, session: Session, *, limit: float | None = None) -> None:
        self.session = session
        self._limit = limit
        self._places: Places | None = None

    @classmethod
    def open(
        cls,
        address: Address,
        *,
        statement_timeout: float | None = None,
        lock_timeout: float | None = None,
    ) -> Self:
        """Open the file and begin the snapshot; a writer is waited for `lock_timeout` seconds."""
        busy = BUSY_SECONDS if lock_timeout is None else lock_timeout
        session = Session.open(address, side=Side.SOURCE, busy=busy)
        try:
            session.execute("BEGIN")
            # The snapshot is what the first reading sees.
            session.query("SELECT count(*) FROM sqlite_schema")
        except BaseException:
            session.close()
            raise
        return cls(session, limit=statement_timeout)

    @property
    def address(self) -> Address:
        """Return where it is."""
        return self.session.address

    @property
    def closed(self) -> bool:
        """Tell whether the connection is closed."""
        return self.session.closed

    @property
    def places(self) -> Places:
        """Return how the tables of the snapshot number their rows."""
        if self._places is None:
            self._places = Places(self.session)
        return self._places

    def catalog(self, *, schemas: Sequence[str] | None = None) -> Catalog:
        """Return what the file holds; ConfigError for a schema other than `main`."""
        with self.session.limited("reading the catalog", self._limit):
            return read_catalog(self.session, schemas=schemas)

    def missing_rights(
        self, catalog: Catalog, *, tables: Collection[TableName] | None, encoding: str | None
    ) -> tuple[Finding, ...]:
        """Return an error for what cannot be read or made again: a file has no rights inside."""
        wanted = {table.name for table in catalog.tables}
        names = {table.name for table in (wanted if tables is None else wanted & set(tables))}
        foreign = unmakeable(read_schema(self.session), tables=names)
        return (*_encoding(catalog, encoding), *map(_needs_application, foreign))

    def grants(
        self,
        catalog: Catalog,
        *,
        role: str,
        loaded: Collection[TableName],
        dumped: Collection[TableName],
    ) -> tuple[str, ...]:
        """Return nothing: SQLite knows no roles."""
        del catalog, role, loaded, dumped
        return ()

    def bounds(self, table: TableName, column: str) -> tuple[int, int] | None:
        """Return the smallest and the largest integer of a column: an index answers at once."""
        name, where = quote(column), ""
        for _ in range(2):
            low, high = (
                self.session.one(f"SELECT {end}({name}) FROM {lay.sql(table)}{where}")
                for end in ("min", "max")
            )
            if low is None or (isinstance(low, int) and isinstance(high, int)):
                break
            where = f" WHERE typeof({name}) = 'integer'"  # other classes stand at the ends
        return None if low is None else (low, high)

    def complaint(self, table: TableName, where: str) -> str | None:
        """Return what is wrong with a condition, None when SQLite takes it."""
        return complaint(self.session, table, where)

    def rows(
        self,
        catalog: Catalog,
        *,
        max_duration: float | None,
        encoding: str | None,  # noqa: ARG002 - `missing_rights` refuses it
    ) -> SqliteRows:
        """Return the rows of the snapshot for choosing a subset."""
        return SqliteRows(self.session, catalog, places=self.places, max_duration=max_duration)

    def sample(
        self,
        catalog: Catalog,  # noqa: ARG002 - the table says all there is to know
        table: Table,
        columns: Sequence[Column],
        *,
        rows: int,
        seed: int,
        seconds: float,
    ) -> Sampled:
        """Return about so many random rows."""
        with self.session.limited(f"sampling {table.name}", seconds):
            return sample(self.session, self.places, table, columns, rows=rows, seed=seed)

    def reader(self, *, encoding: str | None = None) -> SqliteReader:
        """Return what lanes of this process read the same snapshot through."""
        del encoding
        return SqliteReader(session=self.session, places=self.places)

    def close(self) -> None:
        """Close the connection, and with it the snapshot."""
        self.session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _encoding(catalog: Catalog, declared: str | None) -> Iterator[Finding]:
    if declared is not None:
        yield error(
            "encoding",
            f"database `{catalog.database}` is SQLite's, which knows its encoding by itself",
            subject=catalog.database,
            help="remove `encoding:`; it is for PostgreSQL databases that are SQL_ASCII",
        )


def _needs_application(entry: Entry) -> Finding:
    return error(
        "needs-application",
        f"{entry} of `{entry.table}` uses a function or a collation that only its application has",
        subject=f"{MAIN}.{entry.table}",
        help="exclude the table; SQLite alone can neither make it nor fill it",
    )


def of_sqlite(source: Source) -> SqliteSource:
    """Return a source as the one of this engine that it is."""
    if not isinstance(source, SqliteSource):
        raise Bug("SQLite was given a source of another engine")
    return source

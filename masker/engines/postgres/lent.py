"""Change tables of PostgreSQL where they lie, through a connection that belongs to a caller."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Generator, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from typing import Any

import polars as pl
from sqlalchemy.engine import URL

from masker.catalog import Catalog, Column, Table, TableName
from masker.engines.in_place import (
    BATCH_BYTES,
    BATCH_ROWS,
    MARKER,
    Change,
    InPlace,
    Rows,
    Tie,
    conditions,
)
from masker.engines.postgres import marker
from masker.engines.postgres.address import Address
from masker.engines.postgres.aside import aside
from masker.engines.postgres.catalog import read_catalog
from masker.engines.postgres.held import Held
from masker.engines.postgres.lent_session import LentSession
from masker.engines.postgres.obstacles import obstacles, refuse_altered
from masker.engines.postgres.predicate import complaint
from masker.engines.postgres.rewrite import Rewrite, cast_sql, only, table_sql, text_sql
from masker.engines.postgres.session import SETTINGS, Side, bindable, literal, quote
from masker.engines.postgres.tie import tie, tie_to
from masker.errors import ConfigError, MaskerError
from masker.findings import Finding

# What gives values their one text form; the rest of our settings are for sessions of our own.
_FORMS = (
    *(
        (name, value)
        for name, value in SETTINGS
        if name not in {"search_path", "client_encoding", "lock_timeout", "statement_timeout",
                        "idle_in_transaction_session_timeout"}
    ),
    ("array_nulls", "on"),  # values go as arrays, and off makes a text of each null
)  # fmt: skip
_FIRST_ROWS = 1_000  # by whose width the others are counted
_FIND = """
SELECT n.nspname, c.relname, c.relkind
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE c.oid = pg_catalog.to_regclass(%s)
"""
_NEAR = """
SELECT c.relname FROM pg_catalog.pg_class c
 WHERE c.relkind IN ('r', 'p') AND pg_catalog.pg_table_is_visible(c.oid)
"""
_COMMENT = "SELECT pg_catalog.obj_description(%s::pg_catalog.regclass, 'pg_class')"


class PostgresInPlace:
    """Changes tables of one database, see `masker.engines.in_place.InPlace`."""

    def __init__(self, raw: Any) -> None:
        link = raw.info
        url = URL.create("postgresql", host=link.host, port=link.port, database=link.dbname)
        address = Address(link.host or "", int(link.port), link.dbname, link.user, url)
        self._session = LentSession(address, side=Side.TARGET, connection=raw)
        self._former: list[tuple[str, str]] = []
        self._chosen: dict[TableName, str] = {}
        self._laid: dict[TableName, str] = {}
        self._session.query("SELECT 1")  # begins a transaction, unless each statement is one
        if not self._session.in_transaction:
            raise ConfigError(
                "the connection commits every statement, so a failure could not be undone",
                help="begin a transaction, or leave AUTOCOMMIT out",
                code="no-transaction",
            )
        if self._session.encoding != "UTF8":
            raise ConfigError(
                "the connection does not speak UTF-8, so texts could not be read or written right",
                help="connect with `client_encoding=utf8`; the database's own encoding may stay",
                code="client-encoding",
            )

    @property
    def names(self) -> tuple[str, ...]:
        """Return what database, host, role and cluster are called."""
        address = self._session.address
        here = self._session.one("SELECT current_database()")  # a pooler may call it otherwise
        cluster = self._session.one("SELECT pg_catalog.current_setting('cluster_name', true)")
        return (address.database, str(here), address.host, address.user, str(cluster or ""))

    @property
    def database(self) -> str:
        """Return the database's name."""
        return self._session.address.database

    @property
    def address(self) -> str:
        """Return where the database is, without a password."""
        return str(self._session.address)

    def tie_to(self, url: str) -> Tie:
        """Ask the server that a URL leads to, for a few seconds; spelling alone tells less."""
        return tie_to(url, self._session)

    def is_same(self, other: InPlace) -> bool:
        """Tell whether another connection leads to this very database, by the server's word."""
        if not isinstance(other, PostgresInPlace):
            return False
        theirs = other._session  # noqa: SLF001 - of its own class
        return self._session.raw is theirs.raw or tie(theirs, self._session) is Tie.SAME

    # -- all or nothing --------------------------------------------------------------------------

    @contextmanager
    def whole(self) -> Iterator[None]:
        """Let all of a block happen or nothing; settings are as before after it, either way."""
        session = self._session
        session.execute("SAVEPOINT masker")
        try:
            yield
            self._set(self._former)
            for name in (*self._chosen.values(), *self._laid.values()):
                session.execute(f"DROP TABLE pg_temp.{quote(name)}")
        except BaseException:
            with suppress(MaskerError):  # a connection that is lost has rolled back by itself
                session.execute("ROLLBACK TO SAVEPOINT masker")
                session.execute("RELEASE SAVEPOINT masker")
            raise
        finally:
            self._former, self._chosen, self._laid = [], {}, {}
        session.execute("RELEASE SAVEPOINT masker")

    def _set(self, settings: Sequence[tuple[str, str]]) -> None:
        for name, value in settings:
            self._session.query("SELECT pg_catalog.set_config(%s, %s, true)", [name, value])

    def _remember(self) -> None:
        """Remember the caller's settings."""
        if not self._former:
            names = [*(name for name, _ in _FORMS), "default_tablespace"]
            self._former = [
                (name, value)
                for name, value in self._session.query(
                    "SELECT w.name, pg_catalog.current_setting(w.name) "
                    "FROM unnest(%s::text[]) w(name)",
                    [names],
                )
            ]

    def _take_forms(self) -> None:
        """Give values their one text form, and remember the caller's settings."""
        self._remember()
        self._set(_FORMS)

    @contextmanager
    def _bare_path(self) -> Iterator[None]:
        """Let the server spell every name in full."""
        former = self._session.one("SELECT pg_catalog.current_setting('search_path')")
        self._set([("search_path", "")])
        try:
            yield
        except BaseException:
            with suppress(MaskerError):  # a transaction that has failed loses the setting itself
                self._set([("search_path", former)])
            raise
        self._set([("search_path", former)])

    # -- what is there ---------------------------------------------------------------------------

    def find(self, written: str) -> TableName:
        """Return the table that a name means along the caller's search path."""
        schema, _, name = written.rpartition(".")
        rows = self._session.query(_FIND, [quote(schema, name)])
        if rows and rows[0][2] in {"r", "p"}:
            return TableName(rows[0][0], rows[0][1])
        if rows:
            raise ConfigError(
                f"`{written}` is no table, and holds no rows of its own",
                help="mask the tables that it reads",
                code="unknown-table",
                subject=written,
            )
        known = [one for (one,) in self._session.query(_NEAR)]
        near = difflib.get_close_matches(name, known, n=1)
        raise ConfigError(
            f"the database has no table `{written}`",
            help=f"did you mean `{near[0]}`?" if near else "write the schema, too",
            code="unknown-table",
            subject=written,
        )

    def catalog(self) -> Catalog:
        """Return what the database holds."""
        with self._bare_path():
            return read_catalog(self._session)

    def marker(self, table: TableName) -> str | None:
        """Return the last line of the table's comment, where it is masker's."""
        return self._comment(table)[1]

    def filled(self) -> bool:
        """Tell whether a run of masker filled the database."""
        return marker.part(self._session.one(marker.COMMENT))[1] is not None

    def mark(self, table: TableName, text: str) -> None:
        """Leave masker's marker as the last line of the table's comment."""
        own = self._comment(table)[0]
        line = MARKER + text
        whole = literal(f"{own}\n{line}" if own else line)
        self._session.execute(f"COMMENT ON TABLE {table_sql(table)} IS {whole}")

    def _comment(self, table: TableName) -> tuple[str, str | None]:
        text = str(self._session.one(_COMMENT, [table_sql(table)]) or "")
        own, _, last = text.rpartition("\n")
        return (own, last.removeprefix(MARKER)) if last.startswith(MARKER) else (text, None)

    def refuse_frozen(self) -> None:
        """Raise ConfigError where a snapshot may be older than the locks that are taken here.

        A row that others committed in between would be unseen and unmasked, and so would a marker.
        """
        level = self._session.one("SELECT pg_catalog.current_setting('transaction_isolation')")
        if level not in {"read committed", "read uncommitted"}:
            raise ConfigError(
                f"the transaction is {str(level).upper()}: it does not see the rows that others "
                "committed since it began, and they would stay unmasked",
                help='begin it as READ COMMITTED, such as by `isolation_level="READ COMMITTED"`',
                code="isolation-level",
            )

    def hold(self, table: TableName) -> None:
        """Take the lock that a comment takes, the marker's own; readers and writers go on."""
        self._session.lock(table, f"ONLY {table_sql(table)}", "SHARE UPDATE EXCLUSIVE")

    def obstacles(self, changes: Sequence[Change], *, ddl: bool) -> Iterator[Finding]:
        """Yield triggers, rules and rights that stand in the way."""
        yield from obstacles(self._session, changes, ddl=ddl)

    # -- rows out --------------------------------------------------------------------------------

    def complaint(self, table: TableName, where: str) -> str | None:
        """Return what the server says of a condition, as the caller's own settings read it."""
        return complaint(self._session, table, where)

    def choose(self, changes: Sequence[Change], *, where: str | None, ddl: bool) -> None:
        """Lock the tables; note which rows change, as the caller's own settings read `where`."""
        mode = "ACCESS EXCLUSIVE" if ddl else "SHARE ROW EXCLUSIVE"
        for change in changes:
            self._session.lock(change.table.name, only(change.table), mode)
        refuse_altered(self._session, changes)
        self._remember()
        self._set([("row_security", "off")])  # fail rather than pass rows over
        if where is not None:
            told = conditions(changes, where, quote)
            for number, change in enumerate(changes):
                mine = [told[change.table.name, at] for at in range(len(change.shares))]
                flags = ", ".join(f"coalesce({sql}, false) AS s{at}" for at, sql in enumerate(mine))
                name = f"masker_chosen_{number}"
                self._session.execute(
                    f"CREATE TEMPORARY TABLE {name} ON COMMIT DROP AS "
                    f"SELECT tableoid AS part, ctid AS tid, {flags} FROM {only(change.table)} "
                    f"WHERE {' OR '.join(mine)}"
                )
                self._chosen[change.table.name] = name
                self._session.execute(f"ANALYZE pg_temp.{name}")
        self._take_forms()
        for number, change in enumerate(changes):
            self._lay_out(change, f"masker_laid_{number}")

    def _lay_out(self, change: Change, name: str) -> None:
        takes = [f"s{at} bool" for at in range(len(change.shares))]
        values = [f"n{at} text" for at in range(len(change.columns))]
        columns = ", ".join(["part oid", "tid tid", *takes, *values])
        self._session.execute(f"CREATE TEMPORARY TABLE {name} ({columns}) ON COMMIT DROP")
        self._laid[change.table.name] = name

    def rows(self, change: Change) -> Generator[Rows]:
        """Yield the rows of a change in batches, through a cursor of the server."""
        chosen = self._chosen.get(change.table.name)
        flags = [f"w.s{at}" for at in range(len(change.shares))] if chosen else []
        wanted = [text_sql(f"t.{quote(column.name)}", column) for column in change.reads]
        sql = f"SELECT t.tableoid, t.ctid::text, {', '.join([*flags, *wanted]) or 'true'} "
        sql += f"FROM {only(change.table)} t"
        if chosen:
            sql += f" JOIN pg_temp.{chosen} w ON t.ctid = w.tid AND t.tableoid = w.part"
        schema = {column.name: pl.String for column in change.reads}
        with closing(self._fetched(sql)) as batches:
            for columns in batches:
                takes = columns[2 : 2 + len(flags)]
                values = columns[2 + len(flags) :]
                yield Rows(
                    marks=columns[:2],
                    frame=pl.DataFrame(dict(zip(schema, values, strict=False)), schema=schema),
                    takes=tuple(pl.Series(take) for take in takes) or (None,) * len(change.shares),
                )

    def keep(self, change: Change, rows: Rows, masked: pl.DataFrame) -> None:
        """Lay the masked values of a batch aside."""
        count = masked.height
        takes = [[True] * count if take is None else take.to_list() for take in rows.takes]
        values = [masked[column.name].to_list() for column in change.columns]
        types = ["oid", "tid", *["bool"] * len(takes), *["text"] * len(values)]
        lists = ", ".join(f"%s::{kind}[]" for kind in types)
        self._session.execute(
            f"INSERT INTO pg_temp.{self._laid[change.table.name]} SELECT * FROM unnest({lists})",
            [*map(list, rows.marks), *takes, *values],
        )

    # -- rows in ---------------------------------------------------------------------------------

    def write(self, changes: Sequence[Change], *, ddl: bool) -> dict[TableName, int]:
        """Put what was laid aside into the tables; return how many rows changed in each."""
        for change in changes:
            self._session.execute(f"ANALYZE pg_temp.{self._laid[change.table.name]}")
        rewrite = Rewrite(self._session, self._laid, self._chosen)
        if ddl:
            held = Held(self._session, changes)
            held.drop(changes)
            counts = rewrite.in_one(changes, {})
            held.restore()
        else:
            shifts = {
                (change.table.name, name): shift
                for change in changes
                for name, highest in change.keyed.items()
                if (shift := aside(change.table.column(name), highest)) is not None
            }
            rewrite.refuse_taken(changes, shifts)
            counts = rewrite.in_one(changes, shifts)
            if shifts:
                rewrite.shift_back(changes, shifts)
        for change in changes:  # the server's statistics hold values of before
            self._session.execute(f"ANALYZE {table_sql(change.table.name)}")
        return counts

    def restart(self, sequences: Sequence[tuple[TableName, int]]) -> None:
        """Let sequences go on above a number; unlike `setval`, a rollback undoes it."""
        for name, last in sequences:
            self._session.execute(f"ALTER SEQUENCE {table_sql(name)} RESTART WITH {last + 1}")

    def read(
        self,
        table: Table,
        columns: Sequence[Column],
        *,
        where: str | None,
        stored: Collection[str] = (),
    ) -> Generator[pl.DataFrame]:
        """Yield rows of a table, through a cursor of the server; all of them as text."""
        del stored  # the server's own text of a value is all of it
        self._take_forms()
        wanted = ", ".join(text_sql(quote(column.name), column) for column in columns)
        rows = f"SELECT {wanted or 'true'} FROM {only(table)}"
        rows += "" if where is None else f" WHERE ({where}\n)"
        schema = {column.name: pl.String for column in columns}
        with closing(self._fetched(rows)) as batches:
            for found in batches:
                yield pl.DataFrame(dict(zip(schema, found, strict=False)), schema=schema)

    def plain(self, values: pl.Series, column: Column) -> pl.Series:
        """Return the text that it is."""
        del column
        return values

    def _fetched(self, rows: str) -> Generator[list[tuple[Any, ...]]]:
        """Yield what a query gives, as columns, in batches."""
        self._session.execute(f"DECLARE masker_rows NO SCROLL CURSOR FOR {rows}")
        count = min(_FIRST_ROWS, BATCH_ROWS)
        try:
            while found := self._session.query(f"FETCH FORWARD {count} FROM masker_rows"):
                columns = list(zip(*found, strict=True))
                yield columns
                size = sum(len(cell) for each in columns for cell in each if isinstance(cell, str))
                count = max(1, min(BATCH_ROWS, BATCH_BYTES * len(found) // max(size, 1)))
        finally:
            with suppress(MaskerError):  # a transaction that has failed has closed it
                self._session.execute("CLOSE masker_rows")

    def insert(
        self, table: TableName, columns: Sequence[Column], batches: Iterator[pl.DataFrame]
    ) -> int:
        """Add rows of plain text values to a table."""
        self._take_forms()
        names = ", ".join(quote(column.name) for column in columns)
        lists = ", ".join("%s::text[]" for _ in columns)
        values = ", ".join(f"v{at}{cast_sql(column)}" for at, column in enumerate(columns))
        marks = ", ".join(f"v{at}" for at in range(len(columns)))
        overriding = "OVERRIDING SYSTEM VALUE " if any(c.identity for c in columns) else ""
        count = 0
        for batch in batches:
            count += self._session.execute(
                bindable(f"INSERT INTO {table_sql(table)} ({names}) {overriding}SELECT {values} ")
                + f"FROM unnest({lists}) AS v({marks})",
                [batch[column.name].to_list() for column in columns],
            )
        return count

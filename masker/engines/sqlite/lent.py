"""Change tables of SQLite where they lie, through a connection that belongs to a caller."""

from __future__ import annotations

import difflib
import sqlite3
from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import polars as pl

from masker.catalog import Catalog, Column, Table, TableName
from masker.engines.in_place import BATCH_BYTES, MARKER, Change, InPlace, Rows, Tie, conditions
from masker.engines.sqlite.address import Address
from masker.engines.sqlite.catalog import read_catalog
from masker.engines.sqlite.fetch import batches
from masker.engines.sqlite.files import same_file
from masker.engines.sqlite.layout import Layout, layout, relations, sql
from masker.engines.sqlite.lent_session import LentSession
from masker.engines.sqlite.marker import read as read_marker
from masker.engines.sqlite.predicate import complaint
from masker.engines.sqlite.rewrite import Rewrite, marks_of
from masker.engines.sqlite.session import MAIN, Side, quote
from masker.engines.sqlite.types import has_numbers
from masker.engines.sqlite.values import from_text, has_broken_text, to_text
from masker.errors import ConfigError, DataError, MaskerError
from masker.findings import Finding, error

# Table and marker of what was masked where it lies; a table of SQLite's own kind, see `marker.py`.
MARKERS = "sqlite_masker_tables"
_MEMORY = Path(":memory:")
_PRAGMAS = ("defer_foreign_keys", "ignore_check_constraints")
_TRIGGERS = """
SELECT +name, +tbl_name, +sql FROM sqlite_schema WHERE type = 'trigger'
UNION ALL SELECT name, tbl_name, NULL FROM sqlite_temp_schema WHERE type = 'trigger'
"""


class SqliteInPlace:
    """Changes tables of one file, see `masker.engines.in_place.InPlace`."""

    def __init__(self, raw: sqlite3.Connection) -> None:
        self._session = LentSession(Address(_MEMORY), side=Side.TARGET, connection=raw)
        files = {name: path for _, name, path in self._session.query("PRAGMA database_list")}
        self._file = files[MAIN]
        if self._file:
            self._session.address = Address(Path(self._file))
        self._layouts: dict[TableName, Layout] = {}
        self._laid: dict[TableName, str] = {}
        self._told: dict[tuple[TableName, int], str] | None = None
        if raw.in_transaction:
            return
        if raw.isolation_level is None or getattr(raw, "autocommit", None) is True:
            raise ConfigError(
                "the connection commits every statement, so a failure could not be undone",
                help="begin a transaction, or leave AUTOCOMMIT out",
                code="no-transaction",
            )
        # sqlite3 begins a transaction late, at the first row that is written; its own COMMIT or
        # ROLLBACK ends this one as well.
        self._session.execute("BEGIN")

    @property
    def names(self) -> tuple[str, ...]:
        """Return what the file and its folder are called."""
        path = self._session.address.path
        return (path.name, path.parent.name)

    @property
    def database(self) -> str:
        """Return the file's name."""
        return self._session.address.database

    @property
    def address(self) -> str:
        """Return where the file is; a database in memory is told by its connection."""
        return str(self._session.address) if self._file else f"memory {id(self._session.raw)}"

    def tie_to(self, url: str) -> Tie:
        """Tell whether a URL leads to this file, by whatever links."""
        try:
            other = Address.parse(url)
        except ConfigError:
            return Tie.NONE
        return Tie.SAME if self._is_file(other.path) else Tie.NONE

    def is_same(self, other: InPlace) -> bool:
        """Tell whether another connection has the same file, or is the same one, open."""
        if not isinstance(other, SqliteInPlace):
            return False
        theirs = other._session  # noqa: SLF001 - of its own class
        return self._session.raw is theirs.raw or self._is_file(theirs.address.path)

    def _is_file(self, path: Path) -> bool:
        mine = self._session.address.path
        return _MEMORY not in {mine, path} and same_file(mine, path)

    # -- all or nothing --------------------------------------------------------------------------

    @contextmanager
    def whole(self) -> Iterator[None]:
        """Let all of a block happen or nothing; settings are as before after it, either way."""
        session = self._session
        former = {name: session.one(f"PRAGMA {name}") for name in _PRAGMAS}
        session.execute("SAVEPOINT masker")
        try:
            yield
            for name in self._laid.values():
                session.execute(f"DROP TABLE temp.{name}")
            self._set(former)
        except BaseException:
            with suppress(MaskerError):  # a full disk may have rolled back everything
                session.execute("ROLLBACK TO masker")
                session.execute("RELEASE masker")
            # What takes no PRAGMA is closed or interrupted, and what failed first is told.
            with suppress(MaskerError):
                self._set(former)
            raise
        finally:
            self._laid, self._told = {}, None
        session.execute("RELEASE masker")

    def _set(self, pragmas: Mapping[str, int]) -> None:
        for name, value in pragmas.items():
            self._session.execute(f"PRAGMA {name} = {int(value)}")

    # -- what is there ---------------------------------------------------------------------------

    def find(self, written: str) -> TableName:
        """Return the table that a name means."""
        schema, _, name = written.rpartition(".")
        every = {one.name: one.type for one in relations(self._session)}
        known = [one for one, kind in every.items() if kind == "table"]
        found = next((one for one in known if one.lower() == name.lower()), None)
        if found is not None and schema in {"", MAIN}:
            return TableName(MAIN, found)
        near = difflib.get_close_matches(name, known, n=1)
        raise ConfigError(
            f"`{written}` is no table, and holds no rows of its own"
            if name in every
            else f"the database has no table `{written}`",
            help=f"did you mean `{near[0]}`?" if near else "check the name",
            code="unknown-table",
            subject=written,
        )

    def catalog(self) -> Catalog:
        """Return what the file holds."""
        return read_catalog(self._session)

    def marker(self, table: TableName) -> str | None:
        """Return what the table of markers says of a table."""
        if not self._has_markers():
            return None
        text = self._session.one(
            f"SELECT +marker FROM main.{MARKERS} WHERE table_name = ?", [table.name]
        )
        return None if text is None else str(text).removeprefix(MARKER)

    def filled(self) -> bool:
        """Tell whether a run of masker filled the file."""
        return read_marker(self._session) is not None

    def mark(self, table: TableName, text: str) -> None:
        """Leave masker's marker in the table of markers, which the first one makes."""
        session = self._session
        if not self._has_markers():
            former = {"writable_schema": session.one("PRAGMA writable_schema")}
            session.execute("PRAGMA writable_schema = ON")  # only so does SQLite let one make it
            try:
                session.execute(f"CREATE TABLE main.{MARKERS} (table_name TEXT, marker TEXT)")
            finally:
                self._set(former)
        session.execute(f"DELETE FROM main.{MARKERS} WHERE table_name = ?", [table.name])
        session.execute(f"INSERT INTO main.{MARKERS} VALUES (?, ?)", [table.name, MARKER + text])

    def _has_markers(self) -> bool:
        found = self._session.one("SELECT 1 FROM main.sqlite_schema WHERE name = ?", [MARKERS])
        return found is not None

    def refuse_frozen(self) -> None:
        """Do nothing: SQLite itself lets nobody write who does not see the newest rows."""

    def hold(self, table: TableName) -> None:
        """Do nothing: who writes after somebody else has must begin anew (`sqlite-busy`)."""

    def obstacles(self, changes: Sequence[Change], *, ddl: bool) -> Iterator[Finding]:
        """Yield triggers that stand in the way."""
        for name, table, definition in self._triggers(changes):
            if definition is None or not ddl:
                yield error(
                    "update-trigger",
                    f"the trigger `{name}` of `{table}` would be shown the rows as they were",
                    subject=table,
                    help="drop the temporary trigger first"
                    if definition is None
                    else "leave `ddl=False` out, then triggers are off meanwhile; or drop it "
                    "yourself",
                )

    def _triggers(self, changes: Sequence[Change]) -> list[tuple[str, str, str | None]]:
        tables = {change.table.name.name.lower() for change in changes}
        return [
            (name, table, definition)
            for name, table, definition in self._session.query(_TRIGGERS)
            if table.lower() in tables
        ]

    # -- rows out --------------------------------------------------------------------------------

    def complaint(self, table: TableName, where: str) -> str | None:
        """Return what SQLite says of a condition."""
        return complaint(self._session, table, where)

    def choose(self, changes: Sequence[Change], *, where: str | None, ddl: bool) -> None:
        """Settle which rows change; the file is ours from the first row that is written."""
        del ddl
        without = {one.name: one.without_rowid for one in relations(self._session)}
        self._told = None if where is None else conditions(changes, where, quote)
        for number, change in enumerate(changes):
            name = change.table.name
            made = layout(self._session, name, without_rowid=without[name.name])
            self._layouts[name] = made
            marks = [f"k{at}" for at in range(len(marks_of(made)))]
            takes = [f"s{at}" for at in range(len(change.shares))]
            values = [f"n{at}" for at in range(len(change.columns))]
            laid = f"masker_laid_{number}"
            self._session.execute(
                f"CREATE TABLE temp.{laid} ({', '.join([*marks, *takes, *values])}, "
                f"PRIMARY KEY ({', '.join(marks)})) WITHOUT ROWID"
            )
            self._laid[name] = laid

    def rows(self, change: Change) -> Generator[Rows]:
        """Yield the rows of a change in batches."""
        name = change.table.name
        marks = marks_of(self._layouts[name])
        flags, where = [], ""
        if self._told is not None:
            mine = [self._told[name, at] for at in range(len(change.shares))]
            flags = [f"coalesce(({each}), 0)" for each in mine]
            where = f" WHERE {' OR '.join(mine)}"
        told = [*map(quote, marks), *flags]
        with closing(self._fetched(told, change.reads, name, where)) as read:
            for columns in read:
                takes = columns[len(marks) : len(told)]
                yield Rows(
                    marks=columns[: len(marks)],
                    frame=_frame(change.reads, columns[len(told) :]),
                    takes=tuple(pl.Series([bool(flag) for flag in take]) for take in takes)
                    or (None,) * len(change.shares),
                )

    def read(
        self,
        table: Table,
        columns: Sequence[Column],
        *,
        where: str | None,
        stored: Collection[str] = (),
    ) -> Generator[pl.DataFrame]:
        """Yield rows of a table; what is `stored` as Python objects, by their class."""
        condition = "" if where is None else f" WHERE ({where}\n)"
        with closing(self._fetched([], columns, table.name, condition)) as read:
            for found in read:
                yield _frame(columns, found, stored)

    def plain(self, values: pl.Series, column: Column) -> pl.Series:
        """Return objects as text."""
        if values.dtype != pl.Object:
            return values
        return to_text(values.name, values.to_list(), column.type.kind)

    def _fetched(
        self, marks: Sequence[str], columns: Sequence[Column], table: TableName, where: str
    ) -> Generator[list[tuple[Any, ...]]]:
        """Yield what is selected, as columns, in batches."""
        # A plus takes a column's declared type away, by which a caller may have values converted.
        wanted = [*marks, *(quote(column.name) for column in columns)]
        selected = ", ".join(f"+{each} AS c{at}" for at, each in enumerate(wanted))
        statement = f"SELECT {selected} FROM {sql(table)}{where}"
        with self._session.cursor(f"reading {table}", statement) as cursor:
            for found in batches(cursor, BATCH_BYTES):
                yield list(zip(*found, strict=True))

    def keep(self, change: Change, rows: Rows, masked: pl.DataFrame) -> None:
        """Lay the masked values of a batch aside."""
        count = masked.height
        takes = [[True] * count if take is None else take.to_list() for take in rows.takes]
        values = [_stored(masked[column.name], column) for column in change.columns]
        marks, bound = _bound(rows.marks)
        places = ", ".join([*marks, *"?" * (len(takes) + len(values))])
        self._session.execute_many(
            f"INSERT INTO temp.{self._laid[change.table.name]} VALUES ({places})",
            zip(*bound, *takes, *values, strict=True),
        )

    # -- rows in ---------------------------------------------------------------------------------

    def write(self, changes: Sequence[Change], *, ddl: bool) -> dict[TableName, int]:
        """Put what was laid aside into the tables; return how many rows changed in each."""
        del ddl
        session = self._session
        rewrite = Rewrite(session, self._laid, self._layouts)
        rewrite.refuse_taken(changes)
        broken = self._broken(changes)
        triggers = self._triggers(changes)
        for name, _, _ in triggers:
            session.execute(f"DROP TRIGGER {quote(MAIN, name)}")
        session.execute("PRAGMA defer_foreign_keys = ON")
        session.execute("PRAGMA ignore_check_constraints = ON")  # of values aside
        rewrite.to_aside(changes)
        session.execute("PRAGMA ignore_check_constraints = OFF")
        rewrite.back(changes)
        for _, _, definition in triggers:
            session.execute(str(definition))
        if self._broken(changes) != broken:
            raise DataError(
                "a foreign key does not hold after masking",
                help="is it declared between the columns that the rules mask alike?",
                code="constraint-invalid",
            )
        return {change.table.name: self._count(change) for change in changes}

    def _count(self, change: Change) -> int:
        return int(self._session.one(f"SELECT count(*) FROM temp.{self._laid[change.table.name]}"))

    def _broken(self, changes: Sequence[Change]) -> int:
        """Count the rows that break a foreign key of the tables that change."""
        return sum(
            int(
                self._session.one(
                    "SELECT count(*) FROM pragma_foreign_key_check(?)", [change.table.name.name]
                )
            )
            for change in changes
        )

    def restart(self, sequences: Sequence[tuple[TableName, int]]) -> None:
        """Do nothing: AUTOINCREMENT goes on above the highest rowid by itself."""

    def insert(
        self, table: TableName, columns: Sequence[Column], batches: Iterator[pl.DataFrame]
    ) -> int:
        """Add rows of plain text values, or of objects, to a table."""
        names = ", ".join(quote(column.name) for column in columns)
        count = 0
        for batch in batches:
            places, values = _bound([_stored(batch[column.name], column) for column in columns])
            self._session.execute_many(
                f"INSERT OR ABORT INTO {sql(table)} ({names}) VALUES ({', '.join(places)})",
                zip(*values, strict=True),
            )
            count += batch.height
        return count


def _bound(columns: Sequence[Sequence[Any]]) -> tuple[list[str], list[Sequence[Any]]]:
    """Return the places of values in a statement and what is bound there.

    sqlite3 binds no text that is no UTF-8: where a column holds such text, all of its texts are
    bound as bytes, after a column that says which ones they are.
    """
    places: list[str] = []
    bound: list[Sequence[Any]] = []
    for values, broken in zip(columns, has_broken_text(columns), strict=True):
        if not broken:
            places.append("?")
            bound.append(values)
            continue
        texts = [isinstance(value, str) for value in values]
        raw = [v.encode("utf-8", "surrogateescape") if isinstance(v, str) else v for v in values]
        places.append("iif(?, CAST(? AS TEXT), ?)")
        bound += [texts, raw, raw]
    return places, bound


def _frame(
    columns: Sequence[Column], values: Sequence[Sequence[Any]], stored: Collection[str] = ()
) -> pl.DataFrame:
    return pl.DataFrame(
        [
            pl.Series(column.name, held, dtype=pl.Object)
            if column.name in stored
            else to_text(column.name, held, column.type.kind)
            for column, held in zip(columns, values, strict=True)
        ]
    )


def _stored(values: pl.Series, column: Column) -> list[Any]:
    if values.dtype == pl.Object:
        return values.to_list()
    return from_text(values, column.type.kind, numbers=has_numbers(column.type))

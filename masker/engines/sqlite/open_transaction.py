"""The target file itself, loaded in one open transaction: where rows go, what the audit reads.

Triggers of the connection's own keep a list of the rows that are written, in memory: others see
neither them nor the list.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import polars as pl

from masker.catalog import Column, Table, TableName
from masker.engines.engine import Write
from masker.engines.part import Part
from masker.engines.plain import plain
from masker.engines.sqlite import layout as lay
from masker.engines.sqlite.codec import Block, Values
from masker.engines.sqlite.inlet import SqliteInlet
from masker.engines.sqlite.loaded import BATCH_BYTES, SqliteLoaded
from masker.engines.sqlite.outlet import read
from masker.engines.sqlite.places import Places
from masker.engines.sqlite.session import MAIN, Session, quote
from masker.errors import CollisionError, MaskerError

_LIST = "masker_written_{}"
_TRIGGERS = "SELECT name, sql FROM main.sqlite_schema WHERE type = 'trigger' ORDER BY rowid"


class Written:
    """The lists of rows that are written, one for each table of the file."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._places = Places(session)
        self._lists: dict[TableName, str] = {}
        for number, relation in enumerate(lay.relations(session)):
            if relation.type == "table":
                self._watch(TableName(MAIN, relation.name), _LIST.format(number))

    def _watch(self, table: TableName, kept: str) -> None:
        names = self._names(table)
        columns = ", ".join(f"k{at}" for at in range(len(names)))
        new = ", ".join(f"new.{name}" for name in names)
        self._session.execute(f"CREATE TEMP TABLE {kept} ({columns})")
        for event in ("INSERT", "UPDATE"):
            # A trigger names no schema in what it writes; nobody else calls a table so.
            self._session.execute(
                f"CREATE TEMP TRIGGER {kept}_{event} AFTER {event} ON {lay.sql(table)} "
                f"BEGIN INSERT INTO {kept} VALUES ({new}); END"
            )
        self._lists[table] = kept

    def _names(self, table: TableName) -> list[str]:
        layout = self._places.layout(table)
        keys = [layout.rowid] if layout.rowid is not None else [name for name, _ in layout.key]
        return [quote(name) for name in keys]

    def where(self, table: TableName) -> str:
        """Return the condition on a table's rows that were written; they may be gone again."""
        if table not in self._lists:  # made meanwhile, by a person's statements
            return "true"
        names = ", ".join(self._names(table))
        return f"({names}) IN (SELECT * FROM temp.{self._lists[table]})"


class Silenced:
    """The triggers of a file, dropped while rows are loaded and made again as they were."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._made: list[tuple[str, str]] = session.query(_TRIGGERS)

    def off(self) -> None:
        """Drop them, in the open transaction."""
        for name, _ in self._made:
            self._session.execute(f"DROP TRIGGER {quote(MAIN, name)}")

    def on(self) -> None:
        """Make them again."""
        for _, statement in self._made:
            self._session.execute(statement)


class OpenInlet(SqliteInlet):
    """Loads rows on the connection that everything else of the run happens on."""

    def __init__(
        self, session: Session, keys: Mapping[TableName, Sequence[str]], *, adds: bool
    ) -> None:
        super().__init__(session)
        self._keys = keys
        self._adds = adds

    @contextmanager
    def load(self, table: TableName, columns: Sequence[str]) -> Iterator[Write]:
        """Load rows of these columns; CollisionError where a key is there already."""
        conflict = _on_conflict(self._keys[table], columns) if table in self._keys else ""
        write = self.writing(table, columns, conflict)

        def told(block: Block) -> int:
            try:
                return write(block)
            except CollisionError as failure:
                if not self._adds:
                    raise
                raise _taken(table, failure) from None

        yield told

    def close(self) -> None:
        """Leave the connection open: nothing is committed yet."""


def _on_conflict(key: Sequence[str], columns: Sequence[str]) -> str:
    changed = [name for name in columns if name not in key] or key[:1]
    sets = ", ".join(f"{quote(name)} = excluded.{quote(name)}" for name in changed)
    return f" ON CONFLICT ({', '.join(map(quote, key))}) DO UPDATE SET {sets}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenWriter:
    """Opens inlets on one connection; `keys` are those by which rows are found and updated."""

    session: Session = field(repr=False)
    keys: Mapping[TableName, Sequence[str]]
    adds: bool

    def open(self) -> OpenInlet:
        """Return the connection as an inlet."""
        return OpenInlet(self.session, self.keys, adds=self.adds)


class OpenLoaded(SqliteLoaded):
    """The rows that the open transaction wrote, and nothing else that the file holds.

    `tables` are those that were loaded; of them `whole` ones hold nothing else.
    """

    def __init__(
        self,
        session: Session,
        *,
        written: Written,
        tables: Collection[TableName],
        whole: Collection[TableName],
    ) -> None:
        super().__init__(session)
        self._written = written
        self._tables = tables
        self._whole = whole

    def broken(self) -> Iterator[tuple[str, TableName, str]]:
        """Yield what does not hold of the loaded tables, or of the file as such."""
        for kind, table, name in super().broken():
            if kind == "file" or table in self._tables:
                yield kind, table, name

    def count(self, table: TableName) -> int:
        """Count the rows of a table that were written."""
        if table in self._whole:
            return super().count(table)
        sql = f"SELECT count(*) FROM {lay.sql(table)} WHERE {self._written.where(table)}"
        found: int = self._session.one(sql)
        return found

    def frames(self, table: TableName, columns: Sequence[Column]) -> Iterator[pl.DataFrame]:
        """Yield the rows of a table that were written, as plain Strings."""
        codec = Values(tuple(columns))
        where = None if table in self._whole else self._written.where(table)
        blocks = read(
            self._session,
            Places(self._session),
            Part(table=table, where=where),
            codec.names,
            batch_bytes=BATCH_BYTES,
        )
        return plain(blocks, codec)

    def close(self) -> None:
        """Leave the connection open: nothing is committed yet."""


def key_of(table: Table, moved: Sequence[str]) -> tuple[str, ...] | None:
    """Return the columns by which a row is found again, None where the table has none such.

    The primary key, else a unique key without nulls; all of its columns are moved.
    """
    required = {column.name for column in table.columns if not column.nullable}
    for key in sorted(table.keys, key=lambda one: (not one.primary, one.columns)):
        if key.partial or key.expression:
            continue
        if set(key.columns) <= (required | ({*key.columns} if key.primary else set())) & set(moved):
            return key.columns
    return None


def dangling(session: Session) -> dict[tuple[str, str], str]:
    """Return the foreign keys that rows break: the parent by child and place in the child.

    Those of a table one of which has no parent, or none that is unique, are not looked at: SQLite
    refuses to.
    """
    found: dict[tuple[str, str], str] = {}
    for relation in lay.relations(session):
        if relation.type != "table":
            continue
        try:
            rows = session.query(
                "SELECT DISTINCT fkid, parent FROM pragma_foreign_key_check(?, 'main')",
                [relation.name],
            )
        except MaskerError as failure:
            if failure.code != "sqlite-error":
                raise
            continue
        found.update({(relation.name, str(number)): str(parent) for number, parent in rows})
    return found


def _taken(table: TableName, failure: CollisionError) -> CollisionError:
    under = failure.constraint or failure.subject
    told = CollisionError(
        f"a row with the same key is in `{table}` already, under `{under}`",
        help="`mode: upsert` updates rows that are there; nothing was added",
        code="key-taken",
        subject=str(table),
    )
    told.constraint = failure.constraint
    return told

"""A database of another engine as a SQLite file: its tables, columns, keys and foreign keys."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from masker.catalog import Catalog, Column, ForeignKey, Key, Table, TableName
from masker.catalog.graph import Graph
from masker.engines.crossing import Crossed, Departure
from masker.engines.sqlite.address import Address
from masker.engines.sqlite.build import Entry, Schema
from masker.engines.sqlite.catalog import read_catalog
from masker.engines.sqlite.ddl import SqliteDdl
from masker.engines.sqlite.foreign import INTEGER, collation, declared, default
from masker.engines.sqlite.session import MAIN, TEXT, Session, Side, quote
from masker.engines.sqlite.words import fold
from masker.errors import ConfigError
from masker.findings import Finding, Findings, error, note

_HOME = "public"  # the schema whose tables keep their bare names
_RESERVED = "sqlite_"
_SHOWN = 3
_PAGE = 4096
_HELP = "what the file needs of it, make there; docs/snapshot.md says what crosses"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    """A table on its way: what it was, its name in the file, and what of it crosses."""

    was: Table
    name: str
    columns: tuple[Column, ...]
    keys: tuple[Key, ...]

    @property
    def names(self) -> frozenset[str]:
        """Return the names of the columns that cross."""
        return frozenset(column.name for column in self.columns)

    @property
    def rowid(self) -> str | None:
        """Return the column that becomes the rowid: the one integer of a primary key."""
        primary = next((key for key in self.keys if key.primary), None)
        if primary is None or len(primary.columns) != 1:
            return None
        name = primary.columns[0]
        kind = next(column.type for column in self.columns if column.name == name)
        return name if declared(kind) == INTEGER else None


class _Left:
    """What is left out, by its kind in the plural."""

    def __init__(self) -> None:
        self._names: dict[str, list[str]] = {}

    def add(self, kind: str, names: Iterable[str]) -> None:
        """Keep the names of what is left out."""
        for name in names:
            self._names.setdefault(kind, []).append(name)

    def findings(self) -> Iterator[Finding]:
        """Yield a note for each kind."""
        for kind, names in sorted(self._names.items()):
            shown = ", ".join(f"`{name}`" for name in sorted(names)[:_SHOWN])
            more = " …" if len(names) > _SHOWN else ""
            yield note(
                "not-crossed",
                f"{kind} that the SQLite file is made without: {len(names)} ({shown}{more})",
                subject=kind,
                help=_HELP,
            )


def cross(
    catalog: Catalog,
    definition: Departure,
    *,
    stored: Mapping[TableName, Sequence[str]],
    excluded: Collection[TableName],
) -> Crossed:
    """Return a database of another engine as a SQLite file has it.

    Partitions become part of their root. `stored` are the columns of which there are values, by
    table. Raise ConfigError for all names that SQLite takes for one.
    """
    left = _Left()
    for kind, names in definition.objects().items():
        left.add(kind, names)
    root = Graph(catalog).root_of
    tables = list(_tables(catalog, stored, excluded, left))
    clashes = Findings(tuple(_clashes(tables)))
    if clashes:
        raise ConfigError.from_findings(clashes)
    entries = tuple(_entries(catalog, tables, definition.clauses(), left))
    schema = _schema(entries)
    new = {table.was.name: TableName(MAIN, table.name) for table in tables}
    return Crossed(
        catalog=_catalog(schema, catalog.database, {table.name: table.was for table in tables}),
        ddl=SqliteDdl(made=schema, place=""),  # no file: it is no target's source
        tables={
            table.name: new[root(table.name)]
            for table in catalog.tables
            if root(table.name) in new and table.name not in excluded
        },
        findings=Findings(tuple(left.findings())),
    )


def _tables(
    catalog: Catalog,
    stored: Mapping[TableName, Sequence[str]],
    excluded: Collection[TableName],
    left: _Left,
) -> Iterator[_Table]:
    root = Graph(catalog).root_of
    parts: dict[TableName, list[Table]] = {}
    for table in catalog.tables:
        if table.name not in excluded:
            parts.setdefault(root(table.name), []).append(table)
    for table in catalog.tables:
        family = parts.get(table.name, [])
        if table.extension is not None or not any(part.holds_rows for part in family):
            continue
        there = {name for part in family for name in stored.get(part.name, ())}
        if not any(part.name in stored for part in family):
            there = {column.name for column in table.columns if not column.generated}
        columns = tuple(column for column in table.columns if column.name in there)
        if not columns:
            left.add("tables without columns", [str(table.name)])
            continue
        computed = (c.name for c in table.columns if c.name not in there)
        left.add("computed columns", (f"{table.name}.{name}" for name in computed))
        left.add("partitions", (str(part.name) for part in family if part.is_partition))
        yield _Table(
            was=table,
            name=_file_name(table.name),
            columns=columns,
            keys=tuple(_keys(table, family, there, left)),
        )


def _file_name(name: TableName) -> str:
    return name.name if name.schema == _HOME else f"{name.schema}_{name.name}"


def _keys(
    table: Table, family: Sequence[Table], there: Collection[str], left: _Left
) -> Iterator[Key]:
    """Yield the keys that a file can hold, those over the same columns once."""
    seen: set[frozenset[str]] = set()
    every = {frozenset(key.columns) for key in table.keys}
    for part in family:
        if part is not table:
            own = (key for key in part.keys if frozenset(key.columns) not in every)
            left.add("keys", (f"{part.name}.{key.name}" for key in own))
    for key in sorted(table.keys, key=lambda key: not key.primary):
        if key.partial or key.expression or not set(key.columns) <= set(there):
            left.add("keys", [f"{table.name}.{key.name}"])
        elif frozenset(key.columns) not in seen:
            seen.add(frozenset(key.columns))
            yield key


def _clashes(tables: Sequence[_Table]) -> Iterator[Finding]:
    """Yield an error for every name that two tables, or two columns of one, would have."""
    known: dict[str, TableName] = {}
    for table in tables:
        folded, name = fold(table.name), table.was.name
        if folded in known:
            yield _clash(
                f"`{known[folded]}` and `{name}` would both be the table", table.name, name
            )
        elif folded.startswith(_RESERVED):
            yield _clash(f"SQLite keeps for itself the name of `{name}`,", table.name, name)
        known.setdefault(folded, name)
        columns: dict[str, str] = {}
        for column in table.columns:
            other = columns.setdefault(fold(column.name), column.name)
            if other != column.name:
                both = f"`{other}` and `{column.name}` of `{name}` would both be the column"
                yield _clash(both, column.name, name, column.name)


def _clash(what: str, name: str, table: TableName, column: str = "") -> Finding:
    return error(
        "name-clash",
        f"{what} `{name}`: SQLite has no schemas, and letters of either case are one to it",
        subject=f"{table}.{column}" if column else str(table),
        help="rename or exclude one of them and make the snapshot again, or load it into the "
        "engine that it came from",
    )


def _entries(
    catalog: Catalog, tables: Sequence[_Table], clauses: Mapping[str, str], left: _Left
) -> Iterator[Entry]:
    known = {table.was.name: table for table in tables}
    root = Graph(catalog).root_of
    taken = {fold(table.name) for table in tables}
    for table in tables:
        lines = [_column(table, column, left) for column in table.columns]
        lines += [
            f"PRIMARY KEY ({_listed(key.columns)})"
            for key in table.keys
            if key.primary and table.rowid is None
        ]
        for link in table.was.foreign_keys:
            parent = known.get(root(link.parent)) if link.parent in catalog else None
            if parent is not None and _holds(link, table, parent):
                clause = clauses.get(f"{link.table} {link.name}", "")
                lines.append(_reference(link, parent.name, clause))
            else:
                left.add("foreign keys", [f"{table.was.name}.{link.name}"])
        for check in table.was.checks:
            kind = "exclusion constraints" if check.exclusion else "CHECKs"
            left.add(kind, [f"{table.was.name}.{check.name}"])
        sql = f"CREATE TABLE {quote(table.name)} (\n  " + ",\n  ".join(lines) + "\n)"
        yield Entry("table", table.name, table.name, sql)
    for table in tables:
        for key in table.keys:
            if not key.primary:
                yield _index(table, key, taken)


def _holds(link: ForeignKey, child: _Table, parent: _Table) -> bool:
    """Tell whether a foreign key holds in the file: both ends are there, and it was checked."""
    key = frozenset(link.parent_columns)
    unique = any(frozenset(each.columns) == key for each in parent.keys)
    return link.validated and unique and set(link.columns) <= child.names


def _column(table: _Table, column: Column, left: _Left) -> str:
    words = [quote(column.name), declared(column.type)]
    compared = collation(column.type)
    if compared:
        words += ["COLLATE", compared]
    if not column.nullable:
        words.append("NOT NULL")
    if column.name == table.rowid:
        return " ".join([*words, "PRIMARY KEY"])
    given = default(column)
    if given is not None:
        words += ["DEFAULT", given]
    elif column.default is not None and column.sequence is None:
        left.add("defaults", [f"{table.was.name}.{column.name}"])
    return " ".join(words)


def _reference(link: ForeignKey, parent: str, clause: str) -> str:
    head = f"CONSTRAINT {quote(link.name)} FOREIGN KEY ({_listed(link.columns)})"
    return f"{head} REFERENCES {quote(parent)} ({_listed(link.parent_columns)}) {clause}".rstrip()


def _index(table: _Table, key: Key, taken: set[str]) -> Entry:
    """Return a unique key as an index, which is made after the rows."""
    name = _file_name(TableName(table.was.name.schema, key.name))
    while fold(name) in taken or fold(name).startswith(_RESERVED):
        name = f"_{name}"
    taken.add(fold(name))
    sql = f"CREATE UNIQUE INDEX {quote(name)} ON {quote(table.name)} ({_listed(key.columns)})"
    return Entry("index", name, table.name, sql)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(map(quote, names))


def _schema(entries: tuple[Entry, ...]) -> Schema:
    return Schema(
        entries=entries,
        sequences=(),
        analysed=True,
        page_size=_PAGE,
        encoding="UTF-8",
        auto_vacuum=0,
        application_id=0,
        user_version=0,
        journal_mode="delete",
    )


def _catalog(schema: Schema, database: str, was: Mapping[str, Table]) -> Catalog:
    """Return the catalog of the file, read from one in memory, with the sizes of before."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.text_factory = TEXT
        session = Session(Address(Path(database)), side=Side.TARGET, connection=connection)
        for entry in schema.entries:
            session.execute(entry.sql)
        made = read_catalog(session)
    return replace(
        made,
        tables=tuple(
            replace(table, rows=was[table.name.name].rows, bytes=was[table.name.name].bytes)
            for table in made.tables
        ),
    )

"""Read a file's catalog: from PRAGMAs, and from sqlite_schema what no PRAGMA tells."""

from __future__ import annotations

import difflib
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace

from masker.catalog import Catalog, Check, Column, Key, Table, TableName, Trigger, View
from masker.catalog import Sequence as NumberSequence
from masker.engines.sqlite import layout as lay
from masker.engines.sqlite.catalog_links import with_folded_links, with_links
from masker.engines.sqlite.definitions import Definition, read_definition
from masker.engines.sqlite.layout import Relation, relations
from masker.engines.sqlite.session import MAIN, Session, quote
from masker.engines.sqlite.sizes import Sizes
from masker.engines.sqlite.strays import with_strays
from masker.engines.sqlite.types import NOCASE, resolve
from masker.engines.sqlite.words import fold, names
from masker.errors import ConfigError

ENGINE = "sqlite"
SEQUENCE = "sqlite_sequence"
_BEFORE_INSERT = re.compile(r"\bBEFORE\s+INSERT\b", re.IGNORECASE)
_OWN = "name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
# A plus takes a column's declared type away, by which a caller may have values converted.
_SCHEMA = (
    f"SELECT +type, +name, +tbl_name, +sql FROM sqlite_schema WHERE sql IS NOT NULL AND {_OWN}"
)
_COLUMNS = "SELECT name, type, [notnull], dflt_value, pk, hidden FROM pragma_table_xinfo(?, 'main')"
_INDEXES = """
SELECT l.name, l.[unique], l.origin, l.partial, x.cid, x.name, x.coll
FROM pragma_index_list(?, 'main') l, pragma_index_xinfo(l.name, 'main') x
WHERE x.key ORDER BY l.name, x.seqno
"""
_COMPUTED = frozenset({2, 3})  # PRAGMA table_xinfo: virtual and stored generated columns


def read_catalog(session: Session, *, schemas: Sequence[str] | None = None) -> Catalog:
    """Return what the file holds, as the open transaction sees it, else one of its own.

    Every table is in the schema `main`. Virtual tables, whose rows lie in tables of their own or
    nowhere, are told as wires. Raise ConfigError for another schema.
    """
    _check_schemas(schemas)
    with nullcontext() if session.in_transaction else session.transaction():
        every = relations(session)
        schema = [_Entry(*row) for row in session.query(_SCHEMA)]
        return Catalog(
            engine=ENGINE,
            version=sqlite3.sqlite_version,
            database=session.address.database,
            schemas=(MAIN,),
            tables=_tables(session, every, schema),
            views=tuple(_views(every, schema)),
            sequences=tuple(_sequences(session, every, schema)),
            encoding="UTF8",  # as sqlite3 hands texts out, whatever the file's own is
            wires=tuple(("virtual table", one.name) for one in every if one.type == "virtual"),
            texts=tuple(_texts(schema)),
        )


@dataclass(frozen=True, slots=True)
class _Entry:
    """A row of sqlite_schema."""

    type: str
    name: str
    table: str
    sql: str


def _check_schemas(schemas: Sequence[str] | None) -> None:
    for name in schemas or ():
        if name != MAIN:
            near = difflib.get_close_matches(name, [MAIN], n=1)
            raise ConfigError(
                f"a SQLite file has no schema `{name}`",
                help=f"did you mean `{MAIN}`?" if near else f"it has only `{MAIN}`: leave it out",
                code="unknown-schema",
                subject=name,
            )


def _tables(
    session: Session, every: Sequence[Relation], schema: Sequence[_Entry]
) -> tuple[Table, ...]:
    definitions = {one.name: read_definition(one.sql) for one in schema if one.type == "table"}
    indexes = {one.name: one.sql for one in schema if one.type == "index"}
    own = [one for one in every if one.type == "table"]
    sizes = Sizes.read(session, [one.name for one in own])
    made = []
    for relation in own:
        table = _table(session, relation, definitions[relation.name], indexes)
        triggers = tuple(_triggers(relation.name, schema))
        rows, size = sizes.of(relation.name)
        made.append(replace(table, triggers=triggers, rows=rows, bytes=size))
    return with_folded_links(with_links(session, made, definitions))


def _table(
    session: Session, relation: Relation, definition: Definition, indexes: dict[str, str]
) -> Table:
    name = TableName(MAIN, relation.name)
    layout = lay.layout(session, name, without_rowid=relation.without_rowid)
    columns = session.query(_COLUMNS, [relation.name])
    known = [row[0] for row in columns]
    keys, folding = _keys(session, relation.name, layout, known, indexes)
    checks = tuple(_checks(relation.name, definition, known))
    primary = {column for key in keys if key.primary for column in key.columns}
    made = []
    for column, declared, not_null, default, _, hidden in columns:
        collation = definition.collations.get(fold(column), "")
        kind = resolve(declared, collation=collation, strict=relation.strict)
        required = bool(not_null) or column == layout.alias
        if column in primary and not required:
            required = not _has_null(session, name, column)
        made.append(
            Column(
                name=column,
                type=replace(kind, case_insensitive=kind.case_insensitive or column in folding),
                nullable=not required,
                default=default,
                generated=hidden in _COMPUTED,
                identity="by default" if definition.autoincrement and column in primary else "",
                sequence=(
                    TableName(SEQUENCE, relation.name)
                    if definition.autoincrement and column in primary
                    else None
                ),
                checks=tuple(c.definition for c in checks if c.columns == (column,)),
            )
        )
    # A STRICT table keeps to its types, so nothing need be looked for there.
    if not relation.strict:
        made = list(with_strays(session, name, made, alias=layout.alias))
    return Table(name=name, columns=tuple(made), keys=keys, checks=checks)


def _has_null(session: Session, table: TableName, column: str) -> bool:
    """Tell whether a primary key holds a null, as SQLite lets it for old times' sake."""
    found = session.one(f"SELECT 1 FROM {lay.sql(table)} WHERE {quote(column)} IS NULL LIMIT 1")
    return found is not None


def _keys(
    session: Session,
    table: str,
    layout: lay.Layout,
    columns: Sequence[str],
    indexes: dict[str, str],
) -> tuple[tuple[Key, ...], set[str]]:
    """Return the keys of a table, and the columns that some key compares without case."""
    keys: list[Key] = []
    folding: set[str] = set()
    if layout.alias is not None:
        keys.append(Key(name=f"{table}_pkey", columns=(layout.alias,), primary=True))
    parts: dict[str, list[tuple[int, str | None, str]]] = {}
    facts: dict[str, tuple[str, bool]] = {}
    for name, unique, origin, partial, number, column, collation in session.query(
        _INDEXES, [table]
    ):
        if unique:
            parts.setdefault(name, []).append((number, column, collation))
            facts[name] = origin, bool(partial)
    for name, found in parts.items():
        origin, partial = facts[name]
        plain = [column for _, column, _ in found if column is not None]
        expression = len(plain) < len(found)
        read = names(indexes.get(name, "")) if expression else set()
        more = [column for column in columns if fold(column) in read and column not in plain]
        folding.update(c for _, c, collation in found if c and collation.upper() == NOCASE)
        keys.append(
            Key(
                name=f"{table}_pkey" if origin == "pk" else name,
                columns=(*plain, *more),
                primary=origin == "pk",
                partial=partial,
                expression=expression,
            )
        )
    return tuple(sorted(keys, key=lambda key: (not key.primary, key.name))), folding


def _checks(table: str, definition: Definition, columns: Sequence[str]) -> Iterator[Check]:
    for number, declared in enumerate(definition.checks, start=1):
        read = names(declared.sql)
        yield Check(
            name=declared.name or f"{table}_check_{number}",
            definition=f"CHECK ({declared.sql})",
            columns=tuple(column for column in columns if fold(column) in read),
        )


def _triggers(table: str, schema: Sequence[_Entry]) -> Iterator[Trigger]:
    for one in schema:
        if one.type == "trigger" and fold(one.table) == fold(table):
            yield Trigger(
                name=one.name,
                definition=one.sql,
                function="",
                # Triggers of a view are INSTEAD OF; whatever a trigger does comes after the load.
                before_insert=_BEFORE_INSERT.search(one.sql) is not None,
            )


def _views(every: Sequence[Relation], schema: Sequence[_Entry]) -> Iterator[View]:
    known = {fold(one.name): one.name for one in every}
    for one in sorted(schema, key=lambda entry: entry.name):
        if one.type == "view":
            read = names(one.sql) - {fold(one.name)}
            yield View(
                name=TableName(MAIN, one.name),
                definition=one.sql,
                reads=tuple(TableName(MAIN, known[name]) for name in sorted(read & known.keys())),
            )


def _sequences(
    session: Session, every: Sequence[Relation], schema: Sequence[_Entry]
) -> Iterator[NumberSequence]:
    if session.one("SELECT 1 FROM sqlite_schema WHERE name = ?", [SEQUENCE]) is None:
        return
    last = dict(session.query(f"SELECT name, seq FROM {SEQUENCE}"))
    definitions = {one.name: one.sql for one in schema if one.type == "table"}
    for one in every:
        sql = definitions.get(one.name, "")
        if one.type != "table" or not read_definition(sql).autoincrement:
            continue
        name = TableName(MAIN, one.name)
        alias = lay.layout(session, name, without_rowid=False).alias
        value = last.get(one.name)
        yield NumberSequence(
            name=TableName(SEQUENCE, one.name),
            last_value=value if isinstance(value, int) else 0,
            is_called=isinstance(value, int),
            owner=(name, alias) if alias else None,
        )


def _texts(schema: Sequence[_Entry]) -> Iterator[tuple[str, str]]:
    """Yield what people wrote: SQLite keeps definitions as they were typed, comments and all."""
    for one in sorted(schema, key=lambda entry: (entry.type, entry.name)):
        if one.type in {"table", "index"}:
            yield f"definition of {one.type} {one.name}", one.sql

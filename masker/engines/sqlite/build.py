"""Make a new file with the source's schema: tables before the rows, everything else after them."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Collection, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from masker.engines.marker import LOADING, Marker
from masker.engines.sqlite import layout as lay
from masker.engines.sqlite import marker
from masker.engines.sqlite.catalog import SEQUENCE
from masker.engines.sqlite.files import run_of, sync
from masker.engines.sqlite.inlet import open_new
from masker.engines.sqlite.session import MAIN, Session, quote
from masker.engines.sqlite.words import fold, names
from masker.errors import CollisionError, TryAgainError
from masker.findings import Finding, Findings, note

_ENTRIES = """
SELECT type, name, tbl_name, sql FROM sqlite_schema
WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY rowid
"""
_NO_TABLE = "no such table"
_AGAIN = "create it in `after:` from the masked tables, if the target needs one"


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of sqlite_schema; `type` is table, index, view or trigger, or virtual or shadow."""

    type: str
    name: str
    table: str
    sql: str

    def __str__(self) -> str:
        return f"{'virtual table' if self.type == 'virtual' else self.type} `{self.name}`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """A file's definitions in the order in which they were made, and what its header says."""

    entries: tuple[Entry, ...]
    sequences: tuple[tuple[str, int], ...]
    analysed: bool
    page_size: int
    encoding: str
    auto_vacuum: int
    application_id: int
    user_version: int
    journal_mode: str


def read_schema(session: Session) -> Schema:
    """Read the schema that the session's transaction sees."""
    types = {one.name: one.type for one in lay.relations(session)}
    entries = []
    for kind, name, table, sql in session.query(_ENTRIES):
        made = types.get(name, kind) if kind == "table" else kind
        entries.append(Entry(made, name, table, sql))
    own = {entry.name for entry in entries if entry.type == "table"}
    there = {name for (name,) in session.query("SELECT name FROM sqlite_schema")}
    sequences = session.query(f"SELECT name, seq FROM {SEQUENCE}") if SEQUENCE in there else []
    return Schema(
        entries=tuple(entries),
        sequences=tuple((n, seq) for n, seq in sequences if n in own and isinstance(seq, int)),
        analysed="sqlite_stat1" in there,
        page_size=session.one("PRAGMA page_size"),
        encoding=session.one("PRAGMA encoding"),
        auto_vacuum=session.one("PRAGMA auto_vacuum"),
        application_id=session.one("PRAGMA application_id"),
        user_version=session.one("PRAGMA user_version"),
        journal_mode=session.one("PRAGMA journal_mode"),
    )


def unmakeable(schema: Schema, *, tables: Collection[str]) -> tuple[Entry, ...]:
    """Return those of these tables and their indexes that SQLite alone cannot make.

    They use a function or a collation that only the application brings. It is tried in memory.
    """
    wanted = {fold(name) for name in tables}
    found: list[Entry] = []
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as scratch:
        scratch.execute("PRAGMA trusted_schema = OFF")
        for entry in schema.entries:
            known = {fold(each.table) for each in found}
            if entry.type not in {"table", "index"} or fold(entry.table) not in wanted - known:
                continue
            try:
                scratch.execute(entry.sql)
            except sqlite3.Error:
                found.append(entry)
    return tuple(found)


def create(path: Path, schema: Schema, *, exclude: Collection[str] = ()) -> Findings:
    """Make a file, which must not exist, with the tables that rows go into.

    Return a note for each virtual table: its rows lie in tables of its own, of which no masking
    knows, so it is left out with these. `exclude` names tables that are left out, too.
    """
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except OSError:
        raise TryAgainError(
            f"the new file `{path}` cannot be made",
            help="is its folder writable, and is there room? nothing was changed",
            code="no-new-file",
            subject=path.name,
        ) from None
    with open_new(path) as session:
        session.query(f"PRAGMA page_size = {schema.page_size}")
        session.query(f"PRAGMA encoding = {quote(schema.encoding)}")
        session.query(f"PRAGMA auto_vacuum = {schema.auto_vacuum}")
        session.query(f"PRAGMA application_id = {marker.LOADING_ID}")
        for entry in schema.entries:
            if entry.type == "table" and entry.name not in exclude:
                session.execute(entry.sql)
    return Findings(tuple(_left_out(entry) for entry in schema.entries if entry.type == "virtual"))


def finish(
    path: Path,
    schema: Schema,
    *,
    exclude: Collection[str] = (),
    tell: Callable[[str], None] = lambda _: None,
) -> Findings:
    """Make what comes after the rows: indexes, sequences, views, triggers, statistics.

    Raise CollisionError, with the index's name in `constraint`, where rows are not unique.
    """
    gone = {fold(name) for name in exclude}
    gone |= {fold(e.name) for e in schema.entries if e.type in {"virtual", "shadow"}}
    findings: list[Finding] = []
    with open_new(path) as session:
        tell("indexes")
        for entry in schema.entries:
            if entry.type == "index" and fold(entry.table) not in gone:
                _index(session, entry)
        tell("sequences")
        _sequences(session, schema, gone)
        tell("views")
        findings += _views(session, schema)
        findings += _triggers(session, schema, gone)
        if schema.analysed:
            tell("statistics")
            session.execute("ANALYZE")
        target, run = run_of(path)
        marker.write(session, Marker(target=target, run=run, state=LOADING))
        session.query(f"PRAGMA user_version = {schema.user_version}")
        session.query(f"PRAGMA application_id = {schema.application_id}")
    sync(path)
    return Findings(tuple(findings))


def _index(session: Session, entry: Entry) -> None:
    try:
        session.execute(entry.sql)
    except CollisionError as failure:
        failure.constraint = entry.name
        raise


def _sequences(session: Session, schema: Schema, gone: Collection[str]) -> None:
    """Let AUTOINCREMENT go on where the source's does, and above every number that is there."""
    for name, last in schema.sequences:
        if fold(name) in gone:
            continue
        most = session.one(f"SELECT max(rowid) FROM {quote(MAIN, name)}")
        session.execute(f"DELETE FROM {SEQUENCE} WHERE name = ?", [name])
        session.execute(f"INSERT INTO {SEQUENCE} VALUES (?, ?)", [name, max(last, most or 0)])


def _views(session: Session, schema: Schema) -> Iterator[Finding]:
    """Make the views, and take back those that read what was left out."""
    views = [entry for entry in schema.entries if entry.type == "view"]
    for entry in views:
        session.execute(entry.sql)
    # All are looked at before one is dropped: a view may read another.
    for entry in [entry for entry in views if not _is_whole(session, entry)]:
        session.execute(f"DROP VIEW {quote(MAIN, entry.name)}")
        yield _left_out(entry, because="a table that is not there")


def _is_whole(session: Session, entry: Entry) -> bool:
    try:
        session.raw.execute(f"EXPLAIN SELECT * FROM {quote(MAIN, entry.name)}").close()
    except sqlite3.Error as failure:
        # A function of the application is not known here; that is no reason.
        return not str(failure).startswith(_NO_TABLE)
    return True


def _triggers(session: Session, schema: Schema, gone: Collection[str]) -> Iterator[Finding]:
    there = {fold(name) for (name,) in session.query("SELECT name FROM sqlite_schema")}
    for entry in schema.entries:
        if entry.type != "trigger" or fold(entry.table) not in there:
            continue
        missing = sorted(names(entry.sql) & set(gone))
        if missing:
            yield _left_out(entry, because=f"`{missing[0]}`")
        else:
            session.execute(entry.sql)


def _left_out(entry: Entry, *, because: str = "") -> Finding:
    reason = f", because it needs {because}" if because else ""
    return note(
        "wire-left-out" if not because else "dependent-left-out",
        f"{entry} is left out{reason}",
        subject=str(entry).replace("`", ""),
        help=_AGAIN,
    )

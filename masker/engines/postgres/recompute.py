"""Columns that the target computes itself: their own trigger alone runs while rows are loaded.

The trigger is created before the load, every other one after it. A trigger that fires on UPDATE
only is given one UPDATE over all rows, still before any other trigger or key exists.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from masker.catalog import TableName
from masker.engines.postgres.archive import Entry
from masker.engines.postgres.session import Session, quote
from masker.findings import Finding, error

INSERT, UPDATE = 4, 16
_BEFORE, _ROW = 2, 1  # pg_trigger.h, TRIGGER_TYPE_*
_NEWEST = """
SELECT t.tgtype::int, pg_catalog.pg_get_triggerdef(t.oid), p.prosrc
  FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid
 WHERE t.tgrelid = %s::pg_catalog.regclass AND NOT t.tgisinternal
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recomputation:
    """What to do about recomputed columns.

    `entries` are the triggers to create before the load; `updates` the columns, by table, that
    one UPDATE computes after it, with those among them that are NOT NULL in `required`.
    """

    entries: tuple[Entry, ...] = ()
    updates: tuple[tuple[TableName, tuple[str, ...]], ...] = ()
    required: frozenset[tuple[TableName, str]] = frozenset()
    findings: tuple[Finding, ...] = ()


def plan(
    session: Session,
    entries: Sequence[Entry],
    columns: Mapping[TableName, Sequence[str]],
    *,
    required: frozenset[tuple[TableName, str]],
    parents: Mapping[TableName, TableName],
) -> Recomputation:
    """Find each column's own trigger: BEFORE … FOR EACH ROW, naming the column in its text.

    Tables exist, triggers do not; each is created in a transaction that is rolled back. A
    partition has the triggers of its `parents`, too.
    """
    chosen: dict[int, Entry] = {}
    updates: dict[TableName, list[str]] = {}
    found: list[Finding] = []
    for table, names in columns.items():
        triggers = [
            (entry, *_look_at(session, entry, place))
            for place in _line(table, parents)
            for entry in _triggers_of(entries, place)
        ]
        for name in names:
            own = [(entry, events) for entry, events, text in triggers if fills(events, text, name)]
            inserting = [entry for entry, events in own if events & INSERT]
            updating = [entry for entry, events in own if events & UPDATE]
            chosen.update({entry.id: entry for entry in inserting or updating})
            if updating and not inserting:
                updates.setdefault(table, []).append(name)
            elif not inserting:
                found.append(_no_trigger(table, name))
    updated = {(table, name) for table, names in updates.items() for name in names}
    return Recomputation(
        entries=tuple(chosen.values()),
        updates=tuple((table, tuple(names)) for table, names in updates.items()),
        required=required & updated,
        findings=tuple(found),
    )


def before_load(session: Session, work: Recomputation) -> None:
    """Create the columns' own triggers, and let columns be empty that an UPDATE fills."""
    for entry in work.entries:
        session.execute(entry.statements)
    for table, name in sorted(work.required):
        _alter(session, table, name, "DROP NOT NULL")


def after_load(session: Session, work: Recomputation, search_path: Iterable[str]) -> None:
    """Compute what only an UPDATE computes, and make the columns required again."""
    if not work.updates:
        return
    with session.transaction():
        path = ", ".join(quote(schema) for schema in search_path)
        session.execute(f"SET LOCAL search_path = {path or quote('public')}")
        for table, names in work.updates:
            sets = ", ".join(f"{quote(name)} = {quote(name)}" for name in names)
            session.execute(f"UPDATE {quote(table.schema, table.name)} SET {sets}")
    for table, name in sorted(work.required):
        _alter(session, table, name, "SET NOT NULL")


def fills(events: int, text: str, column: str) -> bool:
    """Tell whether a trigger may compute a column: BEFORE … FOR EACH ROW, naming it in its text.

    `events` are the bits of pg_trigger.tgtype, `text` its definition and its function's.
    """
    named = re.search(rf"(?<!\w){re.escape(column)}(?!\w)", text)
    return bool(events & _BEFORE and events & _ROW and named)


def _line(table: TableName, parents: Mapping[TableName, TableName]) -> Iterator[TableName]:
    place: TableName | None = table
    while place is not None:
        yield place
        place = parents.get(place)


def _triggers_of(entries: Sequence[Entry], table: TableName) -> list[Entry]:
    return [
        entry
        for entry in entries
        if entry.kind == "TRIGGER"
        and entry.schema == table.schema
        and entry.name.startswith(f"{table.name} ")
        and f" ON {table.schema}.{table.name} " in entry.sql.replace('"', "")
    ]


def _look_at(session: Session, entry: Entry, table: TableName) -> tuple[int, str]:
    """Return a trigger's events (bits of pg_trigger.tgtype) and its text with its function's."""
    session.execute("BEGIN")
    try:
        session.execute(entry.statements)
        events, definition, source = session.query(_NEWEST, [quote(table.schema, table.name)])[0]
    finally:
        session.rollback()
    return events, f"{definition}\n{source}"


def _alter(session: Session, table: TableName, column: str, what: str) -> None:
    session.execute(
        f"ALTER TABLE {quote(table.schema, table.name)} ALTER COLUMN {quote(column)} {what}"
    )


def _no_trigger(table: TableName, name: str) -> Finding:
    return error(
        "recompute-without-trigger",
        f"`{table}.{name}` is to be recomputed, but no BEFORE … FOR EACH ROW trigger names it",
        subject=f"{table}.{name}",
        help="give the column another transformer, or `null` where it may be empty",
    )

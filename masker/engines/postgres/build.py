"""Run the entries of a dump: before the rows one after another, after them in parallel.

Indexes and keys of different tables are built at the same time, several indexes of one table as
well; what locks a table against them runs alone on it, so that no two statements deadlock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from queue import SimpleQueue

from masker.engines.postgres.archive import Entry
from masker.engines.postgres.session import Session, quote
from masker.errors import CollisionError, MaskerError
from masker.findings import Finding, note

RELATIONS = frozenset({"TABLE", "MATERIALIZED VIEW"})
_ON_ONE_TABLE = frozenset({"INDEX", "CONSTRAINT"})
_SCHEMAS = "SELECT nspname FROM pg_catalog.pg_namespace"
_EXTENSIONS = "SELECT extname FROM pg_catalog.pg_extension"


@dataclass(frozen=True, slots=True)
class _Locks:
    """The tables (by entry number) that a statement locks: against all others, or shared."""

    tables: frozenset[int]
    shared: bool

    def conflict(self, other: _Locks) -> bool:
        return not (self.shared and other.shared) and bool(self.tables & other.tables)


def prepare(session: Session, settings: Mapping[str, str]) -> None:
    """Set what pg_dump wants of a session, as far as this server knows the setting."""
    known = {
        name
        for (name,) in session.query(
            "SELECT name FROM pg_catalog.pg_settings WHERE name = ANY (%s)", [list(settings)]
        )
    }
    for name, sql in settings.items():
        if name in known:
            session.execute(sql)


def run_before(session: Session, entries: Iterable[Entry]) -> list[Finding]:
    """Run the entries that come before the rows, in their order.

    Schemas and extensions that are there already (from the server, or a template database) stay
    as they are, with their comments. An extension's schema is created where the dump lacks it.
    """
    schemas = {str(name) for (name,) in session.query(_SCHEMAS)}
    given = {str(name) for (name,) in session.query(_EXTENSIONS)}
    found: list[Finding] = []
    for entry in entries:
        if entry.kind == "SCHEMA" and entry.name in schemas:
            continue
        if entry.kind == "EXTENSION":
            if entry.name in given:
                continue
            place = extension_schema(entry)
            if place and place not in schemas:
                session.execute(f"CREATE SCHEMA {quote(place)}")
                schemas.add(place)
        if entry.kind == "SCHEMA":
            schemas.add(entry.name)
        found += _run(session, entry)
    return found


def extension_schema(entry: Entry) -> str:
    """Return the schema that a CREATE EXTENSION entry names, "" for none."""
    _, _, rest = entry.sql.partition(" WITH SCHEMA ")
    name = rest.partition(";")[0].strip()
    return name[1:-1].replace('""', '"') if name.startswith('"') else name


def run_after(
    entries: Sequence[Entry],
    *,
    before: Sequence[Entry],
    open_session: Callable[[], Session],
    workers: int,
) -> list[Finding]:
    """Run the entries that come after the rows, `workers` at a time, and wait for all.

    An entry runs when what it depends on is done and nothing that runs locks its tables. The
    first failure stops what runs: a CollisionError names table and constraint.
    """
    locks = _locks(entries, before)
    pending = {entry.id: entry for entry in entries}
    running: dict[Future[list[Finding]], Entry] = {}
    free: SimpleQueue[Session] = SimpleQueue()
    sessions: list[Session] = []
    found: list[Finding] = []

    def work(entry: Entry) -> list[Finding]:
        session = free.get()
        try:
            return _run(session, entry)
        finally:
            free.put(session)

    count = max(1, min(workers, len(pending)))
    with ThreadPoolExecutor(count, thread_name_prefix="masker-build") as pool:
        try:
            for _ in range(count):
                sessions.append(open_session())
                free.put(sessions[-1])
            while pending or running:
                for entry in _ready(pending, running.values(), locks, count - len(running)):
                    running[pool.submit(work, pending.pop(entry.id))] = entry
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    running.pop(future)
                    found += future.result()
        except BaseException:
            for session in sessions:
                _cancel(session)
            raise
        finally:
            pool.shutdown(wait=True)
            for session in sessions:
                session.close()
    return found


def _cancel(session: Session) -> None:
    """Cancel what a session runs; what failed first is told, not that its server is gone."""
    if not session.closed:
        with suppress(MaskerError), session.mapped("cancelling"):
            session.cancel()


def _ready(
    pending: Mapping[int, Entry],
    running: Iterable[Entry],
    locks: Mapping[int, _Locks],
    room: int,
) -> list[Entry]:
    """Return up to `room` entries that may start now, in the dump's order."""
    active = list(running)
    waiting = set(pending) | {entry.id for entry in active}
    chosen: list[Entry] = []
    for entry in pending.values():
        if len(chosen) == room:
            break
        if waiting.intersection(entry.depends):
            continue
        if any(locks[entry.id].conflict(locks[other.id]) for other in (*active, *chosen)):
            continue
        chosen.append(entry)
    return chosen


def _locks(entries: Sequence[Entry], before: Sequence[Entry]) -> dict[int, _Locks]:
    after = {entry.id: entry for entry in entries}
    relations = {
        (entry.schema, entry.name): entry.id
        for entry in (*before, *entries)
        if entry.kind in RELATIONS
    }
    ids = set(relations.values())
    below = _partitions(before, relations)

    def tables(entry: Entry, seen: set[int]) -> set[int]:
        """Return the tables that an entry reaches through entries that come after the rows."""
        reached = {entry.id} & ids
        for number in entry.depends:
            if number in ids:
                reached.add(number)
            elif number in after and number not in seen:
                seen.add(number)
                reached |= tables(after[number], seen)
        return reached

    made = {}
    for entry in entries:
        reached = tables(entry, set())
        family = set().union(*(below.get(number, {number}) for number in reached))
        if entry.kind not in _ON_ONE_TABLE:  # a foreign key also locks the roots of its tables
            family |= {root for root, parts in below.items() if parts & family}
            family |= set().union(*(below.get(number, set()) for number in family))
        made[entry.id] = _Locks(frozenset(family), shared=entry.kind == "INDEX")
    return made


def _partitions(
    before: Sequence[Entry], relations: Mapping[tuple[str, str], int]
) -> dict[int, set[int]]:
    """Return for every partitioned or inherited table the numbers of itself and all below it."""
    ids = set(relations.values())
    below: dict[int, set[int]] = {}
    for entry in reversed(before):  # the dump attaches a root's partitions before the root's own
        child = relations.get((entry.schema, entry.name))
        if entry.kind not in {"TABLE", "TABLE ATTACH"} or child is None:
            continue
        for parent in ids.intersection(entry.depends) - {child}:
            below.setdefault(parent, {parent}).update(below.get(child, {child}))
    grown = True
    while grown:
        grown = False
        for parent, parts in below.items():
            deeper = parts.union(*(below.get(part, set()) for part in parts))
            if deeper != parts:
                below[parent] = deeper
                grown = True
    return below


def _run(session: Session, entry: Entry) -> list[Finding]:
    try:
        session.execute(entry.statements)
    except MaskerError as failure:
        if entry.kind == "COMMENT" and failure.sqlstate == "42501":
            return [
                note(
                    "comment-left-out",
                    f"the comment on `{entry.name}` is not set: the loading role does not own it",
                    subject=entry.name,
                )
            ]
        raise _placed(failure, entry) from None
    return []


def _placed(failure: MaskerError, entry: Entry) -> MaskerError:
    """Return the same error with the object that was being built."""
    told = type(failure)(
        f"{entry} cannot be built: {failure.message}",
        help=failure.help,
        code="collision" if isinstance(failure, CollisionError) else failure.code,
        subject=f"{entry.schema}.{entry.name}",
    )
    told.sqlstate, told.constraint = failure.sqlstate, failure.constraint
    return told

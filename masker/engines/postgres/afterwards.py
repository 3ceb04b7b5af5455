"""What a loaded database still needs: sequences, materialised views, statistics."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from queue import SimpleQueue

from masker.catalog import TableName
from masker.engines.postgres.session import Session, quote
from masker.findings import Finding, note

_SEQUENCES = """
SELECT n.nspname, c.relname FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'S'
"""
_NUMBERING = """
SELECT n.nspname, c.relname, s.seqincrement, s.seqmin, s.seqmax,
       pg_catalog.pg_has_role(c.relowner, 'USAGE')
  FROM pg_catalog.pg_sequence s
  JOIN pg_catalog.pg_class c ON c.oid = s.seqrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE pg_catalog.has_sequence_privilege(s.seqrelid, 'SELECT')
"""
# A view stands after every materialised view that it reads, through plain views as well.
_VIEWS = """
WITH RECURSIVE reads AS (
  SELECT DISTINCT w.ev_class AS view, d.refobjid AS relation
    FROM pg_catalog.pg_rewrite w JOIN pg_catalog.pg_depend d
      ON d.objid = w.oid AND d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
     AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid <> w.ev_class
), depth AS (
  SELECT c.oid AS relation, 0 AS level FROM pg_catalog.pg_class c WHERE c.relkind = 'm'
  UNION SELECT reads.view, depth.level + 1 FROM depth JOIN reads USING (relation)
)
SELECT n.nspname, c.relname FROM depth
  JOIN pg_catalog.pg_class c ON c.oid = depth.relation AND c.relkind = 'm'
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 GROUP BY 1, 2 ORDER BY max(depth.level), 1, 2
"""
# Every materialised view that reads one of some tables, those it reads before it.
_VIEWS_OF = """
WITH RECURSIVE reads AS (
  SELECT DISTINCT w.ev_class AS view, d.refobjid AS relation
    FROM pg_catalog.pg_rewrite w JOIN pg_catalog.pg_depend d
      ON d.objid = w.oid AND d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
     AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid <> w.ev_class
   WHERE w.ev_type = '1'
), read AS (
  SELECT c.oid AS relation, 0 AS level
    FROM unnest(%s::text[], %s::text[]) t(schema, name)
    JOIN pg_catalog.pg_namespace n ON n.nspname = t.schema
    JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = t.name
  UNION SELECT reads.view, read.level + 1 FROM read JOIN reads USING (relation)
)
SELECT n.nspname, c.relname, pg_catalog.pg_has_role(c.relowner, 'USAGE')
  FROM read JOIN pg_catalog.pg_class c
    ON c.oid = read.relation AND c.relkind = 'm' AND c.relispopulated
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 GROUP BY 1, 2, 3 ORDER BY max(read.level), 1, 2
"""
_TABLES = """
SELECT n.nspname, c.relname FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't'
   AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%'
   AND pg_catalog.pg_has_role(c.relowner, 'USAGE')
 ORDER BY c.relpages DESC, 1, 2
"""
# A partitioned root has statistics of its own, over the rows of all its partitions.
_ROOTS = """
SELECT n.nspname, c.relname FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind = 'p' AND NOT c.relispartition
   AND pg_catalog.pg_has_role(c.relowner, 'USAGE') ORDER BY 1, 2
"""


def set_sequences(
    session: Session, sequences: Iterable[tuple[TableName, int | None, bool]]
) -> list[Finding]:
    """Set sequences to (name, last value, is_called); one that the target lacks is a finding."""
    present = {TableName(schema, name) for schema, name in session.query(_SEQUENCES)}
    found: list[Finding] = []
    for name, last, called in sequences:
        if name not in present:
            found.append(
                note("sequence-missing", f"the target has no sequence `{name}`", subject=str(name))
            )
        elif last is not None:
            session.query(
                "SELECT pg_catalog.setval(%s::pg_catalog.regclass, %s, %s)",
                [quote(name.schema, name.name), last, called],
            )
    return found


def refresh(session: Session, views: Iterable[TableName]) -> None:
    """Fill materialised views again, in this order."""
    for name in views:
        session.execute(f"REFRESH MATERIALIZED VIEW {_sql(name)}")


def refresh_views(session: Session, *, skip: frozenset[TableName] = frozenset()) -> None:
    """Fill every materialised view, those it reads first; `skip` names views to leave empty."""
    for schema, name in session.query(_VIEWS):
        if TableName(schema, name) not in skip:
            session.execute(f"REFRESH MATERIALIZED VIEW {quote(schema, name)}")


@dataclass(frozen=True, slots=True)
class Behind:
    """A sequence that would give numbers again that were given out; `owned`: it may be altered."""

    name: TableName
    restart: int
    owned: bool


def sequences_behind(
    session: Session, sequences: Iterable[tuple[TableName, int | None, bool]]
) -> list[Behind]:
    """Return the sequences of the target that stand behind (name, last value, is_called)."""
    there = {
        TableName(schema, name): (step, least, most, owned)
        for schema, name, step, least, most, owned in session.query(_NUMBERING)
    }
    found = []
    for name, last, called in sequences:
        if name not in there or last is None:
            continue
        step, least, most, owned = there[name]
        at, given = session.query(f"SELECT last_value, is_called FROM {_sql(name)}")[0]
        here, wanted = (at + step if given else at), (last + step if called else last)
        if (wanted - here) * step > 0:
            found.append(Behind(name, min(max(wanted, least), most), owned))
    return found


def restart(session: Session, sequences: Iterable[Behind]) -> None:
    """Let sequences go on further; unlike setval, this is undone when the transaction is."""
    for each in sequences:
        session.execute(f"ALTER SEQUENCE {_sql(each.name)} RESTART WITH {each.restart}")


def views_of(session: Session, tables: Sequence[TableName]) -> list[tuple[TableName, bool]]:
    """Return the filled materialised views that read tables, in order, and whether one owns each.

    A view stands after every other one that it reads.
    """
    schemas, names = [each.schema for each in tables], [each.name for each in tables]
    return [
        (TableName(schema, name), owned)
        for schema, name, owned in session.query(_VIEWS_OF, [schemas, names])
    ]


def analyze(open_session: Callable[[], Session], *, workers: int) -> None:
    """Gather the planner's statistics of every table, the largest first, `workers` at a time."""
    with ExitStack() as stack, ThreadPoolExecutor(max(1, workers)) as pool:
        free: SimpleQueue[Session] = SimpleQueue()
        sessions = [stack.enter_context(open_session()) for _ in range(max(1, workers))]
        for session in sessions:
            free.put(session)

        def one(name: tuple[str, str]) -> None:
            mine = free.get()
            try:
                mine.execute(f"ANALYZE {quote(*name)}")
            finally:
                free.put(mine)

        for _ in pool.map(one, _named(sessions[0], _TABLES)):
            pass
        for name in _named(sessions[0], _ROOTS):
            one(name)


def _named(session: Session, sql: str) -> Iterator[tuple[str, str]]:
    yield from [(str(schema), str(name)) for schema, name in session.query(sql)]


def _sql(name: TableName) -> str:
    return quote(name.schema, name.name)

"""What a loaded database still needs: sequences, materialised views, statistics."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from queue import SimpleQueue

from masker.catalog import TableName
from masker.engines.postgres.session import Session, quote
from masker.findings import Finding, note

_SEQUENCES = """
SELECT n.nspname, c.relname FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'S'
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


def refresh_views(session: Session, *, skip: frozenset[TableName] = frozenset()) -> None:
    """Fill every materialised view, those it reads first; `skip` names views to leave empty."""
    for schema, name in session.query(_VIEWS):
        if TableName(schema, name) not in skip:
            session.execute(f"REFRESH MATERIALIZED VIEW {quote(schema, name)}")


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

"""The smallest script of GRANTs with which a role can read a database for masker."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from masker.catalog import Catalog, Table, TableName
from masker.engines.postgres.session import Session, quote

_ROLE = "SELECT rolbypassrls OR rolsuper FROM pg_catalog.pg_roles WHERE rolname = %s"
# What PUBLIC may do, every role may: it needs no line.
_CONNECT = "SELECT has_database_privilege('public', current_database(), 'CONNECT')"
_USAGE = """
SELECT nspname FROM pg_catalog.pg_namespace
WHERE nspname = ANY(%s) AND has_schema_privilege('public', oid, 'USAGE')
"""
_SELECT = """
SELECT n.nspname, c.relname FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = ANY(%s) AND c.relkind IN ('r', 'p', 'S')
  AND has_table_privilege('public', c.oid, 'SELECT')
"""


def reading_grants(
    session: Session,
    catalog: Catalog,
    *,
    role: str,
    loaded: Collection[TableName],
    dumped: Collection[TableName],
) -> tuple[str, ...]:
    """Return the statements that let `role` read the rows of `loaded` and dump the rest's schema.

    The role is created if it does not exist; nothing that PUBLIC may do is granted again. pg_dump
    locks every table it dumps, and that takes the right to SELECT: so `dumped` counts, too.
    """
    read = [catalog.table(name) for name in sorted({*loaded, *dumped})]
    rows = [table for table in read if table.name in loaded]
    used = {column.sequence for table in rows for column in table.columns}
    counters = [each.name for each in catalog.sequences if each.name in used]
    schemas = sorted({name.schema for name in [*(t.name for t in read), *counters]})
    public = {TableName(*row) for row in session.query(_SELECT, [schemas])}
    return (
        *_role(session, role, rows),
        *_database(session, catalog, role),
        *_schemas(session, schemas, role),
        *_select("TABLE", (table.name for table in read if table.name not in public), role),
        *_select("SEQUENCE", (name for name in counters if name not in public), role),
    )


def _role(session: Session, role: str, rows: Iterable[Table]) -> Iterator[str]:
    """Yield what makes the role; row-level security would hide rows from it in silence."""
    known = session.query(_ROLE, [role])
    guarded = any(table.row_security for table in rows)
    if not known:
        yield f"CREATE ROLE {quote(role)} LOGIN{' BYPASSRLS' if guarded else ''};"
    elif guarded and not known[0][0]:
        yield f"ALTER ROLE {quote(role)} BYPASSRLS;"


def _database(session: Session, catalog: Catalog, role: str) -> Iterator[str]:
    if not session.one(_CONNECT):
        yield f"GRANT CONNECT ON DATABASE {quote(catalog.database)} TO {quote(role)};"


def _schemas(session: Session, schemas: list[str], role: str) -> Iterator[str]:
    public = {name for (name,) in session.query(_USAGE, [schemas])}
    needed = [quote(name) for name in schemas if name not in public]
    if needed:
        yield f"GRANT USAGE ON SCHEMA {', '.join(needed)} TO {quote(role)};"


def _select(kind: str, names: Iterable[TableName], role: str) -> Iterator[str]:
    listed = [quote(name.schema, name.name) for name in names]
    if listed:
        lines = ",\n    ".join(listed)
        yield f"GRANT SELECT ON {kind}\n    {lines}\n  TO {quote(role)};"

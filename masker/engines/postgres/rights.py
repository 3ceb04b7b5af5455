"""What keeps a role from reading a database whole, found before a row is read."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Sequence

from masker.catalog import Catalog, Table, TableName
from masker.engines.postgres.encodings import CODECS
from masker.engines.postgres.session import Session, quote
from masker.findings import Finding, error

ANY_BYTES = "SQL_ASCII"  # the encoding that is none: the server never looks at the bytes

_WITHOUT_USAGE = """
SELECT nspname FROM pg_catalog.pg_namespace
WHERE nspname = ANY(%s) AND NOT has_schema_privilege(oid, 'USAGE') ORDER BY 1
"""
_UNLOGGED_ON_STANDBY = """
SELECT n.nspname, c.relname FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE pg_is_in_recovery() AND c.relpersistence = 'u' AND c.relkind = 'r' AND n.nspname = ANY(%s)
ORDER BY 1, 2
"""


def missing_rights(
    session: Session,
    catalog: Catalog,
    *,
    tables: Collection[TableName] | None = None,
    encoding: str | None = None,
) -> tuple[Finding, ...]:
    """Return an error for everything that the session's role cannot read, with the line to run.

    `tables` are those whose rows are wanted, by default all that hold rows; `encoding` is what a
    pipeline declares the bytes of an SQL_ASCII database to be.
    """
    wanted = [
        table
        for table in catalog.tables
        if table.holds_rows and (tables is None or table.name in tables)
    ]
    role: str = session.one("SELECT current_user::text")
    schemas = sorted({table.name.schema for table in wanted})
    closed = [name for (name,) in session.query(_WITHOUT_USAGE, [schemas])]
    missing = {TableName(*row) for row in session.query(_UNLOGGED_ON_STANDBY, [schemas])}
    there = [table for table in wanted if table.name not in missing]
    return (
        *_encoding(catalog, encoding),
        *(_no_usage(schema, role) for schema in closed),
        *_no_select(wanted, role),
        *_no_sequence(catalog, there, role),
        *_row_security(wanted, role),
        *(_unlogged(table.name) for table in wanted if table.name in missing),
    )


def _encoding(catalog: Catalog, declared: str | None) -> Iterator[Finding]:
    if catalog.encoding != ANY_BYTES:
        if declared is not None:
            yield error(
                "encoding",
                f"database `{catalog.database}` is {catalog.encoding} and converts by itself",
                subject=catalog.database,
                help=f"remove `encoding:`; it is for databases that are {ANY_BYTES}",
            )
    elif declared is None:
        yield error(
            "encoding",
            f"database `{catalog.database}` is {ANY_BYTES}: what its bytes mean is nowhere written",
            subject=catalog.database,
            help="declare it in the pipeline, for example `source: {encoding: LATIN1}`",
        )
    elif declared.upper() not in CODECS:
        near = difflib.get_close_matches(declared.upper(), CODECS, n=1)
        yield error(
            "encoding",
            f"`{declared}` is no encoding that PostgreSQL stores text in",
            subject=catalog.database,
            help=f"did you mean {near[0]}?" if near else f"known are {', '.join(CODECS)}",
        )


def _no_usage(schema: str, role: str) -> Finding:
    return error(
        "no-select",
        f"role `{role}` may not look into schema `{schema}`",
        subject=schema,
        help=f"run: GRANT USAGE ON SCHEMA {quote(schema)} TO {quote(role)};",
    )


def _no_select(tables: Sequence[Table], role: str) -> Iterator[Finding]:
    for table in tables:
        moved = [column for column in table.columns if not column.generated]
        closed = [column.name for column in moved if not column.readable]
        if not closed and (moved or table.readable):
            continue
        if len(closed) == len(moved):
            what, columns = f"table `{table.name}`", ""
        else:
            what = f"{_columns(closed)} of table `{table.name}`"
            columns = f" ({', '.join(map(quote, closed))})"
        yield error(
            "no-select",
            f"role `{role}` may not read {what}",
            subject=str(table.name),
            help=f"run: GRANT SELECT{columns} ON {_spelled(table.name)} TO {quote(role)};",
        )


def _no_sequence(catalog: Catalog, tables: Sequence[Table], role: str) -> Iterator[Finding]:
    used = {column.sequence for table in tables for column in table.columns}
    for sequence in catalog.sequences:
        if sequence.last_value is None and sequence.name in used:
            spelled = _spelled(sequence.name)
            yield error(
                "no-select",
                f"role `{role}` may not read where sequence `{sequence.name}` stands",
                subject=str(sequence.name),
                help=f"run: GRANT SELECT ON SEQUENCE {spelled} TO {quote(role)};",
            )


def _row_security(tables: Sequence[Table], role: str) -> Iterator[Finding]:
    for table in tables:
        if table.row_security_applies:
            yield error(
                "row-security",
                f"row-level security hides rows of table `{table.name}` from role `{role}`",
                subject=str(table.name),
                help=f"run: ALTER ROLE {quote(role)} BYPASSRLS; or read as the table's owner",
            )


def _unlogged(name: TableName) -> Finding:
    return error(
        "unlogged-on-standby",
        f"table `{name}` is unlogged, and a standby does not have its rows",
        subject=str(name),
        help="read from the primary, or exclude the table",
    )


def _columns(names: Sequence[str]) -> str:
    listed = ", ".join(f"`{name}`" for name in names)
    return f"column {listed}" if len(names) == 1 else f"columns {listed}"


def _spelled(name: TableName) -> str:
    return quote(name.schema, name.name)

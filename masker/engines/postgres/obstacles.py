"""What would tell others of old values, or make a change of tables where they lie fail half way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from masker.catalog import TableName
from masker.engines.in_place import Change
from masker.engines.postgres.aside import aside
from masker.engines.postgres.held import computed, constraints, oids_of, triggers, unique_indexes
from masker.engines.postgres.rewrite import table_sql
from masker.engines.postgres.session import Session
from masker.errors import TryAgainError
from masker.findings import Finding, error

_RULES = """
SELECT n.nspname, c.relname, r.rulename
  FROM pg_catalog.pg_rewrite r
  JOIN pg_catalog.pg_class c ON c.oid = r.ev_class
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE r.ev_class = ANY (%s::oid[]) AND r.ev_type = '2'
"""
# Without its primary key a table that is published takes no UPDATE.
_PUBLISHED = """
SELECT DISTINCT n.nspname, c.relname
  FROM pg_catalog.pg_publication_tables t
  JOIN pg_catalog.pg_publication p ON p.pubname = t.pubname AND p.pubupdate
  JOIN pg_catalog.pg_namespace n ON n.nspname = t.schemaname
  JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = t.tablename
 WHERE c.oid = ANY (%s::oid[]) AND c.relreplident IN ('d', 'i')
"""
_OWNED = """
SELECT pg_catalog.pg_has_role(relowner, 'USAGE') FROM pg_catalog.pg_class
 WHERE oid = %s::pg_catalog.regclass
"""
_COLUMNS = """
SELECT attname::text FROM pg_catalog.pg_attribute
 WHERE attrelid = %s::pg_catalog.regclass AND attnum > 0 AND NOT attisdropped
"""


def obstacles(session: Session, changes: Sequence[Change], *, ddl: bool) -> Iterator[Finding]:
    """Yield triggers, rules, rights and types that stand in the way."""
    yield from _watchers(session, changes, ddl=ddl)
    yield from _computed_keys(session, changes, ddl=ddl)
    for change in changes if ddl else changes[:1]:
        if not session.one(_OWNED, [table_sql(change.table.name)]):
            yield error(
                "not-owner",
                f"the role does not own `{change.table.name}`, so masker can "
                + ("drop and create none of its constraints" if ddl else "leave no marker"),
                subject=str(change.table.name),
                help="run the migration as the owner",
            )
    for change in () if ddl else changes:
        for column in change.columns:
            highest = change.keyed.get(column.name)
            subject = f"{change.table.name}.{column.name}"
            if column.name in change.keyed and aside(column, highest) is None:
                yield error(
                    "no-range-aside",
                    f"`{subject}` is a key of type {column.type.name}, which leaves no range "
                    "to move its values aside",
                    subject=subject,
                    help="leave `ddl=False` out",
                )
            if column.identity == "always":
                yield error(
                    "identity-always",
                    f"`{subject}` is GENERATED ALWAYS, and the server takes no UPDATE of it",
                    subject=subject,
                    help="leave `ddl=False` out, then it is lifted meanwhile",
                )


def refuse_altered(session: Session, changes: Sequence[Change]) -> None:
    """Raise where a table got other columns before it was locked: nobody decided on those."""
    for change in changes:
        name = change.table.name
        found = {one for (one,) in session.query(_COLUMNS, [table_sql(name)])}
        if found != {column.name for column in change.table.columns}:
            raise TryAgainError(
                f"the columns of `{name}` changed meanwhile",
                help="run it again",
                code="table-altered",
                subject=str(name),
            )


def _computed_keys(session: Session, changes: Sequence[Change], *, ddl: bool) -> Iterator[Finding]:
    """Yield generated columns that change under a key in a way that nobody could follow."""
    found = computed(session, changes)
    if not found:
        return
    oids = oids_of(session, [*found])
    for name, kind, schema, table, mine, far_schema, far, theirs, *_ in constraints(session, oids):
        ends = ((TableName(schema, table), mine), (TableName(far_schema or "", far or ""), theirs))
        for end, columns in ends if kind == "f" else ():
            for column in found.get(end, set()).intersection(columns):
                yield error(
                    "generated-key",
                    f"the server computes `{end}.{column}` of masked columns, and the foreign key "
                    f"`{name}` ties it to values that would not go with it",
                    subject=f"{end}.{column}",
                    help="keep the columns that it is computed of; or drop the foreign key in the "
                    "migration, and mend what refers by it yourself",
                )
    for row in () if ddl else unique_indexes(session, oids).values():
        end = TableName(row[1], row[2])
        for column in found.get(end, set()).intersection(row[5]):
            yield error(
                "generated-key",
                f"the server computes `{end}.{column}` of masked columns, and it is under the "
                f"unique key `{row[3]}`, which could not hold while values stand aside",
                subject=f"{end}.{column}",
                help="leave `ddl=False` out",
            )


def _watchers(session: Session, changes: Sequence[Change], *, ddl: bool) -> Iterator[Finding]:
    """Yield the triggers and rules that would be shown rows as they were."""
    oids = oids_of(session, [change.table.name for change in changes])
    for schema, table, rule in session.query(_RULES, [oids]):
        yield error(
            "update-rule",
            f"the rule `{rule}` of `{schema}.{table}` rewrites every UPDATE",
            subject=f"{schema}.{table}",
            help="drop the rule in the migration and create it again afterwards",
        )
    keyed = {change.table.name for change in changes if change.keyed}
    for schema, table in session.query(_PUBLISHED, [oids]) if ddl else ():
        if TableName(schema, table) in keyed:
            yield error(
                "published-table",
                f"`{schema}.{table}` is published, and takes no UPDATE while its key is dropped",
                subject=f"{schema}.{table}",
                help="pass `ddl=False`, which drops nothing",
            )
    for schema, table, name, _ in () if ddl else triggers(session, oids):
        yield error(
            "update-trigger",
            f"the trigger `{name}` of `{schema}.{table}` would be shown the rows as they were",
            subject=f"{schema}.{table}",
            help="leave `ddl=False` out, then triggers are off meanwhile; or disable it yourself",
        )

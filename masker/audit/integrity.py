"""Checks 1 and 3: every row arrived, every constraint holds, what was written is what is there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from masker.audit.columns import place_name
from masker.catalog import Catalog, Table, TableName
from masker.engines.engine import Loaded
from masker.evidence.collector import roots
from masker.evidence.digest import Digest
from masker.evidence.evidence import Evidence, Place
from masker.findings import Finding, error
from masker.plan.model import Plan
from masker.rules.policy import Treatment


def check_rows_arrived(found: Mapping[TableName, int], evidence: Evidence) -> Iterator[Finding]:
    """Yield an error for every table (of partitions the root) with another number of rows."""
    for table in sorted({*found, *evidence.rows}):
        here, sent = found.get(table, 0), evidence.rows.get(table, 0)
        if here != sent:
            yield error(
                "row-count",
                f"`{table}` holds {here} rows in the target, and {sent} were written",
                subject=str(table),
                help="does a trigger, a rule or another session write there? it was not published",
            )


def check_kept(plan: Plan, evidence: Evidence) -> Iterator[Finding]:
    """Yield an error for every table of a subset of which other rows moved than were kept."""
    above = roots(plan)
    wanted: dict[TableName, int] = {}
    counted: set[TableName] = set()
    for step in plan.steps:
        if step.treatment is Treatment.LOAD:
            table = above.get(step.into, step.into)
            wanted[table] = wanted.get(table, 0) + (step.kept or 0)
            if step.kept is None:
                counted.add(table)  # all rows, and nobody knows beforehand how many
    for table in sorted(set(wanted) - counted):
        moved = evidence.rows.get(table, 0)
        if moved != wanted[table]:
            yield error(
                "row-count",
                f"{moved} rows of `{table}` were read, and the subset keeps {wanted[table]}",
                subject=str(table),
                help="nothing was published; please report it",
            )


def check_digests(found: Mapping[Place, Digest], evidence: Evidence) -> Iterator[Finding]:
    """Yield an error for every masked column whose values are not those that were written."""
    for place, seen in sorted(evidence.columns.items()):
        if found.get(place, Digest()) != seen.written:
            name = place_name(place)
            yield error(
                "not-as-masked",
                f"the values of `{name}` in the target are not those that masking wrote",
                subject=name,
                help="does a trigger, a rule or another session change it? it was not published",
            )


def check_constraints(loaded: Loaded, plan: Plan, catalog: Catalog) -> Iterator[Finding]:
    """Yield an error for every key, foreign key and check that is missing or not valid."""
    absent = {step.table for step in plan.steps if step.treatment is Treatment.EXCLUDE}
    for table in plan.catalog.tables:
        if table.name in absent or table.extension is not None:
            continue
        if table.name not in catalog:
            yield _missing("table", str(table.name), table.name)
            continue
        yield from _keys(table, catalog.table(table.name))
        yield from _foreign_keys(table, catalog.table(table.name), absent)
    for what, name, broken in loaded.broken():
        yield _invalid(what, broken, name)


def _keys(table: Table, there: Table) -> Iterator[Finding]:
    keys = {(key.columns, key.partial, key.expression) for key in there.keys}
    for key in table.keys:
        if (key.columns, key.partial, key.expression) not in keys:
            yield _missing("key", key.name, table.name)
    checks = {check.name for check in there.checks}
    for check in table.checks:
        if check.name not in checks:
            yield _missing("check", check.name, table.name)


def _foreign_keys(table: Table, there: Table, absent: set[TableName]) -> Iterator[Finding]:
    valid = {
        (key.columns, key.parent, key.parent_columns): key.validated for key in there.foreign_keys
    }
    for link in table.foreign_keys:
        found = valid.get((link.columns, link.parent, link.parent_columns))
        if found is None and link.parent not in absent:
            yield _missing("foreign key", link.name, table.name)
        elif found is False and link.validated:
            yield _invalid("foreign key", link.name, table.name)


def _missing(what: str, name: str, table: TableName) -> Finding:
    return error(
        "constraint-missing",
        f"the {what} `{name}` of `{table}` is not in the target",
        subject=f"{table}.{name}",
        help="the target's schema is not the source's; nothing was published",
    )


def _invalid(what: str, name: str, table: TableName) -> Finding:
    return error(
        "constraint-invalid",
        f"the {what} `{name}` of `{table}` is not valid in the target",
        subject=f"{table}.{name}",
        help="rows break it, or building it was interrupted; nothing was published",
    )

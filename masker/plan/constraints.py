"""Keys, foreign keys and checks of a plan's tables that another database does not have."""

from __future__ import annotations

from collections.abc import Iterator

from masker.catalog import Catalog, Table, TableName
from masker.findings import Finding, error
from masker.plan.model import Plan
from masker.rules.policy import Treatment


def unmet(plan: Plan, there: Catalog) -> Iterator[Finding]:
    """Yield an error for every key, foreign key and check that a catalog lacks or calls invalid."""
    absent = {step.table for step in plan.steps if step.treatment is Treatment.EXCLUDE}
    for table in plan.catalog.tables:
        if table.name in absent or table.extension is not None:
            continue
        if table.name not in there:
            yield _missing("table", str(table.name), table.name)
            continue
        yield from _keys(table, there.table(table.name))
        yield from _foreign_keys(table, there.table(table.name), absent)


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
            yield invalid("foreign key", link.name, table.name)


def _missing(what: str, name: str, table: TableName) -> Finding:
    return error(
        "constraint-missing",
        f"the {what} `{name}` of `{table}` is not in the target",
        subject=f"{table}.{name}",
        help="the target's schema is not the source's; nothing was published",
    )


def invalid(what: str, name: str, table: TableName) -> Finding:
    """Return the error of something that is there and does not hold."""
    return error(
        "constraint-invalid",
        f"the {what} `{name}` of `{table}` is not valid in the target",
        subject=f"{table}.{name}",
        help="rows break it, or building it was interrupted; nothing was published",
    )

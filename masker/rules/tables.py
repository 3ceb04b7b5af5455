"""What the pipeline says of tables: which are loaded whole, in part, empty or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from masker.catalog import Catalog, ForeignKey, Table, TableName
from masker.findings import Finding, Severity, error, warning
from masker.rules.patterns import TableKeys
from masker.rules.pipeline import Pipeline
from masker.rules.policy import TableVerdict, Treatment
from masker.rules.unmatched import unmatched_tables


def table_verdicts(
    pipeline: Pipeline, catalog: Catalog
) -> tuple[dict[TableName, TableVerdict], tuple[Finding, ...]]:
    """Return a verdict for every table, and what is wrong with the section `tables`.

    A partition goes as its root does unless it is named itself. Tables of an extension hold its
    configuration and stay out unless they are named.
    """
    keys = TableKeys(pipeline.tables)
    verdicts = {}
    for table in catalog.tables:
        verdict = _named(pipeline, keys, table)
        above = table
        while verdict is None and above.is_partition and above.parent is not None:
            if above.parent not in catalog:
                break  # its root is in a schema that is not read
            above = catalog.table(above.parent)
            verdict = _named(pipeline, keys, above)
        default = Treatment.EXCLUDE if table.extension else Treatment.LOAD
        verdicts[table.name] = verdict or TableVerdict(treatment=default)
    found = (
        *unmatched_tables(pipeline, catalog, "tables", pipeline.tables),
        *_left_out(catalog, verdicts, closed=pipeline.subset is not None),
    )
    return verdicts, found


def _named(pipeline: Pipeline, keys: TableKeys, table: Table) -> TableVerdict | None:
    for _, _, key in keys.of(table.name):
        rule = pipeline.tables[key]
        return TableVerdict(
            treatment=Treatment(rule.treatment),
            where=rule.where,
            position=pipeline.positions.value("tables", key),
        )
    return None


def _left_out(
    catalog: Catalog, verdicts: Mapping[TableName, TableVerdict], *, closed: bool
) -> Iterator[Finding]:
    """Yield a finding for each foreign key of a loaded table whose parent rows stay out.

    In a subset, `closed`, a parent that is needed comes whether or not it meets a condition.
    """
    for table in catalog.tables:
        verdict = verdicts[table.name]
        if verdict.treatment is Treatment.EXCLUDE:
            continue
        for key in table.foreign_keys:
            if key.parent in verdicts and key.parent != table.name:
                for finding in _parent_left_out(key, verdict, verdicts[key.parent]):
                    if finding.severity is Severity.ERROR or not closed:
                        yield finding


def _parent_left_out(
    key: ForeignKey, child: TableVerdict, parent: TableVerdict
) -> Iterator[Finding]:
    subject = f"{key.table}.{key.name}"
    loaded = child.treatment is Treatment.LOAD
    if parent.treatment is Treatment.EXCLUDE or (loaded and parent.treatment is Treatment.EMPTY):
        state = "excluded" if parent.treatment is Treatment.EXCLUDE else "empty"
        yield error(
            "parent-left-out",
            f"`{key.table}` refers to `{key.parent}` by `{key.name}`, "
            f"and `{key.parent}` is {state}",
            subject=subject,
            at=parent.position,
            help=f"load `{key.parent}`, or treat `{key.table}` likewise",
        )
    elif loaded and parent.where is not None and child.where is None:
        yield warning(
            "parent-left-out",
            f"`{key.table}` refers to `{key.parent}` by `{key.name}`, "
            f"and only some rows of `{key.parent}` are loaded",
            subject=subject,
            at=parent.position,
            help=f"give `{key.table}` a `where` that leaves out the same rows",
        )

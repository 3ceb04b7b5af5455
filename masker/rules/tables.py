"""What the pipeline says of tables: which are loaded whole, in part, empty or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from masker.catalog import Catalog, ForeignKey, Table, TableName
from masker.findings import Finding, Position, error, warning
from masker.rules.patterns import is_glob, table_fit
from masker.rules.pipeline import Pipeline
from masker.rules.places import closest
from masker.rules.policy import TableVerdict, Treatment


def table_verdicts(
    pipeline: Pipeline, catalog: Catalog
) -> tuple[dict[TableName, TableVerdict], tuple[Finding, ...]]:
    """Return a verdict for every table, and what is wrong with the section `tables`.

    A partition goes as its root does unless it is named itself. Tables of an extension hold its
    configuration and stay out unless they are named.
    """
    verdicts = {}
    for table in catalog.tables:
        verdict = _named(pipeline, table)
        above = table
        while verdict is None and above.is_partition and above.parent is not None:
            above = catalog.table(above.parent)
            verdict = _named(pipeline, above)
        default = Treatment.EXCLUDE if table.extension else Treatment.LOAD
        verdicts[table.name] = verdict or TableVerdict(treatment=default)
    found = (
        *unmatched(pipeline, catalog, "tables", tuple(pipeline.tables)),
        *_left_out(catalog, verdicts),
    )
    return verdicts, found


def _named(pipeline: Pipeline, table: Table) -> TableVerdict | None:
    fits = [
        (fit, order, key)
        for order, key in enumerate(pipeline.tables)
        if (fit := table_fit(key, table.name)) is not None
    ]
    if not fits:
        return None
    key = min(fits)[2]
    rule = pipeline.tables[key]
    return TableVerdict(
        treatment=Treatment(rule.treatment),
        where=rule.where,
        position=pipeline.positions.value("tables", key),
    )


def unmatched(
    pipeline: Pipeline, catalog: Catalog, section: str, keys: tuple[str, ...]
) -> Iterator[Finding]:
    """Yield a finding for each key of a section that names no table, or several by one name."""
    for key in keys:
        at = pipeline.positions.key(section, key)
        hits = [table.name for table in catalog.tables if table_fit(key, table.name) is not None]
        if not hits:
            yield _no_table(key, catalog, at)
        elif len(hits) > 1 and not is_glob(key):
            listed = ", ".join(f"`{name}`" for name in hits)
            yield error(
                "ambiguous-table",
                f"`{key}` is the name of {len(hits)} tables: {listed}",
                subject=key,
                at=at,
                help=f"write the schema too, such as `{hits[0]}`",
            )


def _no_table(key: str, catalog: Catalog, at: Position) -> Finding:
    if any(table_fit(key, view.name) is not None for view in catalog.views):
        return error(
            "unknown-table",
            f"`{key}` is a view, and views hold no rows of their own",
            subject=key,
            at=at,
            help="write rules for the tables that it reads, and remove this one",
        )
    if is_glob(key):
        return warning(
            "unmatched",
            f"`{key}` matches no table",
            subject=key,
            at=at,
            help="correct or remove it; globs are case-sensitive",
        )
    known = [name for table in catalog.tables for name in (table.name.name, str(table.name))]
    return error(
        "unknown-table",
        f"the source has no table `{key}`",
        subject=key,
        at=at,
        help=closest(key, known, otherwise="remove it, or check `source: schemas:`"),
    )


def _left_out(catalog: Catalog, verdicts: Mapping[TableName, TableVerdict]) -> Iterator[Finding]:
    """Yield a finding for each foreign key of a loaded table whose parent rows stay out."""
    for table in catalog.tables:
        verdict = verdicts[table.name]
        if verdict.treatment is Treatment.EXCLUDE:
            continue
        for key in table.foreign_keys:
            if key.parent in verdicts and key.parent != table.name:
                yield from _parent_left_out(key, verdict, verdicts[key.parent])


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

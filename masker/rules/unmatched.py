"""Keys of a pipeline that name nothing in the catalog: typing errors, and what is gone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from masker.catalog import Catalog, Table, TableName
from masker.catalog.graph import Graph
from masker.findings import Finding, Position, error, note, warning
from masker.rules.patterns import Tables, column_fit, is_glob, table_fit
from masker.rules.pipeline import Pipeline
from masker.rules.places import closest, nearest
from masker.rules.verdicts import KEEP


def unmatched_tables(
    pipeline: Pipeline, catalog: Catalog, section: str, keys: Iterable[str]
) -> Iterator[Finding]:
    """Yield a finding for each key of a section that names no table, or several by one name."""
    tables = Tables(catalog.tables)
    for key in keys:
        at = pipeline.positions.key(section, key)
        hits = [table.name for table in tables.named(key)]
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


def misspelt_tables(pipeline: Pipeline, catalog: Catalog) -> frozenset[TableName]:
    """Return the tables that keys under `columns` probably mean and do not name.

    That a column of theirs has no verdict comes of the spelling, which is told already.
    """
    tables = Tables(catalog.tables)
    spelled = {name: table.name for table in catalog.tables for name in _spellings(table)}
    keys = [key for key in pipeline.columns if not is_glob(key)]
    named = {table.name for key in keys for table in tables.named(key)}
    meant = {nearest(key, spelled) for key in keys if not tables.named(key)}
    return frozenset(spelled[name] for name in meant if name is not None) - named


def _spellings(table: Table) -> tuple[str, str]:
    return table.name.name, str(table.name)


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
    known = [name for table in catalog.tables for name in _spellings(table)]
    return error(
        "unknown-table",
        f"the source has no table `{key}`",
        subject=key,
        at=at,
        help=closest(key, known, otherwise="remove it, or check `source: schemas:`"),
    )


def unmatched_columns(pipeline: Pipeline, catalog: Catalog, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each key under `columns` that names no table, or no column of it."""
    yield from unmatched_tables(pipeline, catalog, "columns", pipeline.columns)
    every = Tables(catalog.tables)
    for key, columns in pipeline.columns.items():
        hits = every.named(key)
        tables = [table for table in hits if graph.root_of(table.name) == table.name]
        if hits and not tables:
            root = graph.root_of(hits[0].name)
            yield error(
                "partition-rule",
                f"`{key}` is a partition, and partitions go as their root does",
                subject=key,
                at=pipeline.positions.key("columns", key),
                help=f"write the rules under `{root}`",
            )
            continue
        for glob in columns if tables else ():
            yield from _check_column(pipeline, key, glob, tables)


def _check_column(
    pipeline: Pipeline, key: str, glob: str, tables: list[Table]
) -> Iterator[Finding]:
    hits = [
        column
        for table in tables
        for column in table.columns
        if column_fit(glob, column.name) is not None
    ]
    rules = pipeline.columns[key][glob]
    if not hits:
        yield _no_column(pipeline, key, glob, tables)
    elif all(column.generated for column in hits) and any(rule.use != KEEP for rule in rules):
        yield note(
            "generated",
            f"`{key}.{glob}` is computed by the server, so the verdict has no effect",
            subject=f"{key}.{glob}",
            at=pipeline.positions.value("columns", key, glob),
            help="mask the columns that it is computed from",
        )


def _no_column(pipeline: Pipeline, key: str, glob: str, tables: list[Table]) -> Finding:
    at = pipeline.positions.key("columns", key, glob)
    subject = f"{key}.{glob}"
    if is_glob(glob):
        return warning(
            "unmatched",
            f"`{glob}` matches no column of `{key}`",
            subject=subject,
            at=at,
            help="correct or remove it; globs are case-sensitive",
        )
    known = [column.name for table in tables for column in table.columns]
    return error(
        "unknown-column",
        f"`{key}` has no column `{glob}`",
        subject=subject,
        at=at,
        help=closest(glob, known, otherwise="remove the line"),
    )

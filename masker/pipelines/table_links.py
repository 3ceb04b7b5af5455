"""What is tied to one table by foreign keys, and the part of catalog and rules that is about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from masker.catalog import Catalog, ForeignKey, Table, TableName
from masker.catalog.graph import Graph, Place
from masker.detect.names import propose
from masker.errors import ConfigError
from masker.findings import Finding, error, note
from masker.rules.choose import Chooser
from masker.rules.patterns import column_fit, is_glob, table_fit
from masker.rules.pipeline import Pipeline
from masker.rules.places import nearest
from masker.rules.policy import Ruling
from masker.rules.unmatched import misspelt_tables

_OPEN = frozenset({Ruling.UNCOVERED, Ruling.REVIEW})


@dataclass(frozen=True, slots=True, kw_only=True)
class Upward:
    """Columns that a table's foreign keys lead to, where the rules decide on them.

    `tied` are the table's own columns whose verdict is their parent's; `cut` the foreign keys
    whose parent nobody has decided on: their columns need a verdict of their own.
    """

    places: frozenset[Place]
    tied: Mapping[Place, Place]
    cut: frozenset[ForeignKey]


def whole_table(catalog: Catalog, graph: Graph, name: TableName) -> Table:
    """Return a table by name; ConfigError for a partition, and for what no catalog lists."""
    if name not in catalog:
        raise ConfigError(
            f"`{name}` is a temporary table or one of the server's own",
            help="mask a table that stays",
            code="unknown-table",
            subject=str(name),
        )
    root = graph.root_of(name)
    if root != name:
        raise ConfigError(
            f"`{name}` is a partition, and partitions go as their root does",
            help=f"mask `{root}`",
            code="partition-rule",
            subject=str(name),
        )
    return catalog.table(name)


def upward_of(pipeline: Pipeline, catalog: Catalog, graph: Graph, table: Table) -> Upward:
    """Return what a table's foreign keys lead to, as far as the rules decide on it."""
    known = {(each.table, each.column): each for each in propose(catalog)}
    chooser = Chooser(pipeline, known)
    places: set[Place] = set()
    tied: dict[Place, Place] = {}
    cut: set[ForeignKey] = set()
    for key in table.foreign_keys:
        if graph.root_of(key.parent) == table.name or key.parent not in catalog:
            continue
        pairs = zip(key.columns, key.parent_columns, strict=True)
        ways = {mine: _climb(catalog, graph, (key.parent, theirs)) for mine, theirs in pairs}
        tops = [top for way in ways.values() for top in way if not _parents(catalog, graph, top)]
        open_ = any(
            chooser.verdict(catalog.table(place[0]), catalog.table(place[0]).column(place[1]))[
                0
            ].ruling
            in _OPEN
            for place in tops
        )
        if open_ or not tops:
            cut.add(key)
            continue
        for mine, way in ways.items():
            places |= way
            tied[table.name, mine] = next(top for top in sorted(way) if top in tops)
    return Upward(places=frozenset(places), tied=tied, cut=frozenset(cut))


def _climb(catalog: Catalog, graph: Graph, place: Place) -> frozenset[Place]:
    """Return a column and all that it refers to, however far up."""
    reached, waiting = {place}, [place]
    while waiting:
        for above in _parents(catalog, graph, waiting.pop()):
            if above not in reached:
                reached.add(above)
                waiting.append(above)
    return frozenset(reached)


def _parents(catalog: Catalog, graph: Graph, place: Place) -> list[Place]:
    return [
        (graph.root_of(key.parent), theirs)
        for key in catalog.table(place[0]).foreign_keys
        if key.parent in catalog
        for mine, theirs in zip(key.columns, key.parent_columns, strict=True)
        if mine == place[1] and (graph.root_of(key.parent), theirs) != place
    ]


def inherits(catalog: Catalog, table: TableName, above: TableName) -> bool:
    """Tell whether a table inherits from another one."""
    return above in catalog.table(table).parents


def reduced(
    catalog: Catalog,
    graph: Graph,
    table: Table,
    places: frozenset[Place] | set[Place],
    cut: frozenset[ForeignKey],
) -> Catalog:
    """Return a catalog of the table and, of tables tied to it, of the columns that tie them."""
    tied: dict[TableName, set[str]] = {}
    for other, column in places:
        if other != table.name:
            tied.setdefault(other, set()).add(column)
    kept = {table.name: {column.name for column in table.columns}, **tied}

    def links(one: Table) -> tuple[ForeignKey, ...]:
        mine = kept[one.name]
        rooted = [replace(key, parent=graph.root_of(key.parent)) for key in one.foreign_keys
                  if key.parent in catalog and key not in cut]  # fmt: skip
        return tuple(
            key
            for key in rooted
            if key.parent in kept
            if mine.issuperset(key.columns) and kept[key.parent].issuperset(key.parent_columns)
        )

    tables = []
    for name in sorted(kept):
        one = catalog.table(name)
        mine = kept[name]
        tables.append(
            replace(
                one,
                columns=tuple(column for column in one.columns if column.name in mine),
                keys=tuple(key for key in one.keys if mine.issuperset(key.columns)),
                checks=tuple(check for check in one.checks if mine.intersection(check.columns)),
                foreign_keys=links(one),
                partitioning=None,
                extension=None,
            )
        )
    return replace(catalog, tables=tuple(tables), views=(), sequences=())


def about(pipeline: Pipeline, known: Catalog, name: TableName) -> Pipeline:
    """Return the rules that are for these tables; those for others match nothing on purpose."""
    columns = {}
    for key, rules in pipeline.columns.items():
        named = [table for table in known.tables if table_fit(key, table.name) is not None]
        own = any(table.name == name for table in named)
        if named:
            columns[key] = {
                glob: rule
                for glob, rule in rules.items()
                if own
                or any(
                    column_fit(glob, column.name) is not None
                    for table in named
                    for column in table.columns
                )
            }
    return pipeline.model_copy(update={"columns": columns, "tables": {}, "subset": None})


def misspelt(pipeline: Pipeline, catalog: Catalog, name: TableName) -> Iterator[Finding]:
    """Yield what rules call a table by a name that no table has, where none call it by its own."""
    if name not in misspelt_tables(pipeline, catalog):
        return
    tables = [table.name for table in catalog.tables]
    spelled = {word: table for table in tables for word in (table.name, str(table))}
    for key in pipeline.columns:
        if is_glob(key) or any(table_fit(key, table) is not None for table in tables):
            continue
        if spelled.get(nearest(key, spelled) or "") == name:
            yield error(
                "unknown-table",
                f"the rules name `{key}`, and no table is called so",
                subject=key,
                at=pipeline.positions.key("columns", key),
                help=f"did you mean `{name.name}`?",
            )


def stays_behind(catalog: Catalog, graph: Graph, table: Table) -> Iterator[Finding]:
    """Yield what holds copies of the table's values, or rows beside its own."""
    for view in catalog.views:
        if view.materialised and table.name in view.reads:
            yield note(
                "copy-remains",
                f"the materialised view `{view.name}` holds values of `{table.name}` as they were",
                subject=str(view.name),
                help="REFRESH it in the same migration",
            )
    for kind, name in catalog.wires:
        if kind == "virtual table":
            yield note(
                "copy-remains",
                f"the virtual table `{name}` may hold values of `{table.name}` as they were",
                subject=name,
                help="rebuild it in the same migration, if it indexes this table",
            )
    for below in catalog.tables:
        if table.name in below.parents and graph.root_of(below.name) == below.name:
            yield note(
                "copy-remains",
                f"`{below.name}` inherits from `{table.name}`, and its rows stay as they are",
                subject=str(below.name),
                help="mask it in the same migration",
            )

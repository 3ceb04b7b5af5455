"""Links between rows: foreign keys of the catalog, and references that only a policy knows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from masker.catalog.graph import Graph
from masker.catalog.model import Catalog, TableName


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Rows of `table` refer to rows of `parent`: `columns` to `parent_columns`, pairwise.

    A row with a null in `columns` refers to nothing. `when` is a column and its value that rows
    must have to be meant: one type of a polymorphic reference. `constraint` is the foreign key's
    name, empty for a reference that the schema does not declare.
    """

    table: TableName
    columns: tuple[str, ...]
    parent: TableName
    parent_columns: tuple[str, ...]
    constraint: str = ""
    when: tuple[str, str] | None = None

    def __str__(self) -> str:
        names = self.columns[0] if len(self.columns) == 1 else f"({', '.join(self.columns)})"
        return f"{self.table}.{names}"


def declared_links(catalog: Catalog) -> Iterator[Link]:
    """Yield every foreign key once: what partitions have from their root is the root's."""
    for table in catalog.tables:
        for key in table.foreign_keys:
            copied = key.inherited and any(name in catalog for name in table.parents)
            if not copied and key.parent in catalog:
                yield Link(
                    table=key.table,
                    columns=key.columns,
                    parent=key.parent,
                    parent_columns=key.parent_columns,
                    constraint=key.name,
                )


class Holders:
    """Which tables hold rows, and under which names these may be referred to.

    A partition's rows are rows of every partitioned table above it, too.
    """

    def __init__(self, catalog: Catalog) -> None:
        graph = Graph(catalog)
        self._root = {table.name: graph.root_of(table.name) for table in catalog.tables}
        self._above: dict[TableName, tuple[TableName, ...]] = {}
        self._below: dict[TableName, list[TableName]] = {table.name: [] for table in catalog.tables}
        for table in catalog.tables:
            names = [table.name]
            here = table
            while here.is_partition and here.parent is not None and here.parent in catalog:
                names.append(here.parent)
                here = catalog.table(here.parent)
            self._above[table.name] = tuple(names)
            if table.holds_rows:
                for name in names:
                    self._below[name].append(table.name)

    def names(self, table: TableName) -> tuple[TableName, ...]:
        """Return a table and the partitioned tables above it, itself first."""
        return self._above[table]

    def tables(self, name: TableName) -> tuple[TableName, ...]:
        """Return the tables that hold the rows meant by a name: its partitions, or itself."""
        return tuple(self._below[name])

    def root(self, table: TableName) -> TableName:
        """Return the partitioned table at the top, else the table itself."""
        return self._root[table]


def by_table(
    links: Iterable[Link], holders: Holders
) -> tuple[Mapping[TableName, tuple[Link, ...]], Mapping[TableName, tuple[Link, ...]]]:
    """Return for each table that holds rows the links of which it is child, and parent."""
    up: dict[TableName, list[Link]] = {}
    down: dict[TableName, list[Link]] = {}
    for link in links:
        for name in holders.tables(link.table):
            up.setdefault(name, []).append(link)
        for name in holders.tables(link.parent):
            down.setdefault(name, []).append(link)
    return (
        {name: tuple(found) for name, found in up.items()},
        {name: tuple(found) for name, found in down.items()},
    )

"""The graph of foreign keys: in which order tables go, which columns carry the same values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from masker.catalog.model import Catalog, ForeignKey, Table, TableName

Place = tuple[TableName, str]  # one column of one table
Node = TypeVar("Node", bound=Hashable)


def order(catalog: Catalog) -> tuple[TableName, ...]:
    """Return all tables, parents before the tables that refer to them.

    Tables of a cycle stand side by side, sorted by name; the order depends on names only.
    """
    return Graph(catalog).order()


class Graph:
    """Foreign keys of a catalog, and those a policy declares (`more`), indexed both ways.

    A foreign key to a partitioned table refers to rows of its partitions. A partition's columns,
    and those a table inherits, are the columns of the same name of the table above.
    """

    def __init__(self, catalog: Catalog, more: Iterable[ForeignKey] = ()) -> None:
        self._catalog = catalog
        every = [key for table in catalog.tables for key in table.foreign_keys]
        self._keys = tuple(
            key for key in (*every, *more) if key.table in catalog and key.parent in catalog
        )
        self._referencing: dict[TableName, list[ForeignKey]] = defaultdict(list)
        for key in self._keys:
            self._referencing[key.parent].append(key)
        self._below: dict[TableName, list[Table]] = defaultdict(list)
        for table in catalog.tables:
            for parent in table.parents:
                self._below[parent].append(table)
        self._same = _links(self._pairs())

    # -- tables --------------------------------------------------------------------------------

    def order(self) -> tuple[TableName, ...]:
        """Return all tables, parents first, cycles kept together."""
        return tuple(name for group in self._groups() for name in group)

    def closure(self, tables: Iterable[TableName]) -> frozenset[TableName]:
        """Return these tables and all that they refer to, directly or through others."""
        up = self._parents()
        return frozenset(_reach(tables, lambda name: up.get(name, ())))

    def root_of(self, table: TableName) -> TableName:
        """Return the partitioned table at the top of a partition, else the table itself."""
        here = self._catalog.table(table)
        while here.is_partition and here.parent is not None and here.parent in self._catalog:
            here = self._catalog.table(here.parent)
        return here.name

    def leaves(self, table: TableName) -> tuple[TableName, ...]:
        """Return the partitions that hold a table's rows, sorted; a plain table holds its own."""
        reached = _reach(
            [table], lambda name: [t.name for t in self._below.get(name, ()) if t.is_partition]
        )
        return tuple(sorted(name for name in reached if self._catalog.table(name).holds_rows))

    def _parents(self) -> Mapping[TableName, Sequence[TableName]]:
        """Return for each table those whose rows must be there first."""
        up: dict[TableName, set[TableName]] = {table.name: set() for table in self._catalog.tables}
        for key in self._keys:
            up[key.table].update((key.parent, *self.leaves(key.parent)))
        return {name: sorted(parents - {name}) for name, parents in up.items()}

    def _groups(self) -> list[tuple[TableName, ...]]:
        return [tuple(sorted(group)) for group in _components(self._parents())]

    # -- columns -------------------------------------------------------------------------------

    def referencing(self, table: TableName, column: str | None = None) -> tuple[ForeignKey, ...]:
        """Return the foreign keys that point to a table, or to this column of it."""
        return tuple(
            key
            for key in self._referencing.get(table, ())
            if column is None or column in key.parent_columns
        )

    def followers(self, table: TableName, columns: Iterable[str]) -> frozenset[Place]:
        """Return every column that must carry the values of these columns, themselves left out.

        Followed down foreign keys, column by column, and along partitions and inheritance.
        """
        start = [(table, column) for column in columns]
        return frozenset(_reach(start, self._follow)) - frozenset(start)

    def family(self, table: TableName, column: str) -> frozenset[Place]:
        """Return all columns tied to this one by foreign keys, up and down, itself included.

        One verdict must hold for all of them: a column may have two parents, and then these
        share values too.
        """
        return frozenset(_reach([(table, column)], lambda place: self._same.get(place, ())))

    def _follow(self, place: Place) -> Iterator[Place]:
        table, column = place
        for key in self._referencing.get(table, ()):
            for mine, theirs in zip(key.columns, key.parent_columns, strict=True):
                if theirs == column:
                    yield key.table, mine
        yield from self._kin(place)

    def _kin(self, place: Place) -> Iterator[Place]:
        """Yield the same column one level up and down of partitions and inheritance."""
        table, column = place
        for below in self._below.get(table, ()):
            yield below.name, column
        for parent in self._catalog.table(table).parents:
            if parent in self._catalog and _has(self._catalog.table(parent), column):
                yield parent, column

    def _pairs(self) -> Iterator[tuple[Place, Place]]:
        for key in self._keys:
            for mine, theirs in zip(key.columns, key.parent_columns, strict=True):
                yield (key.table, mine), (key.parent, theirs)
        for table in self._catalog.tables:
            for column in table.columns:
                place = (table.name, column.name)
                for kin in self._kin(place):
                    yield place, kin


def _has(table: Table, column: str) -> bool:
    return any(column == its.name for its in table.columns)


def _links(pairs: Iterable[tuple[Place, Place]]) -> dict[Place, set[Place]]:
    links: dict[Place, set[Place]] = defaultdict(set)
    for one, other in pairs:
        links[one].add(other)
        links[other].add(one)
    return links


def _reach(start: Iterable[Node], following: Callable[[Node], Iterable[Node]]) -> set[Node]:
    reached = set(start)
    waiting = list(reached)
    while waiting:
        for node in following(waiting.pop()):
            if node not in reached:
                reached.add(node)
                waiting.append(node)
    return reached


def _components(edges: Mapping[Node, Sequence[Node]]) -> list[list[Node]]:
    """Return the strongly connected components, each after those it points to.

    R. Tarjan, "Depth-first search and linear graph algorithms", SIAM J. Comput. 1 (1972), with
    a stack of its own: chains of foreign keys may be longer than Python's stack is deep.
    """
    components: list[list[Node]] = []
    number: dict[Node, int] = {}  # by order of discovery
    low: dict[Node, int] = {}
    open_nodes: dict[Node, None] = {}  # discovered, not yet in a component; in order
    for root in edges:
        if root in number:
            continue
        path = [(root, iter(edges[root]))]
        number[root] = low[root] = len(number)
        open_nodes[root] = None
        while path:
            node, rest = path[-1]
            for nearby in rest:
                if nearby not in number:
                    number[nearby] = low[nearby] = len(number)
                    open_nodes[nearby] = None
                    path.append((nearby, iter(edges[nearby])))
                    break
                if nearby in open_nodes:
                    low[node] = min(low[node], number[nearby])
            else:
                path.pop()
                if path:
                    low[path[-1][0]] = min(low[path[-1][0]], low[node])
                if low[node] == number[node]:
                    components.append(_taken(open_nodes, node))
    return components


def _taken(open_nodes: dict[Node, None], root: Node) -> list[Node]:
    """Take a component off the stack: everything discovered from its root on."""
    component = []
    while root in open_nodes:
        component.append(open_nodes.popitem()[0])
    return component

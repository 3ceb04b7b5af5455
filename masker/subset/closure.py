"""The closure: from some rows to all that belong to them and all that they need.

Downward go roots and what was reached downward, along links that are followed; upward goes every
row that is kept. Each row is asked for once in each direction (semi-naive), so that cycles and
self-references end by themselves. Tables are taken parents first on the way down and children
first on the way up: without cycles each is asked once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from masker.catalog import Catalog, TableName
from masker.catalog.graph import Graph
from masker.catalog.links import Holders, Link, by_table
from masker.engines.rows import NO_IDS, Batch, Ids, Rows
from masker.rules.subset import Edge, Follow, SubsetRules
from masker.subset.limit import first_children
from masker.subset.lots import Lots
from masker.subset.numbers import Reached, contains, merged, missing

START = 1  # depth of children reached from a row that is nobody's child here


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Rows of one table that came in at one time, and why.

    `why` says it in a word (`root`, `lookup`, `cover`, …); `edge` and `source` are the link they
    came along and the table at its other end, `upward` whether they came as parents.
    """

    table: TableName
    ids: Ids
    why: str
    edge: Edge | None = None
    source: TableName | None = None
    upward: bool = False
    down: bool = False


class Frame:
    """What does not change while rows are added: the links, by the tables at their ends."""

    def __init__(
        self,
        catalog: Catalog,
        rules: SubsetRules,
        rows: Rows,
        *,
        loaded: frozenset[TableName],
        where: Mapping[TableName, str] | None = None,
    ) -> None:
        self.catalog = catalog
        self.rules = rules
        self.rows = rows
        self.loaded = loaded
        self.where = where or {}
        self.holders = Holders(catalog)
        self.lots = Lots(catalog, self.holders)
        self.edges = {edge.link: edge for edge in rules.edges}
        up, down = by_table(self.edges, self.holders)
        self.up, self.down = up, down
        self.order = {name: number for number, name in enumerate(Graph(catalog).order())}

    def narrowed(self, table: TableName, ids: Ids) -> Ids:
        """Return the rows that meet the table's own condition, if the pipeline gives one."""
        condition = self.where.get(table)
        if condition is None or not len(ids):
            return ids
        return self.rows.meeting(table, ids, where=condition)

    def by_table(self, batches: Iterable[Batch]) -> dict[TableName, Ids]:
        """Return the rows of batches by table, those left out of the load left out."""
        found: dict[TableName, list[Ids]] = {}
        for batch in batches:
            if batch.table in self.loaded and len(batch.ids):
                found.setdefault(batch.table, []).append(batch.ids)
        return {table: np.concatenate(parts) for table, parts in found.items()}


class Closure:
    """Rows kept so far. `add` takes rows in, `close` follows the links until nothing is new."""

    def __init__(self, frame: Frame, *, trace: bool = False) -> None:
        self.frame = frame
        self.kept: dict[TableName, Ids] = {}
        self.reached: dict[TableName, Reached] = {}
        self.whole: set[TableName] = set()  # without numbers
        self._complete: set[TableName] = set()  # names whose rows are all kept
        self.events: list[Event] | None = [] if trace else None
        self._below: dict[tuple[int, TableName], list[Ids]] = {}
        self._above: dict[TableName, list[tuple[Ids, Link | None]]] = {}

    def copy(self) -> Closure:
        """Return one that goes its own way from here; no row is copied."""
        other = Closure(self.frame)
        other.kept = dict(self.kept)
        other.reached = dict(self.reached)
        other.whole = set(self.whole)
        other._complete = set(self._complete)
        other.events = None if self.events is None else list(self.events)
        other._below = {key: list(parts) for key, parts in self._below.items()}
        other._above = {key: list(parts) for key, parts in self._above.items()}
        return other

    # -- rows come in ----------------------------------------------------------------------------

    def add(self, table: TableName, ids: Ids, *, why: str, down: bool) -> None:
        """Take rows in: with `down` their children will come along, else only their parents."""
        event = Event(table=table, ids=NO_IDS, why=why, down=down)
        if down:
            self._add_down(ids, 0, event, via=None)
        else:
            self._add_kept(ids, event, via=None)

    def keep_whole(self, name: TableName) -> None:
        """Keep all rows of a table without asking for their numbers."""
        self.whole.update(self.frame.holders.tables(name))
        self.complete(name)

    def complete(self, name: TableName) -> None:
        """Remember that all rows of a table are kept: nobody need look for a parent there."""
        for table in self.frame.holders.tables(name):
            self._complete.update(self.frame.holders.names(table))

    def _add_down(self, ids: Ids, depth: int, event: Event, *, via: Link | None) -> None:
        table = event.table
        counted = self.frame.rules.max_depth is not None
        before = self.reached.get(table) or Reached(
            depths=np.empty(0, dtype=np.int32) if counted else None
        )
        nearer = before.nearer(ids, depth)
        if not len(nearer):
            return
        self.reached[table] = before.with_rows(nearer, depth)
        self._below.setdefault((depth if counted else 0, table), []).append(nearer)
        self._note(nearer, event)
        self._add_kept(nearer, event, via=via)

    def _add_kept(self, ids: Ids, event: Event, *, via: Link | None) -> None:
        table = event.table
        have = self.kept.get(table, NO_IDS)
        new = missing(have, ids)
        if not len(new):
            return
        self.kept[table] = merged(have, new)
        self._above.setdefault(table, []).append((new, via))
        if not event.down:
            self._note(new, event)

    def _note(self, ids: Ids, event: Event) -> None:
        if self.events is not None:
            self.events.append(replace(event, ids=ids))

    # -- links are followed ----------------------------------------------------------------------

    def close(self) -> None:
        """Follow all links until nothing new appears."""
        order = self.frame.order
        while self._below or self._above:
            if self._below:
                depth, table = min(self._below, key=lambda key: (key[0], order[key[1]]))
                ids = np.unique(np.concatenate(self._below.pop((depth, table))))
                self._go_down(table, ids, depth)
            else:
                table = max(self._above, key=lambda name: order[name])
                self._go_up(table, self._above.pop(table))

    def _go_down(self, table: TableName, ids: Ids, depth: int) -> None:
        most = self.frame.rules.max_depth
        if most is not None and depth >= most:
            return
        for link in self.frame.down.get(table, ()):
            edge = self.frame.edges[link]
            if edge.follow is not Follow.OFF:
                self._children(edge, table, ids, depth + 1)

    def _children(self, edge: Edge, table: TableName, ids: Ids, depth: int) -> None:
        frame = self.frame
        holders = frame.holders.tables(edge.link.table)
        if not frame.loaded.intersection(holders):
            return
        if edge.max_per_parent is None:
            found = frame.by_table(frame.rows.children(edge.link, table, ids))
            found = {name: frame.narrowed(name, rows) for name, rows in found.items()}
        else:
            found = first_children(
                frame.rows, edge, table, ids, lots=frame.lots, seed=frame.rules.seed,
                narrowed=frame.narrowed, conditions=bool(frame.where),
                loaded=frame.loaded,
            )  # fmt: skip
        # A parent that is known to be kept need not be looked for; a reference that no constraint
        # declares may have several.
        via = edge.link if edge.link.constraint else None
        for name, rows in found.items():
            event = Event(table=name, ids=NO_IDS, why="child", edge=edge, source=table, down=True)
            self._add_down(rows, depth, event, via=via)

    def _go_up(self, table: TableName, parts: Sequence[tuple[Ids, Link | None]]) -> None:
        frame = self.frame
        for link in frame.up.get(table, ()):
            if link.parent in self._complete:
                continue
            wanted = [ids for ids, via in parts if via != link]
            if not wanted:
                continue
            found = frame.by_table(frame.rows.parents(link, table, np.concatenate(wanted)))
            edge = frame.edges[link]
            for name, rows in found.items():
                event = Event(
                    table=name, ids=NO_IDS, why="parent", edge=edge, source=table, upward=True
                )
                self._add_kept(rows, event, via=None)
        ids = np.concatenate([ids for ids, _ in parts])
        for link in frame.down.get(table, ()):
            edge = frame.edges[link]
            if edge.follow is Follow.ALWAYS:
                self._children(edge, table, ids, START)

    # -- what is known of a row ------------------------------------------------------------------

    def keeps(self, table: TableName, ids: Ids) -> bool:
        """Tell whether any of these rows is kept."""
        return table in self.whole or bool(contains(self.kept.get(table, NO_IDS), ids).any())

    def goes_down(self, table: TableName, ids: Ids) -> bool:
        """Tell whether any of these rows was reached downward."""
        reached = self.reached.get(table)
        return reached is not None and bool(contains(reached.ids, ids).any())

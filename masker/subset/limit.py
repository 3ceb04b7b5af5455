"""At most so many children of one parent, chosen by lot."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from masker.catalog import TableName
from masker.engines.rows import Batch, Ids, Rows
from masker.rules.subset import Edge
from masker.subset.lots import Lots

_MOST = 1 << 21  # children held before those with later lots are let go
_Numbers = npt.NDArray[np.int64]


@dataclass
class _Chosen:
    """Children with the lots that put them first with their parents so far."""

    most: int
    parents: list[Ids] = field(default_factory=list)
    lots: list[npt.NDArray[np.uint64]] = field(default_factory=list)
    tables: list[_Numbers] = field(default_factory=list)
    ids: list[Ids] = field(default_factory=list)
    held: int = 0

    def see(self, parents: Ids, lots: npt.NDArray[np.uint64], table: int, ids: Ids) -> None:
        self.parents.append(parents)
        self.lots.append(lots)
        self.tables.append(np.full(len(ids), table, dtype=np.int64))
        self.ids.append(ids)
        self.held += len(ids)
        if self.held > _MOST:
            self.reduce()

    def reduce(self) -> None:
        """Let go whatever has `most` children of the same parent before it."""
        if not self.ids:
            return
        parents, lots = np.concatenate(self.parents), np.concatenate(self.lots)
        tables, ids = np.concatenate(self.tables), np.concatenate(self.ids)
        order = np.lexsort((ids, tables, lots, parents))
        parents = parents[order]
        first = np.flatnonzero(np.concatenate([[True], parents[1:] != parents[:-1]]))
        sizes = np.diff(np.append(first, len(parents)))
        place = np.arange(len(parents)) - np.repeat(first, sizes)
        kept = place < self.most
        order = order[kept]
        self.parents, self.lots = [parents[kept]], [lots[order]]
        self.tables, self.ids = [tables[order]], [ids[order]]
        # What is left may be many, too; only growth beyond it is worth another look.
        self.held = 0


def first_children(
    rows: Rows,
    edge: Edge,
    parent: TableName,
    ids: Ids,
    *,
    lots: Lots,
    seed: int,
    narrowed: Callable[[TableName, Ids], Ids],
    conditions: bool,
    loaded: frozenset[TableName],
) -> dict[TableName, Ids]:
    """Return of each parent's children those whose lots come first, by table."""
    chosen = _Chosen(edge.max_per_parent or 0)
    tables: dict[TableName, int] = {}
    key = lots.key(edge.link.table)
    batches: Iterable[Batch] = rows.children(edge.link, parent, ids, columns=key)
    if conditions:  # asked in between, and an answer is read to its end first
        batches = list(batches)
    for batch in batches:
        if batch.table not in loaded or not len(batch.ids) or batch.parents is None:
            continue
        drawn = lots.of_rows(batch.table, batch.ids, batch.values, seed=seed)
        mine = np.isin(batch.ids, narrowed(batch.table, np.unique(batch.ids)))
        number = tables.setdefault(batch.table, len(tables))
        chosen.see(batch.parents[mine], drawn[mine], number, batch.ids[mine])
    chosen.reduce()
    if not chosen.ids:
        return {}
    return {table: chosen.ids[0][chosen.tables[0] == number] for table, number in tables.items()}

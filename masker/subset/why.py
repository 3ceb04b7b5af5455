"""Why a row is kept: the chain of links that leads to it from a root, or what keeps it out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from masker.catalog import TableName
from masker.engines.rows import Ids
from masker.rules.subset import Edge, Follow
from masker.subset.closure import Closure, Event
from masker.subset.limit import first_children
from masker.subset.numbers import contains
from masker.subset.whole import reach

_ROOTS = {
    "root": "a root of the subset",
    "lookup": "a small table that others refer to: it comes whole",
    "unrelated": "a table that nothing ties to a root: see `unrelated` and `lookup_rows`",
    "cover": "it shows a value, null pattern or extreme that no other kept row shows",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One link of the chain: a row, and in words why it is kept or is not."""

    table: TableName
    id: int
    text: str


def chain(closure: Closure, table: TableName, id: int) -> tuple[Reason, ...]:
    """Return why a row is kept, from the row itself up to where it began.

    The closure must have been traced. The row must be kept.
    """
    events = closure.events or []
    number = _event(events, table, id)
    if number is None:
        return (Reason(table=table, id=id, text="all rows of this table are kept"),)
    reasons: list[Reason] = []
    while True:
        event = events[number]
        if event.edge is None or event.source is None:
            return (*reasons, Reason(table=event.table, id=id, text=_ROOTS[event.why]))
        reasons.append(Reason(table=event.table, id=id, text=_told(event, event.edge)))
        source = _source(closure, event, event.edge, id, events[:number])
        if source is None:
            return tuple(reasons)
        id, number = source


def _told(event: Event, edge: Edge) -> str:
    if event.upward:
        return f"a kept row of `{event.source}` refers to it by `{edge.link}`"
    return f"it refers by `{edge.link}` to a row of `{event.source}` whose children come along"


def _event(events: Sequence[Event], table: TableName, id: int) -> int | None:
    one = np.array([id], dtype=np.int64)
    for number, event in enumerate(events):
        if event.table == table and contains(event.ids, one)[0]:
            return number
    return None


def _source(
    closure: Closure, event: Event, edge: Edge, id: int, earlier: Sequence[Event]
) -> tuple[int, int] | None:
    """Return the row by which an event took a row in, and the event that took in that one."""
    rows = closure.frame.rows
    one = np.array([id], dtype=np.int64)
    if event.upward:
        found = rows.children(edge.link, event.table, one)
    else:
        found = rows.parents(edge.link, event.table, one)
    candidates = [batch.ids for batch in found if batch.table == event.source]
    if not candidates:
        return None
    wanted = np.unique(np.concatenate(candidates))
    # Only what was reached downward brings children, unless the link says that all rows do.
    downward = not event.upward and edge.follow is not Follow.ALWAYS
    for number, each in enumerate(earlier):
        if each.table == event.source and not (downward and not each.down):
            hits = each.ids[contains(wanted, each.ids)]
            if len(hits):
                return int(hits[0]), number
    return None


def kept_out(closure: Closure, table: TableName, id: int) -> tuple[str, ...]:
    """Return in words what keeps a row out, link by link."""
    return tuple(_reasons(closure, table, id))


def _reasons(closure: Closure, table: TableName, id: int) -> Iterator[str]:
    frame = closure.frame
    one = np.array([id], dtype=np.int64)
    reached = reach(frame)
    root = frame.holders.root(table)
    if root in reached.roots:
        yield f"it is not among the rows that the root `{root}` takes"
    elif root not in reached.tied:
        yield f"nothing ties `{root}` to a root, and `unrelated` is `{frame.rules.unrelated}`"
    if table in frame.where and not len(frame.narrowed(table, one)):
        yield f"it does not meet the `where` of `{table}` under `tables`"
    for link in frame.up.get(table, ()):
        yield from _as_child(closure, frame.edges[link], table, one)
    for link in frame.down.get(table, ()):
        yield f"no kept row refers to it by `{link}`"


def _as_child(closure: Closure, edge: Edge, table: TableName, one: Ids) -> Iterator[str]:
    parents = list(closure.frame.rows.parents(edge.link, table, one))
    if not parents:
        yield f"it refers to no row by `{edge.link}`"
        return
    batch = parents[0]
    parent, ids = batch.table, np.unique(batch.ids)
    if edge.follow is Follow.OFF:
        yield f"children along `{edge.link}` are switched off"
    elif not closure.keeps(parent, ids):
        yield f"its parent in `{parent}` by `{edge.link}` is not kept"
    elif edge.follow is not Follow.ALWAYS and not closure.goes_down(parent, ids):
        yield (
            f"its parent in `{parent}` by `{edge.link}` is kept only because other rows refer "
            "to it, and such rows bring no children"
        )
    elif edge.max_per_parent is not None and not _is_first(closure, edge, parent, ids, table, one):
        yield (
            f"its parent in `{parent}` by `{edge.link}` has more than {edge.max_per_parent} "
            "children, and the lot fell on others"
        )
    elif closure.frame.rules.max_depth is not None:
        yield f"it is more than {closure.frame.rules.max_depth} links below a root by `{edge.link}`"


def _is_first(
    closure: Closure, edge: Edge, parent: TableName, ids: Ids, table: TableName, one: Ids
) -> bool:
    frame = closure.frame
    chosen = first_children(
        frame.rows, edge, parent, ids, lots=frame.lots, seed=frame.rules.seed,
        narrowed=frame.narrowed, conditions=bool(frame.where), loaded=frame.loaded,
    )  # fmt: skip
    return table in chosen and bool(contains(np.sort(chosen[table]), one).any())

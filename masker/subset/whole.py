"""Tables that come whole, or by themselves: lookups, and tables that no link ties to a root."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from masker.catalog import TableName
from masker.rules.subset import Follow, RootRule, Unrelated
from masker.subset.closure import Closure, Frame
from masker.subset.roots import root_rows

_NEAR = 20  # how far above the limit an estimate may lie for the rows to be counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Which tables a subset can reach, by their partitioned roots' names.

    `below` are roots and what can be reached downward from them, `tied` what any chain of links
    ties to a root.
    """

    roots: frozenset[TableName]
    below: frozenset[TableName]
    tied: frozenset[TableName]


def reach(frame: Frame) -> Reach:
    """Return which tables the roots can reach along the links."""
    root = frame.holders.root
    roots = {root(rule.table) for rule in frame.rules.roots}
    down: dict[TableName, set[TableName]] = {}
    either: dict[TableName, set[TableName]] = {}
    always = set()
    for edge in frame.rules.edges:
        child, parent = root(edge.link.table), root(edge.link.parent)
        either.setdefault(child, set()).add(parent)
        either.setdefault(parent, set()).add(child)
        if edge.follow is not Follow.OFF:
            down.setdefault(parent, set()).add(child)
        if edge.follow is Follow.ALWAYS:
            always.add(child)
    tied = _reached(roots, either)
    below = _reached(roots | (always & tied), down)
    return Reach(roots=frozenset(roots), below=frozenset(below), tied=frozenset(tied))


def _reached(
    start: Iterable[TableName], next_to: dict[TableName, set[TableName]]
) -> set[TableName]:
    reached = set(start)
    waiting = list(reached)
    while waiting:
        for name in next_to.get(waiting.pop(), ()):
            if name not in reached:
                reached.add(name)
                waiting.append(name)
    return reached


def add_whole_tables(closure: Closure, *, share: float | None) -> None:
    """Take in lookup tables, and unrelated ones as the rules say; `share` is what a sample takes.

    A lookup is a table of at most `lookup_rows` rows that others refer to and no root leads down
    to. An unrelated table so small comes whole, too.
    """
    frame = closure.frame
    reached = reach(frame)
    referred = {frame.holders.root(edge.link.parent) for edge in frame.rules.edges}
    for name in _tables(frame):
        if name in reached.below:
            continue
        if name in reached.tied:
            if name in referred and _is_small(frame, name):
                _take(closure, RootRule(table=name), "lookup")
            continue
        if frame.rules.unrelated is Unrelated.ALL and not _conditions(frame, name):
            closure.keep_whole(name)
        elif frame.rules.unrelated is Unrelated.ALL or _is_small(frame, name):
            _take(closure, RootRule(table=name), "unrelated")
        elif frame.rules.unrelated is Unrelated.SAMPLE:
            rule = RootRule(table=name, sample=share, seed=frame.rules.roots[0].seed)
            _take(closure, rule, "unrelated")


def _take(closure: Closure, rule: RootRule, why: str) -> None:
    frame = closure.frame
    for table, ids in frame.by_table(root_rows(frame, rule)).items():
        closure.add(table, frame.narrowed(table, ids), why=why, down=False)
    # Nothing that refers to it need look for its parent, unless the pipeline leaves rows out.
    if rule.sample is None and not _conditions(frame, rule.table):
        closure.complete(rule.table)


def _tables(frame: Frame) -> Iterator[TableName]:
    for table in frame.catalog.tables:
        if not table.is_partition and frame.loaded.intersection(frame.holders.tables(table.name)):
            yield table.name


def _conditions(frame: Frame, name: TableName) -> bool:
    return any(table in frame.where for table in frame.holders.tables(name))


def _is_small(frame: Frame, name: TableName) -> bool:
    most = frame.rules.lookup_rows
    rows = frame.catalog.table(name).rows
    if not most or (rows is not None and rows > most * _NEAR):
        return False
    return frame.rows.count(name, most=most) <= most

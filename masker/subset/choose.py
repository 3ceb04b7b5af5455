"""Choose the rows of a subset: roots, lookups, the closure, its budget, edge cases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from masker.catalog import Catalog, TableName
from masker.engines.rows import NO_IDS, Ids, Rows
from masker.findings import Finding, Findings, error, warning
from masker.rules.subset import Budget, RootRule, SubsetRules
from masker.subset.budget import sampled_roots, solve
from masker.subset.closure import Closure, Frame
from masker.subset.cover import cover
from masker.subset.roots import root_rows
from masker.subset.whole import add_whole_tables, reach

_NEAR = 0.10  # of a budget


@dataclass(frozen=True, kw_only=True)
class Kept:
    """The rows that are kept: of each table their numbers, sorted, or None where all are.

    `share` is what a budget solved for. `closure` knows why each row is kept.
    """

    rows: Mapping[TableName, Ids | None]
    share: float | None = None
    findings: Findings = field(default_factory=Findings)
    closure: Closure = field(repr=False)


def choose(
    rules: SubsetRules,
    catalog: Catalog,
    rows: Rows,
    *,
    loaded: frozenset[TableName],
    where: Mapping[TableName, str] | None = None,
    trace: bool = False,
) -> Kept:
    """Return the rows that a subset keeps of the tables that are loaded.

    `where` are conditions on rows of single tables; a parent that a kept row needs is kept
    whether it meets one or not. `trace` keeps what `why` asks for.
    """
    frame = Frame(catalog, rules, rows, loaded=loaded, where=where)
    closure = Closure(frame, trace=trace)
    scaled = sampled_roots(rules.roots) if rules.budget else ()
    found: list[Finding] = []
    for number, root in enumerate(rules.roots):
        if root not in scaled:
            found += _add_root(closure, root, number)
    add_whole_tables(closure, share=_share(rules))
    closure.close()
    share = None
    if rules.budget is not None and scaled:
        solved = solve(closure, scaled, wanted=_wanted(rules.budget), size=_size(rules.budget))
        closure, share = solved.closure, solved.share
        found += _off_budget(rules.budget, solved.size, share)
    if rules.cover:
        below = reach(frame).below
        cover(closure, [table.name for table in catalog.tables if table.name in below])
    kept = {
        name: None if name in closure.whole else closure.kept.get(name, NO_IDS)
        for name in sorted(loaded)
    }
    return Kept(rows=kept, share=share, findings=Findings(tuple(found)), closure=closure)


def _add_root(closure: Closure, root: RootRule, number: int) -> list[Finding]:
    frame = closure.frame
    rows = frame.by_table(root_rows(frame, root))
    kept = 0
    for table, ids in rows.items():
        mine = frame.narrowed(table, ids)
        kept += len(mine)
        closure.add(table, mine, why="root", down=True)
    if kept or root.may_be_empty:
        return []
    return [
        error(
            "empty-root",
            f"the root `{root.table}` keeps no row",
            subject=f"{root.table}.{number}",
            at=root.position,
            help="no row meets its condition, or the share is too small for the table: "
            "correct the condition, or write `rows:` instead of `sample:`",
        )
    ]


def _share(rules: SubsetRules) -> float | None:
    return max((root.sample for root in rules.roots if root.sample is not None), default=None)


def _wanted(budget: Budget) -> float:
    return float(budget.rows if budget.rows is not None else budget.bytes or 0)


@dataclass(frozen=True, slots=True)
class _Size:
    in_bytes: bool

    def __call__(self, closure: Closure) -> float:
        catalog = closure.frame.catalog
        size = 0.0
        for name, ids in closure.kept.items():
            size += len(ids) * (row_bytes(catalog, name) if self.in_bytes else 1)
        for name in closure.whole - set(closure.kept):
            table = catalog.table(name)
            size += (table.bytes if self.in_bytes else table.rows) or 0
        return size


def _size(budget: Budget) -> _Size:
    return _Size(in_bytes=budget.rows is None)


def row_bytes(catalog: Catalog, name: TableName) -> float:
    """Return the bytes that one row of a table takes, its part of the table's size."""
    table = catalog.table(name)
    return (table.bytes or 0) / table.rows if table.rows else 0.0


def _off_budget(budget: Budget, size: float, share: float) -> list[Finding]:
    wanted = _wanted(budget)
    if size <= wanted * (1 + _NEAR) and (size >= wanted * (1 - _NEAR) or share >= 1):
        return []
    unit = "rows" if budget.rows is not None else "bytes"
    help = (
        "what the other roots, lookups and parents need is more than the budget: raise it, or "
        "limit children with `max_per_parent`, `max_depth` or an edge that is `off`"
        if size > wanted
        else "one more row of a root brings more than the budget has room for"
    )
    return [
        warning(
            "off-budget",
            f"the subset nearest to the budget of {wanted:,.0f} {unit} has {size:,.0f}",
            subject=unit,
            at=budget.position,
            help=help,
        )
    ]

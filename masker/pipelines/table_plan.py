"""What masking one table where it lies will change: its own columns, and all that refer to them.

A key is masked with the table that owns it, and whatever refers to it follows at that moment. So
foreign keys of the table itself are left alone: they change when their parent's key does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from masker.catalog import Catalog, Table, TableName
from masker.catalog.graph import Graph, Place
from masker.engines.in_place import Change, Share
from masker.findings import Finding, Findings, Severity, error
from masker.keys import Keyring
from masker.pipelines.planning import make_plan
from masker.pipelines.table_links import (
    Upward,
    about,
    inherits,
    reduced,
    stays_behind,
    upward_of,
    whole_table,
)
from masker.plan.columns import NULL
from masker.plan.model import ColumnPlan, Plan, Step
from masker.plan.partitions import check_partition_key
from masker.plan.when import reads
from masker.rules.pipeline import Pipeline
from masker.rules.policy import Ruling


@dataclass(frozen=True, slots=True, kw_only=True)
class TablePlan:
    """Changes of the table and of those that follow it, the table's own first; what was found.

    `steps` say how each table's values are masked, `columns` what happens to every column of the
    table, `sequences` above which number the table's own ones must go on, `leads` whose keys
    columns of the table are masked as.
    """

    columns: tuple[ColumnPlan, ...]
    changes: tuple[Change, ...]
    steps: Mapping[TableName, Step]
    sequences: tuple[tuple[TableName, int], ...]
    findings: Findings
    leads: tuple[TableName, ...] = ()


def plan_table(
    pipeline: Pipeline, catalog: Catalog, name: TableName, *, keys: Keyring
) -> TablePlan:
    """Plan to mask a table where it lies; no effects. ConfigError for a partition."""
    graph = Graph(catalog)
    table = whole_table(catalog, graph, name)
    upward = upward_of(pipeline, catalog, graph, table)
    led = {
        column
        for key in graph.referencing(name)
        for column in key.parent_columns
        if (name, column) not in upward.tied
    }
    below = {
        place
        for place in graph.followers(name, led)
        if graph.root_of(place[0]) == place[0] and not inherits(catalog, place[0], name)
    }
    below -= {(name, column) for column in led}
    known = reduced(catalog, graph, table, below | upward.places, upward.cut)
    plan = make_plan(about(pipeline, known, name), known, keys=keys, source="", target="")
    found = [*plan.findings, *stays_behind(catalog, graph, table)]
    columns, more = _own(catalog, graph, table, plan, upward, below)
    found += more
    changes, steps = _changes(catalog, graph, plan, table, columns, below, known)
    sequences = tuple(
        (sequence.name, highest)
        for sequence in catalog.sequences
        if sequence.owner is not None and sequence.owner[0] == name and changes
        if (highest := changes[0].keyed.get(sequence.owner[1])) is not None
    )
    # What a person must accept of a key holds for what follows it, and is asked once.
    following = {f"{other}.{column}" for other, column in (*below, *upward.tied)}
    kept = tuple(
        each
        for each in found
        if each.code != "stale-acceptance"
        and not (each.severity is Severity.WARNING and each.subject in following)
    )
    return TablePlan(
        columns=columns,
        changes=changes,
        steps=steps,
        sequences=sequences,
        findings=replace(plan.findings, items=kept),
    )


def plan_copy(pipeline: Pipeline, catalog: Catalog, name: TableName, *, keys: Keyring) -> TablePlan:
    """Plan to copy rows of a table elsewhere; foreign keys are masked as the keys they refer to."""
    graph = Graph(catalog)
    table = whole_table(catalog, graph, name)
    upward = upward_of(pipeline, catalog, graph, table)
    known = reduced(catalog, graph, table, upward.places, upward.cut)
    plan = make_plan(about(pipeline, known, name), known, keys=keys, source="", target="")
    step = plan.step(name)
    change = Change(
        table=table,
        shares=(Share(columns=tuple(column.name for column in step.masked)),),
        reads=tuple(table.column(column.name) for column in step.moved),
        keyed=_keyed(table, step.masked),
    )
    kept = tuple(each for each in plan.findings if each.code != "stale-acceptance")
    return TablePlan(
        columns=step.columns,
        changes=(change,),
        steps={name: step},
        sequences=(),
        findings=replace(plan.findings, items=kept),
        leads=tuple(
            sorted(
                {upward.tied[name, c.name][0] for c in step.masked if (name, c.name) in upward.tied}
            )
        ),
    )


# -- what changes


def _own(
    catalog: Catalog,
    graph: Graph,
    table: Table,
    plan: Plan,
    upward: Upward,
    below: set[Place],
) -> tuple[tuple[ColumnPlan, ...], list[Finding]]:
    """Return what happens to each column of the table, and what cannot."""
    columns: list[ColumnPlan] = []
    found: list[Finding] = []
    free = {
        column
        for key in table.foreign_keys
        if key in upward.cut
        for column in key.columns
    }  # fmt: skip
    for column in plan.step(table.name).columns:
        place = (table.name, column.name)
        subject = f"{table.name}.{column.name}"
        made = column
        cut = column.use == NULL and column.column.nullable
        if column.masked and place in upward.tied and not cut:
            top = upward.tied[place]
            made = replace(
                column,
                ruling=Ruling.KEEP,
                use="keep",
                branches=(),
                reason=f"goes with `{top[0]}.{top[1]}` when that table is masked",
            )
        elif column.masked and column.name in free and not cut and place not in below:
            found.append(
                error(
                    "key-elsewhere",
                    f"`{column.use}` masks `{subject}`, which refers to a key of another table",
                    subject=subject,
                    help="mask the key in its own table, and this column follows; here, keep it",
                )
            )
        elif column.recomputed:
            found.append(
                error(
                    "recompute-in-place",
                    f"`{subject}` is to be recomputed, and no load computes it here",
                    subject=subject,
                    help="keep it here and UPDATE it in the migration, or set it to `null`",
                )
            )
        elif column.masked and graph.leaves(table.name) != (table.name,):
            made, more = _folded(catalog, graph, table, column)
            found += more
        columns.append(made)
    return tuple(columns), found


def _folded(
    catalog: Catalog, graph: Graph, table: Table, column: ColumnPlan
) -> tuple[ColumnPlan, list[Finding]]:
    """Return a masked column that stays within the partitions, if it is their key."""
    leaves = graph.leaves(table.name)
    if not leaves:
        return column, []
    leaf = catalog.table(leaves[0])
    fold, found = check_partition_key(catalog, leaf, column.name, column.use)
    return (column if fold is None else replace(column, fold=fold)), list(found)


def _changes(
    catalog: Catalog,
    graph: Graph,
    plan: Plan,
    table: Table,
    columns: tuple[ColumnPlan, ...],
    below: set[Place],
    known: Catalog,
) -> tuple[tuple[Change, ...], dict[TableName, Step]]:
    """Return the changes, the table's own first, and how the values of each are masked."""
    masked = {
        (step.table, column.name): column
        for step in plan.steps
        if step.table != table.name
        for column in step.masked
        if (step.table, column.name) in below
    }
    masked.update({(table.name, column.name): column for column in columns if column.masked})
    if not any(place[0] == table.name for place in masked):
        return (), {}
    links = [
        replace(key, table=graph.root_of(key.table), parent=graph.root_of(key.parent))
        for one in catalog.tables
        for key in one.foreign_keys
        if key.parent in catalog and not key.inherited
    ]
    names = [table.name, *sorted({place[0] for place in masked} - {table.name})]
    changes, steps = [], {}
    for name in names:
        mine = [column for place, column in masked.items() if place[0] == name]
        own = tuple(c.name for c in mine if (name, c.name) not in below)
        shares = [Share(columns=own)] if own else []
        for column in mine:
            if (name, column.name) in below:
                follows = tuple(
                    key
                    for key in links
                    if key.table == name and column.name in key.columns
                    and any(
                        (key.parent, theirs) in masked
                        for at, theirs in enumerate(key.parent_columns)
                        if key.columns[at] == column.name
                    )
                )  # fmt: skip
                shares.append(Share(columns=(column.name,), follows=follows))
        whole = catalog.table(name)
        step = plan.step(name)
        kept = {column.name: column for column in mine}
        step = replace(step, columns=tuple(_only(step, kept)))
        changes.append(
            Change(
                table=whole,
                shares=tuple(shares),
                reads=tuple(whole.column(each) for each in _reads(known.table(name), mine)),
                keyed=_keyed(whole, tuple(mine), tied=name != table.name, below=below),
            )
        )
        steps[name] = step
    return tuple(changes), steps


def _only(step: Step, masked: Mapping[str, ColumnPlan]) -> Iterator[ColumnPlan]:
    """Yield a step's columns of which only these are masked, as these say."""
    for column in step.columns:
        if column.name in masked:
            yield masked[column.name]
        elif column.masked:
            yield replace(column, branches=(), ruling=Ruling.KEEP, use="keep")
        else:
            yield column


def _reads(table: Table, masked: list[ColumnPlan]) -> list[str]:
    """Return the columns that masking looks at, in the table's order."""
    wanted = {column.name for column in masked}
    for column in masked:
        wanted.update(column.needs)
        for branch in column.branches:
            if branch.when is not None:
                wanted.update(reads(branch.when))
            if branch.transformer is not None:
                wanted.update(kin.column for kin in branch.transformer.kin())
                for kin in branch.transformer.kin():
                    for condition in (kin.when, *kin.unless):
                        wanted.update(reads(condition) if condition is not None else ())
    return [column.name for column in table.columns if column.name in wanted]


def _keyed(
    table: Table,
    masked: tuple[ColumnPlan, ...],
    *,
    tied: bool = False,
    below: set[Place] | None = None,
) -> dict[str, int | None]:
    """Return the masked columns that are under a key, each with the highest integer of its fakes.

    `tied`: every one of them is under a foreign key.
    """
    under = {name for key in table.keys for name in key.columns}
    under |= {name for check in table.checks if check.exclusion for name in check.columns}
    under |= {name for key in table.foreign_keys for name in key.columns}
    under |= {name for other, name in below or () if other == table.name}
    return {
        column.name: _highest(column)
        for column in masked
        if tied or column.name in under
    }  # fmt: skip


def _highest(column: ColumnPlan) -> int | None:
    spaces = [
        branch.transformer.space(branch.site)
        for branch in column.branches
        if branch.transformer is not None
    ]
    return max((space[1] for space in spaces if space is not None), default=None)

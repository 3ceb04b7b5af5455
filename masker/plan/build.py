"""Build a plan from catalog and policy: no effects, every finding at once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from masker.catalog import Catalog, Table, TableName
from masker.catalog.graph import order
from masker.findings import Finding, Findings, Severity, error, note
from masker.plan.columns import check_column, check_constraints, check_key, plan_column
from masker.plan.model import ColumnPlan, Plan, Step
from masker.plan.partitions import check_partition_key, root_of
from masker.plan.references import check_references
from masker.plan.ways import related, ways_of
from masker.rules.policy import Policy, TableVerdict, Treatment
from masker.rules.subset import SubsetRules
from masker.transformers.base import Scope, Uniqueness


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What a plan needs to know besides catalog and policy; names only."""

    pipeline: str
    source: str
    target: str
    mode: str
    clear: str = ""
    key_id: str
    one_way: bool
    scheme: int
    locale: str = "en_US"
    countries: tuple[str, ...] = ()
    workers: int = 1
    accept: tuple[str, ...] = ()
    subset: SubsetRules | None = None
    after: str | None = None


def build(frame: Frame, catalog: Catalog, policy: Policy) -> Plan:
    """Return the plan; its findings include the policy's, and nothing was touched."""
    every = {
        table.name: _columns(frame, table, policy)
        for table in catalog.tables
        if table.extension is None
    }
    ways = ways_of(every)
    columns = related(every, ways)
    found = [*policy.findings, *_check(catalog, columns, policy)]
    steps, more = _steps(catalog, columns, policy)
    found += [*more, *check_references(frame.subset, columns)]
    findings = Findings(tuple(_once(found))).accept(frame.accept)
    findings += tuple(_accepted_errors(findings))
    findings += tuple(
        note(
            "stale-acceptance",
            f"`accept: {id}` matches no finding of this plan",
            subject=id,
            help="remove the line or correct the id, unless it is for a finding about the target, "
            "which only a run looks at",
        )
        for id in findings.unused()
    )
    plan = Plan(
        pipeline=frame.pipeline,
        source=frame.source,
        target=frame.target,
        mode=frame.mode,
        clear=frame.clear,
        catalog=catalog,
        steps=steps,
        findings=findings,
        key_id=frame.key_id,
        one_way=frame.one_way,
        locale=frame.locale,
        pools=_pools(steps),
        sequences=tuple(_sequences(catalog, columns)),
        workers=frame.workers,
        subset=frame.subset,
        after=frame.after,
        ways=ways,
        notes=tuple(_notes(frame, steps)),
    )
    return replace(plan, fingerprint=fingerprint(plan, scheme=frame.scheme))


def _accepted_errors(findings: Findings) -> Iterator[Finding]:
    """Yield a finding for each error that the pipeline accepts: it stops the run all the same."""
    for finding in findings:
        if finding.severity is Severity.ERROR and finding.id in findings.accepted:
            yield error(
                "cannot-accept",
                f"`{finding.id}` is an error, and only warnings can be accepted",
                subject=finding.id,
                help="take the line out of `accept`, and mend what the finding tells",
            )


def _columns(frame: Frame, table: Table, policy: Policy) -> tuple[ColumnPlan, ...]:
    return tuple(
        plan_column(
            table,
            column,
            policy.columns[table.name, column.name],
            locale=frame.locale,
            countries=frame.countries,
        )
        for column in table.columns
    )


def _treatment(policy: Policy, table: Table) -> TableVerdict:
    return policy.tables.get(table.name, TableVerdict())


def _check(
    catalog: Catalog, columns: Mapping[TableName, tuple[ColumnPlan, ...]], policy: Policy
) -> Iterator[Finding]:
    for table in catalog.tables:
        if (
            table.name not in columns
            or table.is_partition  # told once, for the root
            or _treatment(policy, table).treatment is not Treatment.LOAD
        ):
            continue
        plans = {plan.name: plan for plan in columns[table.name]}
        for plan in plans.values():
            yield from check_column(table, plan)
        for key in table.keys:
            yield from check_key(table, key, plans)
        yield from check_constraints(table, plans)


def _steps(
    catalog: Catalog, columns: Mapping[TableName, tuple[ColumnPlan, ...]], policy: Policy
) -> tuple[tuple[Step, ...], list[Finding]]:
    steps: list[Step] = []
    found: list[Finding] = []
    for name in order(catalog):
        table = catalog.table(name)
        if name not in columns or not table.holds_rows:
            continue
        verdict = _treatment(policy, table)
        plans = columns[name]
        into = name
        if verdict.treatment is Treatment.LOAD:
            into, plans, more = _through_root(catalog, table, plans)
            found += more
        steps.append(
            Step(
                table=name,
                into=into,
                treatment=verdict.treatment,
                columns=plans,
                where=verdict.where,
                rows=table.rows,
                bytes=table.bytes,
                pages=table.pages,
            )
        )
    return tuple(steps), found


def _through_root(
    catalog: Catalog, table: Table, plans: tuple[ColumnPlan, ...]
) -> tuple[TableName, tuple[ColumnPlan, ...], list[Finding]]:
    root = root_of(catalog, table)
    if root is table:
        return table.name, plans, []
    keys = _partition_columns(catalog, table)
    found: list[Finding] = []
    changed: list[ColumnPlan] = []
    into = table.name
    for plan in plans:
        if plan.masked and plan.name in keys:
            into = root.name
            fold, more = check_partition_key(catalog, table, plan.name, plan.use)
            found += more
            changed.append(replace(plan, fold=fold))
        else:
            changed.append(plan)
    return into, tuple(changed), found


def _partition_columns(catalog: Catalog, table: Table) -> frozenset[str]:
    names: set[str] = set()
    while table.is_partition and table.parent is not None:
        table = catalog.table(table.parent)
        if table.partitioning is not None:
            names |= set(table.partitioning.columns)
    return frozenset(names)


def _pools(steps: Iterable[Step]) -> tuple[tuple[str, str], ...]:
    pools: dict[str, str] = {}
    for step in steps:
        if step.treatment is not Treatment.LOAD:
            continue
        for column in step.masked:
            for branch in column.branches:
                if branch.transformer is not None and not branch.transformer.check(branch.site):
                    pools.update(branch.transformer.pools(branch.site))
    return tuple(sorted(pools.items()))


def _sequences(
    catalog: Catalog, columns: Mapping[TableName, tuple[ColumnPlan, ...]]
) -> Iterator[tuple[TableName, int | None, bool]]:
    for sequence in catalog.sequences:
        last, called = sequence.last_value, sequence.is_called
        if sequence.owner is not None and sequence.owner[0] in columns:
            table, name = sequence.owner
            plan = next((p for p in columns[table] if p.name == name), None)
            if plan is not None and plan.masked:
                # Masked keys fill the whole space, so new ones start above it.
                spaces = [
                    branch.transformer.space(branch.site)
                    for branch in plan.branches
                    if branch.transformer is not None
                ]
                last = max((space[1] for space in spaces if space), default=last)
                called = called or any(spaces)
        yield sequence.name, last, called


def _notes(frame: Frame, steps: Iterable[Step]) -> Iterator[str]:
    if frame.one_way:
        yield "no key is set: output is one-way and differs from run to run"
    for step in steps:
        for column in step.masked:
            if _surveyed(column):
                yield (
                    f"{step.table}.{column.name}: masked values depend on a survey of the source, "
                    "so they may differ between subsets, databases and nights"
                )
    for step in steps:
        for column in step.masked:
            if column.uniqueness is Uniqueness.KEYED and column.unique and step.rows:
                # Birthday bound: n^2 / 2^(k+1) for k = 80 keyed bits.
                chance = step.rows**2 / 2**81
                yield (
                    f"{step.table}.{column.name}: two of {step.rows:,} masked values are equal "
                    f"with a chance of at most {chance:.0e}"
                )


def _surveyed(column: ColumnPlan) -> bool:
    return any(
        branch.transformer is not None and branch.transformer.scope is Scope.COLUMN
        for branch in column.branches
    )


def _once(found: Iterable[Finding]) -> Iterator[Finding]:
    seen: set[Finding] = set()
    for finding in found:
        if finding not in seen:
            seen.add(finding)
            yield finding


def fingerprint(plan: Plan, *, scheme: int) -> str:
    """Return a digest of all that decides the outcome, except the key itself and estimates."""
    decisive = {
        "scheme": scheme,
        "mode": plan.mode,
        **({"clear": plan.clear} if plan.clear else {}),
        "locale": plan.locale,
        "pools": plan.pools,
        "steps": [
            {
                "table": str(step.table),
                "into": str(step.into),
                "treatment": step.treatment,
                "where": step.where,
                "columns": [
                    {
                        "name": column.name,
                        "type": column.column.type.name,
                        "ruling": column.ruling,
                        "moved": column.moved,
                        "branches": [
                            [branch.when, repr(branch.transformer), repr(branch.site)]
                            for branch in column.branches
                        ],
                    }
                    for column in step.columns
                ],
            }
            for step in sorted(plan.steps, key=lambda step: step.table)
        ],
        **({"subset": plan.subset.decisive()} if plan.subset is not None else {}),
        **({"after": plan.after} if plan.after is not None else {}),
    }
    text = json.dumps(decisive, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]

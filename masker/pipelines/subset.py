"""The rows of a subset, chosen in the plan's snapshot before anything is moved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from masker.engines.engine import Source
from masker.findings import Finding, error
from masker.plan.kept import keeping
from masker.plan.model import Plan
from masker.rules.pipeline import Pipeline
from masker.rules.policy import Treatment
from masker.rules.subset import RootRule
from masker.subset.choose import Kept, choose


def kept_rows(
    pipeline: Pipeline, plan: Plan, source: Source, *, trace: bool = False
) -> tuple[Plan, Kept | None]:
    """Return the plan with what its subset keeps, and the rows themselves.

    None without a subset, or where its conditions are wrong: the plan's findings tell that.
    `trace` keeps what is needed to say why a row is kept.
    """
    if plan.subset is None:
        return plan, None
    wrong = tuple(_bad_conditions(plan.subset.roots, source))
    if wrong:
        return replace(plan, findings=plan.findings + wrong), None
    longest = pipeline.source.limits.max_duration
    rows = source.rows(
        plan.catalog,
        max_duration=longest.total_seconds() if longest else None,
        encoding=pipeline.source.encoding,
    )
    loaded = [step for step in plan.steps if step.treatment is Treatment.LOAD]
    kept = choose(
        plan.subset,
        plan.catalog,
        rows,
        loaded=frozenset(step.table for step in loaded),
        where={step.table: step.where for step in loaded if step.where is not None},
        trace=trace,
    )
    counts = {table: None if ids is None else len(ids) for table, ids in kept.rows.items()}
    kept_plan = keeping(plan, counts, share=kept.share)
    return replace(kept_plan, findings=kept_plan.findings + tuple(kept.findings)), kept


def _bad_conditions(roots: tuple[RootRule, ...], source: Source) -> Iterator[Finding]:
    for root in roots:
        if root.where is None:
            continue
        wrong = source.complaint(root.table, root.where)
        if wrong is not None:
            yield error(
                "bad-predicate",
                f"the condition of the root `{root.table}` is refused: {wrong}",
                subject=str(root.table),
                at=root.position,
                help="it is SQL on the columns of this table, as after WHERE: country = 'DE'",
            )

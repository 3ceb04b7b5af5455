"""Integer columns whose values lie outside the space of their permutation."""

from __future__ import annotations

from collections.abc import Iterator

from masker.engines.engine import Source
from masker.findings import Finding, error
from masker.plan.model import Plan
from masker.rules.policy import Treatment


def outside_spaces(source: Source, plan: Plan) -> Iterator[Finding]:
    """Yield a finding per permuted integer column that holds values outside its space.

    The smallest and largest value are asked for, which an index on a key answers at once.
    """
    for step in plan.steps:
        if step.treatment is not Treatment.LOAD:
            continue
        for column in step.masked:
            for branch in column.branches:
                space = (
                    None if branch.transformer is None else branch.transformer.space(branch.site)
                )
                if space is None:
                    continue
                held = source.bounds(step.table, column.name)
                if held is None or (held[0] >= space[0] and held[1] <= space[1]):
                    continue
                subject = f"{step.table}.{column.name}"
                yield error(
                    "outside-space",
                    f"`{subject}` holds numbers outside {space[0]:,} to {space[1]:,}, "
                    f"the space in which `{column.use}` permutes",
                    subject=subject,
                    help="keep the column, or use another transformer",
                )

"""Integer columns whose values lie outside the space of their permutation."""

from __future__ import annotations

from collections.abc import Iterator

from masker.engines.postgres.session import Session, quote
from masker.findings import Finding, error
from masker.plan.model import Plan
from masker.rules.policy import Treatment


def outside_spaces(source: Session, plan: Plan) -> Iterator[Finding]:
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
                name = quote(column.name)
                table = quote(step.table.schema, step.table.name)
                ((low, high),) = source.query(f"SELECT min({name}), max({name}) FROM ONLY {table}")
                if low is None or (low >= space[0] and high <= space[1]):
                    continue
                subject = f"{step.table}.{column.name}"
                yield error(
                    "outside-space",
                    f"`{subject}` holds numbers outside {space[0]:,} to {space[1]:,}, "
                    f"the space in which `{column.use}` permutes",
                    subject=subject,
                    help="keep the column, or use another transformer",
                )

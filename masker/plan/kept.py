"""A plan with the rows that a subset keeps: numbers and estimates of each step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from masker.catalog import TableName
from masker.plan.model import Plan, Step


def keeping(plan: Plan, counts: Mapping[TableName, int | None], *, share: float | None) -> Plan:
    """Return the plan with the number of rows kept of each table; None keeps all of them.

    `share` is what a budget solved for. The fingerprint stays: it is of what was asked for.
    """
    steps = tuple(_keeping(step, counts.get(step.table)) for step in plan.steps)
    return replace(plan, steps=steps, share=share)


def _keeping(step: Step, kept: int | None) -> Step:
    if kept is None:
        return step
    part = kept / step.rows if step.rows else float(bool(kept))
    size = None if step.bytes is None else round(step.bytes * min(1.0, part))
    return replace(step, kept=kept, bytes=size)

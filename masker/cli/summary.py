"""The summary of a run that a person reads in ten seconds."""

from __future__ import annotations

from collections.abc import Iterator

from masker.audit import Audit
from masker.findings import Severity
from masker.pipelines.record import Run
from masker.plan.model import Plan
from masker.plan.partitions import tables_of
from masker.rules.policy import Ruling, Treatment

_NAMED = 3  # columns that are named; the manifest names all


def summary(run: Run) -> str:
    """Return a few lines: what is published, what was moved, masked and proved, what is next."""
    return "\n".join(_lines(run))


def _lines(run: Run) -> Iterator[str]:
    yield f"{run.outcome} {run.target}  (run {run.id}, {sum(run.seconds.values()):.1f} s)"
    yield from facts(run)
    yield f"  manifest  {run.manifest_path}"


def facts(run: Run) -> Iterator[str]:
    """Yield what was moved, masked, found and proved, a line each."""
    moved = sum(run.rows.values())
    load = run.seconds.get("load", 0.0)
    rate = f", {moved / load:,.0f} rows/s while moving" if load and moved else ""
    if run.plan is not None:
        yield from _planned(run.plan, f"{moved:,} rows{rate}")
    unparsed = _unparsed(run)
    if unparsed:
        yield f"  unparsed  {unparsed}"
    if run.audit is not None:
        yield f"  audit     {_audit(run.audit)}"
    told = _told(run)
    if told:
        yield f"  findings  {told}, in the manifest"


def _planned(plan: Plan, moved: str) -> Iterator[str]:
    """Yield how many tables and columns there were, and by what columns are masked."""
    loaded = [step for step in tables_of(plan) if step.treatment is Treatment.LOAD]
    columns = [column for step in loaded for column in step.columns]
    masked = [column for column in columns if column.ruling is Ruling.MASK]
    kinds = {column.use for column in masked}
    key = "one-way, key destroyed" if plan.one_way else f"key {plan.key_id}"
    yield f"  tables    {len(loaded)} loaded, {moved}"
    yield (
        f"  columns   {len(masked)} of {len(columns)} masked "
        f"by {numbered(len(kinds), 'transformer')}; {key}"
    )


def _unparsed(run: Run) -> str:
    """Return how many values no form was known for, the columns with the most of them first."""
    counts = {
        column: counted
        for column, seen in run.columns.items()
        if isinstance(counted := seen["unparsed"], int) and counted
    }
    if not counts:
        return ""
    most = sorted(counts, key=lambda column: (-counts[column], column))
    named = [f"{column} {counts[column]:,}" for column in most[:_NAMED]] + ["…"] * (
        len(most) > _NAMED
    )
    return (
        f"{numbered(sum(counts.values()), 'value')} in {numbered(len(counts), 'column')}, "
        f"masked letter by letter ({', '.join(named)})"
    )


def _told(run: Run) -> str:
    """Return how many warnings were accepted and how many notes there are, as a plan shows them."""
    warnings = sum(finding.severity is Severity.WARNING for finding in run.findings)
    notes = sum(finding.severity is Severity.NOTE for finding in run.findings)
    notes += len(run.plan.notes) if run.plan else 0
    parts = (("accepted warning", warnings), ("note", notes))
    return ", ".join(numbered(count, noun) for noun, count in parts if count)


def numbered(count: int, noun: str) -> str:
    """Return a number with its noun, in the plural unless it is one."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _audit(audit: Audit) -> str:
    searched = sum(figure.searched for figure in audit.figures)
    found = sum(figure.found for figure in audit.figures)
    coincident = sum(figure.coincident for figure in audit.figures)
    verdict = "passed" if audit.passed else "FAILED"
    chance = f", {numbered(coincident, 'coincidence')} as chance gives" if coincident else ""
    within = f"{found:,} within chance" if found else "no source value found"
    return f"{verdict}: {searched:,} values searched, {within}{chance}; loaded equals masked"

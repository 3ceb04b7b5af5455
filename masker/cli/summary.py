"""The summary of a run that a person reads in ten seconds."""

from __future__ import annotations

from collections.abc import Iterator

from masker.audit import Audit
from masker.pipelines.record import Run
from masker.rules.policy import Ruling, Treatment


def summary(run: Run) -> str:
    """Return a few lines: what is published, what was moved, masked and proved, what is next."""
    return "\n".join(_lines(run))


def _lines(run: Run) -> Iterator[str]:
    total = sum(run.seconds.values())
    moved = sum(run.rows.values())
    load = run.seconds.get("load", 0.0)
    rate = f", {moved / load:,.0f} rows/s while moving" if load and moved else ""
    yield f"{run.outcome} {run.target}  (run {run.id}, {total:.1f} s)"
    yield f"  rows      {moved:,} in {len(run.rows)} tables{rate}"
    if run.plan is not None:
        loaded = [step for step in run.plan.steps if step.treatment is Treatment.LOAD]
        columns = [column for step in loaded for column in step.columns]
        masked = [column for column in columns if column.ruling is Ruling.MASK]
        kinds = {column.use for column in masked}
        key = "one-way, key destroyed" if run.plan.one_way else f"key {run.plan.key_id}"
        yield (
            f"  masked    {len(masked)} of {len(columns)} columns "
            f"by {len(kinds)} transformers; {key}"
        )
    if run.audit is not None:
        yield f"  audit     {_audit(run.audit)}"
    told = [finding for finding in run.findings if finding.severity.name != "ERROR"]
    if told:
        noun = "note or accepted warning" if len(told) == 1 else "notes and accepted warnings"
        yield f"  findings  {len(told)} {noun}, in the manifest"
    yield f"  manifest  {run.manifest_path}"


def _audit(audit: Audit) -> str:
    searched = sum(figure.searched for figure in audit.figures)
    found = sum(figure.found for figure in audit.figures)
    coincident = sum(figure.coincident for figure in audit.figures)
    verdict = "passed" if audit.passed else "FAILED"
    chance = f", {coincident:,} coincidences as chance gives" if coincident else ""
    within = f"{found:,} within chance" if found else "no source value found"
    return f"{verdict}: {searched:,} values searched, {within}{chance}; loaded equals masked"

"""The audit: rows, constraints, digests and the search for leaks, in that order."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

import polars as pl

from masker.audit.columns import masked_columns
from masker.audit.gate import Gate
from masker.audit.integrity import (
    check_constraints,
    check_digests,
    check_kept,
    check_rows_arrived,
)
from masker.audit.places import Figure, Ground, Spot
from masker.audit.rows import check_rows
from masker.audit.schema_texts import schema_texts
from masker.audit.target import Reading, Stage
from masker.engines.engine import Loaded
from masker.evidence import Evidence, RunKey
from masker.findings import Finding, Findings
from masker.plan.model import Plan


@dataclass(frozen=True, kw_only=True)
class Audit:
    """What the audit found. `leaked` tells a leak (exit 4) from data that did not arrive (5)."""

    findings: Findings
    figures: tuple[Figure, ...] = ()
    rows: int = 0
    canaries: int = 0
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Tell whether the target may be published."""
        return not self.findings.blocking

    @property
    def leaked(self) -> bool:
        """Tell whether a source value is in the target."""
        return any(finding.code == "leak" for finding in self.findings)

    def as_json(self) -> dict[str, object]:
        """Return the audit as a JSON object for the manifest; it holds no value."""
        return {
            "passed": self.passed,
            "rows": self.rows,
            "canaries": self.canaries,
            "seconds": {name: round(taken, 3) for name, taken in self.seconds.items()},
            "findings": [finding.as_json() for finding in self.findings],
            "figures": [figure.as_json() for figure in self.figures],
        }


def audit(
    plan: Plan,
    evidence: Evidence,
    *,
    target: Callable[[], AbstractContextManager[Loaded]],
    run_key: RunKey,
    workers: int = 2,
    amend: Callable[[], None] | None = None,
) -> Audit:
    """Prove on the loaded target that it is whole and holds no source value that was to be masked.

    `target` opens sessions on the database as it was loaded, before anybody uses it; where the load
    is one open transaction it gives that session again and `workers` is 1. `amend` runs the
    pipeline's own statements: what was loaded is proved before them, that nothing leaked after
    them, and they do not run where the first proof fails. The audit never sees the source. Raises
    Bug when the search does not find what it planted itself.
    """
    clock = _Clock()
    columns = masked_columns(plan)
    findings = [*check_rows(evidence, columns), *check_kept(plan, evidence)]
    clock.lap("rows")
    gate = Gate(evidence, columns=columns, run_key=run_key)
    clock.lap("sieve")
    if amend is not None:
        with target() as loaded:
            catalog = loaded.catalog()
        arrived = Reading(plan, catalog=catalog, gate=gate, stage=Stage.ARRIVED)
        arrived.read(target, workers=workers)
        findings += _arrived(arrived, evidence)
        clock.lap("arrival")
        if Findings(tuple(findings)).blocking:
            return Audit(
                findings=Findings(tuple(findings)),
                rows=sum(arrived.rows.values()),
                seconds=clock.laps,
            )
        amend()
        clock.lap("after")
    with target() as loaded:
        # Not only the plan's schemas: a leak is a leak wherever it stands.
        catalog = loaded.catalog()
        findings += check_constraints(loaded, plan, catalog)
    clock.lap("integrity")
    stage = Stage.WHOLE if amend is None else Stage.AMENDED
    reading = Reading(plan, catalog=catalog, gate=gate, stage=stage)
    reading.read(target, workers=workers)
    if amend is None:
        findings += _arrived(reading, evidence)
    for subject, text in schema_texts(catalog):
        spot = gate.search.add(Spot(subject=subject, ground=Ground.TEXT))
        gate.search.look(pl.Series([text]), spot=spot)
    clock.lap("search")
    judged = gate.judge()
    findings += [finding for _, finding in judged if finding is not None]
    clock.lap("judgement")
    findings += reading.second_look.findings()
    clock.lap("second look")
    return Audit(
        findings=Findings(tuple(findings)),
        figures=tuple(figure for figure, _ in judged),
        rows=sum(reading.rows.values()),
        canaries=gate.canaries,
        seconds=clock.laps,
    )


def _arrived(reading: Reading, evidence: Evidence) -> list[Finding]:
    """Return what tells that loaded is not masked: rows missing, values other than written."""
    return [
        *check_rows_arrived(reading.rows, evidence),
        *check_digests(reading.digests, evidence),
    ]


class _Clock:
    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._since = time.monotonic()

    def lap(self, name: str) -> None:
        now = time.monotonic()
        self.laps[name] = now - self._since
        self._since = now

"""The record of one run: what was found, planned, moved and proved; manifest and ledger."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from masker.audit import Audit
from masker.catalog import TableName
from masker.engines.marker import Marker
from masker.engines.registry import engine_of
from masker.errors import (
    MANIFEST,
    Bug,
    ConfigError,
    DataError,
    Interrupted,
    LeakError,
    MaskerError,
    UnsafeError,
)
from masker.evidence import Evidence
from masker.findings import Findings, note
from masker.keys import Keyring
from masker.ledger import FAILED, LEDGER, PUBLISHED, PUBLISHING, REFUSED, RUN, ledger
from masker.ledger import manifest as manifests
from masker.pipelines.settle import manifest_of, settle
from masker.pipelines.watch import Watch
from masker.plan.model import Plan
from masker.rules.pipeline import Pipeline

RUNNING = "running"
RECORDS = Path("masker-records")  # where manifests and the ledger lie unless told otherwise


@dataclass(frozen=True, kw_only=True)
class Run:
    """One time that a pipeline ran, and what is known of it; `kind` as the ledger has it."""

    id: str
    pipeline: str
    kind: str = RUN
    target: str
    outcome: str
    started: str
    finished: str
    plan: Plan | None = field(default=None, repr=False)
    findings: Findings = field(default_factory=Findings, repr=False)
    rows: Mapping[str, int] = field(default_factory=dict, repr=False)
    columns: Mapping[str, Mapping[str, object]] = field(default_factory=dict, repr=False)
    audit: Audit | None = field(default=None, repr=False)
    seconds: Mapping[str, float] = field(default_factory=dict, repr=False)
    exit_code: int = 0
    codes: tuple[str, ...] = ()  # of the findings that stopped it
    manifest_path: Path
    ledger_path: Path

    @property
    def manifest(self) -> dict[str, object]:
        """Return the manifest as a JSON object."""
        return manifests.Manifest(
            run=self.id,
            pipeline=self.pipeline,
            outcome=self.outcome,
            started=self.started,
            finished=self.finished,
            plan=self.plan,
            findings=self.findings,
            rows=self.rows,
            columns=self.columns,
            audit=self.audit.as_json() if self.audit else None,
            seconds=self.seconds,
        ).as_json()


class Record:
    """Keep the record of a run; what leaves its block by an exception is recorded as failed."""

    def __init__(self, run: Run, *, keys: Keyring, accept: frozenset[str]) -> None:
        self.run = run
        self.keys = keys
        self._accept = accept

    @classmethod
    def begin(cls, pipeline: Pipeline, *, keys: Keyring, folder: Path) -> Self:
        """Name a run and begin its record; TryAgainError where `folder` cannot take it."""
        return cls.named(
            pipeline.name,
            target=str(engine_of(pipeline.target.url).address(pipeline.target.url)),
            findings=pipeline.findings,
            accept=pipeline.accept,
            keys=keys,
            folder=folder,
        )

    @classmethod
    def named(
        cls,
        pipeline: str,
        *,
        target: str,
        keys: Keyring,
        folder: Path,
        kind: str = RUN,
        findings: Findings | None = None,
        accept: Iterable[str] = (),
    ) -> Self:
        """Begin the record of a run to a target that no pipeline names, such as a snapshot."""
        began = datetime.now(UTC)
        name = f"{began:%Y%m%d%H%M%S}_{secrets.token_hex(2)}"
        run = Run(
            id=name,
            pipeline=pipeline,
            kind=kind,
            target=target,
            outcome=RUNNING,
            started=_text(began),
            finished="",
            findings=findings or Findings(),
            manifest_path=manifest_of(name, pipeline=pipeline, records=folder),
            ledger_path=folder / LEDGER,
        )
        manifests.check_writable(folder)
        return cls(run, keys=keys, accept=frozenset(accept))

    @property
    def id(self) -> str:
        """Return the run's name."""
        return self.run.id

    def _set(self, **facts: object) -> None:
        self.run = replace(self.run, **facts)  # type: ignore[arg-type]

    # -- what happens ----------------------------------------------------------------------------

    def note(self, found: Findings) -> Findings:
        """Keep findings, and return them with what the pipeline accepts."""
        self._set(findings=self.run.findings + found)
        return found.accept(self._accept)

    def plan(self, plan: Plan) -> Findings:
        """Keep the plan, and return its findings."""
        self._set(plan=plan)
        # The plan knows the catalog, so it knows whole what the file names in short.
        self._accept = self._accept | plan.findings.accepted
        return self.note(plan.findings)

    def moved(self, evidence: Evidence) -> None:
        """Keep the counts of what was moved."""
        self._set(
            rows={str(table): rows for table, rows in sorted(evidence.rows.items())},
            columns={
                f"{table}.{column}": {
                    "equal": seen.equal,
                    "chance": round(seen.chance, 6),
                    "unparsed": seen.unparsed,
                    "shapes": dict(seen.shapes),
                    "short": seen.short,
                }
                for (table, column), seen in sorted(evidence.columns.items())
            },
        )

    def proved(self, audit: Audit) -> None:
        """Keep what the audit found; LeakError or DataError when it did not pass."""
        self._set(audit=audit, findings=self.run.findings + audit.findings)
        found = audit.findings.accept(self._accept)
        if not found.blocking:
            return
        undecided = all(finding.code == "kept-personal" for finding in found.blocking)
        kind = LeakError if audit.leaked else UnsafeError if undecided else DataError
        raise kind.from_findings(
            found,
            "the audit found source values in the new data; nothing is published"
            if audit.leaked
            else "the audit did not pass; nothing is published",
        )

    def seal(self) -> str:
        """Write that the run passed and is about to publish; return the ledger's head."""
        self._set(outcome=PUBLISHING)
        return self._write()

    def published(self) -> None:
        """Write that the target's users see the new data."""
        self._set(outcome=PUBLISHED)
        self._write()

    def settle(self, mark: Marker | None) -> None:
        """Complete the record of an earlier run that ended right after it published."""
        if mark is None:
            return
        records, pipeline = self.run.manifest_path.parent, self.run.pipeline
        if settle(mark, pipeline=pipeline, records=records, keys=self.keys, by=self.id) is None:
            return
        told = note(
            "settled",
            f"the run `{mark.run}` had published and ended before it could say so",
            subject=mark.run,
        )
        self.note(Findings((told,)))

    def _write(self) -> str:
        self._set(finished=_text(datetime.now(UTC)))
        run = self.run
        manifests.write(run.manifest_path, run.manifest)
        facts = {
            "run": run.id,
            "pipeline": run.pipeline,
            "kind": run.kind,
            "outcome": run.outcome,
            "started": run.started,
            "finished": run.finished,
            "target": run.target,
            "plan": run.plan.fingerprint if run.plan else "",
            "rows": sum(run.rows.values()),
            "exit_code": run.exit_code,
            "codes": list(run.codes),
            "manifest": run.manifest_path.name,
        }
        return ledger.append(run.ledger_path, facts, keys=self.keys)

    # -- its frame -------------------------------------------------------------------------------

    def watching(self, watch: Watch) -> Watch:
        """Return a watch that also keeps how long each phase took."""
        return _Timed(watch, self)

    def timed(self, phase: str, seconds: float) -> None:
        """Keep how long a phase took."""
        before = self.run.seconds.get(phase, 0.0)
        self._set(seconds={**self.run.seconds, phase: before + seconds})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        failure: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if failure is None:
            return
        if self.run.outcome == PUBLISHED:
            failure.add_note("stopped after it was published: the target's users see the new data")
            failure.add_note(f"{MANIFEST}{self.run.manifest_path}")
            return
        refused = isinstance(failure, ConfigError | UnsafeError)
        self._set(outcome=REFUSED if refused else FAILED)
        if isinstance(failure, MaskerError):
            known = set(self.run.findings)
            new = [finding for finding in failure.findings if finding not in known]
        else:
            interrupted = isinstance(failure, KeyboardInterrupt)
            what = "Ctrl-C or SIGTERM" if interrupted else type(failure).__name__
            new = [note("stopped", f"the run was stopped by {what}")]
        self._set(findings=self.run.findings + new, **_end_of(failure))
        with suppress(MaskerError):  # what went wrong first is told, not that it is unrecorded
            self._write()
            failure.add_note(f"{MANIFEST}{self.run.manifest_path}")


def _end_of(failure: BaseException) -> dict[str, object]:
    """Return the exit code of what ended a run, and the codes of the findings that did."""
    if isinstance(failure, MaskerError):
        codes = {each.code for each in failure.findings.blocking or failure.findings}
        return {"exit_code": failure.exit_code, "codes": tuple(sorted(codes))}
    kind = Interrupted if isinstance(failure, KeyboardInterrupt) else Bug
    return {"exit_code": kind.exit_code, "codes": ("stopped",)}


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


class _Timed:
    """Pass everything on and keep the time of each phase."""

    def __init__(self, watch: Watch, record: Record) -> None:
        self._watch = watch
        self._record = record
        self._phase = ""
        self._since = time.monotonic()

    def phase(self, name: str) -> None:
        now = time.monotonic()
        if self._phase:
            self._record.timed(self._phase, now - self._since)
        self._phase, self._since = name, now
        self._watch.phase(name)

    def planned(self, plan: Plan) -> None:
        self._watch.planned(plan)

    def moved(self, table: TableName, rows: int, size: int) -> None:
        self._watch.moved(table, rows, size)

"""What follows a run that was called by hand, cron or Kubernetes: notices, metrics, the log."""

from __future__ import annotations

import os
import re
import sys
from datetime import datetime
from pathlib import Path
from typing import Literal

from masker.cli import tell
from masker.engines.registry import engine_of
from masker.errors import Interrupted, MaskerError
from masker.ledger import LEDGER, PUBLISHED, SKIPPED, history
from masker.pipelines.record import Run
from masker.pipelines.since import Refresh
from masker.rules.document import read_text
from masker.rules.pipeline import Pipeline, load_pipeline
from masker.schedule.end import End, outcome_of, run_of
from masker.schedule.line import keys_of_line, write_line
from masker.schedule.log import Log, utc_now
from masker.schedule.metrics import Figures
from masker.schedule.notices import Messenger, facts_of
from masker.schedule.status import moment_of
from masker.schedule.stop import is_scheduled
from masker.schedule.telling import with_drift

# Also in a file that is no YAML at all; a name of other letters is none.
_NAME = re.compile(
    r"""^name:\s*(?P<quote>["']?)(?P<name>[A-Za-z0-9][A-Za-z0-9_.-]{0,62})(?P=quote)\s*(?:#|$)""",
    re.MULTILINE,
)


class Ending:
    """Tell the end of one run to its pipeline's webhooks, a metrics file and the log."""

    def __init__(
        self,
        pipeline: Path,
        *,
        records: Path,
        notify: bool,
        metrics_file: Path | None,
        log_format: Literal["text", "json"] | None,
    ) -> None:
        self._pipeline = pipeline
        self._records = records
        self._notify = notify
        self._metrics_file = metrics_file
        self._wordy, self._as_json = log_format is not None, log_format == "json"
        self._log = Log(sys.stderr, as_json=log_format == "json")
        self._began = utc_now()
        self._scheduled = is_scheduled()

    def published(self, run: Run) -> None:
        """Tell a run that published."""
        end = End(
            outcome=PUBLISHED,
            exit_code=0,
            run=run.id,
            rows=sum(run.rows.values()),
            started=datetime.fromisoformat(run.started),
            finished=utc_now(),
            manifest=run.manifest_path,
        )
        self._say_published(end, run.pipeline)
        self._tell(end)

    def settled(self, refresh: Refresh) -> None:
        """Tell a run that had published and ended before it could say so."""
        facts = refresh.settled or {}
        rows = facts.get("rows")
        end = End(
            outcome=PUBLISHED,
            exit_code=0,
            run=refresh.run,
            rows=sum(rows.values()) if isinstance(rows, dict) else 0,
            started=moment_of(facts.get("started")),
            finished=moment_of(facts.get("finished")),
            manifest=refresh.path,
        )
        self._say_published(end, str(facts.get("pipeline", "")))
        self._tell(end)

    def _say_published(self, end: End, pipeline: str) -> None:
        if self._wordy:
            self._log.info(
                end.outcome,
                f"published run {end.run}",
                pipeline=pipeline,
                run=end.run,
                rows=end.rows,
                seconds=end.seconds,
                manifest=str(end.manifest),
            )

    def skipped(self, run: str, message: str) -> None:
        """Tell that nothing was done, since another run had refreshed the target."""
        now = utc_now()
        self._tell(
            End(
                outcome=SKIPPED,
                exit_code=0,
                run=run,
                message=message,
                started=self._began,
                finished=now,
            )
        )

    def failed(self, failure: BaseException) -> None:
        """Tell a run that ended by an error; whoever caught it tells the error itself, before."""
        ours, written = tell.ours(failure), tell.manifest_of(failure)
        manifest = Path(written) if written else None
        findings = ours.findings.blocking or tuple(ours.findings)
        end = End(
            outcome=outcome_of(ours.exit_code),
            exit_code=ours.exit_code,
            run=run_of(manifest),
            message=ours.message,
            findings=tuple(each.as_json() for each in findings),
            started=self._began,
            finished=utc_now(),
            manifest=manifest,
        )
        if self._as_json:  # in text, whoever caught it has told it
            self._log.error(
                end.outcome,
                end.sentence,
                run=end.run,
                exit_code=end.exit_code,
                seconds=end.seconds,
                findings=end.findings,
                manifest=written,
            )
        # A person who presses Ctrl-C, or a node that is drained, calls nobody.
        self._tell(end, notify=ours.exit_code != Interrupted.exit_code)

    def _tell(self, end: End, *, notify: bool = True) -> None:
        try:
            pipeline = load_pipeline(self._pipeline, environ=os.environ)
            target = str(engine_of(pipeline.target.url).address(pipeline.target.url))
        except MaskerError:  # a file that cannot be read names nobody; the run has told it
            pipeline, target = None, ""
        # What has a manifest has its line; an interrupt before that is nobody's end.
        if end.manifest is None and notify and not self._scheduled:
            self._record(end, pipeline, target)
        if self._metrics_file is not None:
            self._write(self._metrics_file, wrong=pipeline is None)
        if not (self._notify and notify and pipeline and pipeline.notify):
            return
        known = with_drift(end, self._records, pipeline=pipeline.name, lines=self._log)
        messenger = Messenger(self._log)
        messenger.tell(
            pipeline.notify,
            known,
            facts_of(known, pipeline=pipeline.name, target=target, due=None, attempts=1),
        )
        messenger.close()

    def _record(self, end: End, pipeline: Pipeline | None, target: str) -> None:
        """Write the ledger's line of what left none itself, unless nobody knows whose it is."""
        try:
            name = pipeline.name if pipeline else self._name()
            if name:
                keys = keys_of_line(pipeline, os.environ)
                write_line(self._records, end, pipeline=name, target=target, keys=keys)
        except MaskerError as failure:
            self._log.error("records", failure.message)

    def _name(self) -> str:
        """Return the name of a pipeline whose file is wrong, empty where that would be a guess.

        A file that is not there may be mistyped; it is one that went away if its name has run here.
        """
        try:
            named = _NAME.search(read_text(self._pipeline))
        except MaskerError:
            known = {entry.pipeline for entry in history(self._records / LEDGER)}
            return self._pipeline.stem if self._pipeline.stem in known else ""
        return named["name"] if named else self._pipeline.stem

    def _write(self, metrics_file: Path, *, wrong: bool) -> None:
        """Write the figures; where that fails, exit code and notices are still the run's own."""
        figures = Figures(self._records / LEDGER)
        figures.look((), [self._pipeline] if wrong else [], now=None, untold={})
        try:
            figures.write(metrics_file)
        except MaskerError as failure:
            self._log.error("metrics", failure.message)

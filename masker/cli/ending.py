"""What follows a run that was called by hand, cron or Kubernetes: notices, metrics, the log."""

from __future__ import annotations

import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Literal

from masker.cli import tell
from masker.engines.registry import engine_of
from masker.errors import Interrupted, MaskerError
from masker.ledger import LEDGER, PUBLISHED
from masker.pipelines.record import Run
from masker.rules.pipeline import load_pipeline
from masker.schedule.end import End, outcome_of, run_of
from masker.schedule.log import Log, utc_now
from masker.schedule.metrics import Figures
from masker.schedule.notices import Messenger, facts_of
from masker.schedule.telling import with_drift


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
        if self._wordy:
            self._log.info(
                end.outcome,
                f"published run {run.id}",
                pipeline=run.pipeline,
                run=run.id,
                rows=end.rows,
                seconds=end.seconds,
                manifest=str(run.manifest_path),
            )
        self._tell(end)

    def failed(self, failure: BaseException) -> None:
        """Tell a run that ended by an error; the error itself is told by whoever catches it."""
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
        if self._as_json:  # in text, whoever catches it tells it
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

    def _write(self, metrics_file: Path, *, wrong: bool) -> None:
        """Write the figures; where that fails, exit code and notices are still the run's own."""
        figures = Figures(self._records / LEDGER)
        figures.look((), [self._pipeline] if wrong else [], now=None, untold={})
        try:
            figures.write(metrics_file)
        except MaskerError as failure:
            self._log.error("metrics", failure.message)

"""Whoever hears of the end of a run: the ledger, the webhooks, the metrics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from masker.errors import MaskerError
from masker.keys import Keyring
from masker.ledger import LEDGER, RUN, append, history
from masker.pipelines.planning import key_of
from masker.rules.pipeline import Pipeline, load_pipeline
from masker.rules.sections import Notice
from masker.schedule.appointment import Appointment
from masker.schedule.drift import drift_since
from masker.schedule.end import End
from masker.schedule.log import Log, utc_now
from masker.schedule.metrics import Figures
from masker.schedule.notices import Messenger, facts_of


class Telling:
    """Tell the ends of scheduled runs to everybody whom they concern."""

    def __init__(
        self,
        records: Path,
        *,
        environ: Mapping[str, str],
        log: Log,
        metrics_file: Path | None = None,
    ) -> None:
        self._records = records
        self._environ = environ
        self._log = log
        self._metrics_file = metrics_file
        self._messenger = Messenger(log)
        self.figures = Figures(records / LEDGER)

    def ended(self, appointment: Appointment, end: End) -> None:
        """Write what left no line of its own, then tell the webhooks."""
        if not end.run:
            self._write(appointment, end, self._read(appointment.path))
        self.spread(appointment, end)

    def spread(self, appointment: Appointment, end: End) -> None:
        """Tell the webhooks of a pipeline; where its file is wrong, those that it last named."""
        pipeline = self._read(appointment.path)
        known = with_drift(end, self._records, pipeline=appointment.name, lines=self._log)
        # Read anew: a webhook's URL may have changed with its secret file.
        notices: tuple[Notice, ...] = pipeline.notify if pipeline else appointment.notices
        self._messenger.tell(
            notices,
            known,
            facts_of(
                known,
                pipeline=appointment.name,
                target=appointment.target,
                due=appointment.due,
                attempts=appointment.tries,
            ),
        )

    def looked(self, appointments: list[Appointment], wrong: dict[Path, str]) -> None:
        """Bring the metrics up to date."""
        self.figures.look(appointments, wrong, now=utc_now(), untold=self._messenger.failures)
        if self._metrics_file is not None:
            self.figures.write(self._metrics_file)

    def close(self) -> None:
        """Wait for webhooks that are being told."""
        self._messenger.close()

    def _read(self, path: Path) -> Pipeline | None:
        try:
            return load_pipeline(path, environ=self._environ)
        except MaskerError:
            return None

    def _write(self, appointment: Appointment, end: End, pipeline: Pipeline | None) -> None:
        facts = {
            "run": "",
            "pipeline": appointment.name,
            "kind": RUN,
            "outcome": end.outcome,
            "due": _text(appointment.due),
            "started": _text(end.started),
            "finished": _text(end.finished),
            "target": appointment.target,
            "rows": 0,
            "exit_code": end.exit_code,
            "codes": list(end.codes),
        }
        try:
            append(self._records / LEDGER, facts, keys=self._keys(pipeline))
        except MaskerError as failure:
            self._log.error("records", failure.message, pipeline=appointment.name)

    def _keys(self, pipeline: Pipeline | None) -> Keyring:
        """Return the key of the ledger's line; the line of a wrong file may have none."""
        try:
            if pipeline is not None:
                return key_of(pipeline, self._environ)
            return Keyring.from_environment(self._environ) or Keyring.ephemeral()
        except MaskerError:
            return Keyring.ephemeral()


def with_drift(end: End, records: Path, *, pipeline: str, lines: Log) -> End:
    """Return an end with what became different in the source since the run before.

    Where the ledger cannot be read that is told, and nothing is known to be different.
    """
    if end.manifest is None:
        return end
    manifest = records / end.manifest.name
    try:
        entries = history(records / LEDGER)
    except MaskerError as failure:
        lines.error("records", f"no drift can be told: {failure.message}", pipeline=pipeline)
        return end
    return replace(end, drift=drift_since(manifest, entries, pipeline=pipeline))


def _text(moment: datetime | None) -> str:
    return moment.isoformat(timespec="seconds") if moment else ""

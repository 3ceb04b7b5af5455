"""Whoever hears of the end of a run: the ledger, the webhooks, the metrics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from masker.errors import MaskerError
from masker.ledger import LEDGER, history
from masker.rules.pipeline import Pipeline, load_pipeline
from masker.rules.sections import Notice
from masker.schedule.appointment import Appointment
from masker.schedule.drift import drift_since
from masker.schedule.end import End
from masker.schedule.line import keys_of_line, write_line
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
        if end.manifest is None:
            self._write(appointment, end)
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

    def _write(self, appointment: Appointment, end: End) -> None:
        try:
            write_line(
                self._records,
                end,
                pipeline=appointment.name,
                target=appointment.target,
                due=appointment.due,
                keys=keys_of_line(self._read(appointment.path), self._environ),
            )
        except MaskerError as failure:
            self._log.error("records", failure.message, pipeline=appointment.name)


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

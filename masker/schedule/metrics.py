"""Figures for Prometheus, from the ledger and the schedule: over HTTP, or as a text file."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from wsgiref.simple_server import WSGIServer

from prometheus_client import CollectorRegistry, start_http_server, write_to_textfile
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from masker.errors import ConfigError, TryAgainError
from masker.ledger import Entry, history
from masker.schedule.appointment import Appointment

_PLACE = re.compile(r"(?P<host>\[[0-9a-fA-F:]+\]|[^:\s]*):(?P<port>[0-9]{1,5})")
_Figure = tuple[str, str, dict[str, float]]


class Figures(Collector):
    """What is told of runs and of the schedule; labels are names of pipelines and outcomes."""

    def __init__(self, ledger: Path) -> None:
        self._ledger = ledger
        self._stamp: tuple[int, int] | None = None
        self._history: tuple[Entry, ...] = ()
        self._next: dict[str, float] = {}
        self._running: dict[str, float] = {}
        self._wrong: dict[str, float] = {}
        self._beat: float | None = None
        self._untold: dict[str, int] = {}
        self.registry = CollectorRegistry(auto_describe=False)
        self.registry.register(self)

    def look(
        self,
        appointments: Iterable[Appointment],
        wrong: Iterable[Path],
        *,
        now: datetime | None,
        untold: dict[str, int],
    ) -> None:
        """Take in how the schedule stands; `now` is None where no scheduler works."""
        known = list(appointments)
        self._next = {each.name: each.begins.timestamp() for each in known}
        self._running = {each.name: float(each.attempt is not None) for each in known}
        self._wrong = {str(path): 1.0 for path in wrong}
        self._beat, self._untold = now.timestamp() if now else None, dict(untold)

    def collect(self) -> Iterator[Metric]:
        """Yield every family of figures."""
        entries = [each for each in self._read() if each.ran]
        counted = CounterMetricFamily(
            "masker_runs", "Runs by how they ended.", labels=("pipeline", "outcome")
        )
        for (pipeline, outcome), count in sorted(
            Counter((each.pipeline, each.outcome) for each in entries).items()
        ):
            counted.add_metric((pipeline, outcome), count)
        yield counted
        for name, help, figures in (*_of_last(entries), *self._of_schedule()):
            family = GaugeMetricFamily(name, help, labels=("pipeline",))
            for pipeline, figure in sorted(figures.items()):
                family.add_metric((pipeline,), figure)
            yield family
        yield from self._of_scheduler()

    def _of_schedule(self) -> tuple[_Figure, ...]:
        return (
            ("masker_next_run_timestamp_seconds", "When the next run begins.", self._next),
            ("masker_running", "Whether a run goes on.", self._running),
        )

    def _of_scheduler(self) -> Iterator[Metric]:
        wrong = GaugeMetricFamily(
            "masker_file_wrong", "Pipeline files that cannot be read.", labels=("file",)
        )
        for file, figure in sorted(self._wrong.items()):
            wrong.add_metric((file,), figure)
        yield wrong
        untold = CounterMetricFamily(
            "masker_webhook_failures", "Notices that no webhook took.", labels=("pipeline",)
        )
        for pipeline, count in sorted(self._untold.items()):
            untold.add_metric((pipeline,), count)
        yield untold
        if self._beat is not None:
            yield GaugeMetricFamily(
                "masker_scheduler_beat_timestamp_seconds",
                "When the scheduler last looked at everything.",
                value=self._beat,
            )

    def _read(self) -> tuple[Entry, ...]:
        try:
            facts = self._ledger.stat()
        except OSError:
            return ()
        stamp = (facts.st_mtime_ns, facts.st_size)
        if stamp != self._stamp:
            self._history, self._stamp = history(self._ledger), stamp
        return self._history

    def write(self, path: Path) -> None:
        """Write all figures into a file, whole or not at all, for node_exporter to pick up."""
        try:
            write_to_textfile(str(path), self.registry)
        except OSError as failure:
            raise TryAgainError(
                f"the metrics cannot be written to `{path}`: {(failure.strerror or '').lower()}",
                help="make its folder writable, or name another file",
                code="metrics-unwritable",
            ) from None

    @contextmanager
    def served(self, place: str) -> Iterator[WSGIServer]:
        """Answer `/metrics` at `HOST:PORT` during a block; ConfigError when that cannot be."""
        server = self._serve(place)
        try:
            yield server
        finally:
            server.shutdown()
            server.server_close()

    def _serve(self, place: str) -> WSGIServer:
        match = _PLACE.fullmatch(place)
        if match is None:
            raise ConfigError(
                f"`{place}` is not HOST:PORT",
                help="such as 127.0.0.1:9464, or 0.0.0.0:9464 inside a container",
                code="bad-place",
            )
        host = match["host"].strip("[]") or "127.0.0.1"
        try:
            server, _ = start_http_server(int(match["port"]), host, self.registry)
        except (OSError, OverflowError) as failure:
            reason = getattr(failure, "strerror", None) or "no such port"
            raise ConfigError(
                f"the metrics cannot be served at `{place}`: {reason.lower()}",
                help="name another port",
                code="bad-place",
            ) from None
        return server


def _of_last(entries: list[Entry]) -> tuple[_Figure, ...]:
    last = {each.pipeline: each for each in entries}
    well = {each.pipeline: each.refreshed for each in entries if each.refreshed}
    return (
        (
            "masker_last_run_timestamp_seconds",
            "When the last run began.",
            {name: each.moment.timestamp() for name, each in last.items()},
        ),
        (
            "masker_last_run_duration_seconds",
            "How long the last run took.",
            {name: each.seconds for name, each in last.items() if each.seconds is not None},
        ),
        (
            "masker_last_run_exit_code",
            "Exit code of the last run; 0 is published.",
            {name: float(each.exit_code or 0) for name, each in last.items()},
        ),
        (
            "masker_last_run_rows",
            "Rows that the last run moved.",
            {name: float(each.rows) for name, each in last.items()},
        ),
        (
            "masker_last_success_timestamp_seconds",
            "When the last run that published began.",
            {name: moment.timestamp() for name, moment in well.items()},
        ),
    )

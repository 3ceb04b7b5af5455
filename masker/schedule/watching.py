"""A run in the log: each phase a line, and how far the rows are, now and then."""

from __future__ import annotations

import time
from collections.abc import Callable

from masker.catalog import TableName
from masker.plan.model import Plan
from masker.rules.policy import Treatment
from masker.schedule.log import Log

_NOW_AND_THEN = 15.0  # seconds


class Logged:
    """Watch a run and write what happens into a log."""

    def __init__(
        self, log: Log, *, pipeline: str = "", clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._log = log
        self._pipeline = pipeline
        self._clock = clock
        self._told = clock()
        self._rows = self._bytes = 0
        self._expected = 0

    def phase(self, name: str) -> None:
        """Write that a phase begins."""
        self._log.info("phase", name, pipeline=self._pipeline, phase=name)

    def planned(self, plan: Plan) -> None:
        """Learn the pipeline's name and how many rows to expect."""
        self._pipeline = plan.pipeline
        self._expected = sum(
            step.expected or 0 for step in plan.steps if step.treatment is Treatment.LOAD
        )

    def moved(self, table: TableName, rows: int, size: int) -> None:
        """Count rows, and write how many there are, now and then."""
        del table
        self._rows, self._bytes = self._rows + rows, self._bytes + size
        if self._clock() - self._told >= _NOW_AND_THEN:
            self._told = self._clock()
            self._log.info(
                "moved",
                f"{self._rows:,} of about {self._expected:,} rows",
                pipeline=self._pipeline,
                rows=self._rows,
                expected=self._expected,
                bytes=self._bytes,
            )

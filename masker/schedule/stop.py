"""A run that is asked to stop: abandoned before it publishes, else finished; never in the middle.

SIGTERM is how containers, systemd and the scheduler ask. Ctrl-C stays what it is: a person who
wants to be out, which the one transaction of publishing bears at any moment.
"""

from __future__ import annotations

import os
import signal
import threading
from types import FrameType
from typing import Self

from masker.catalog import TableName
from masker.pipelines.watch import Watch
from masker.plan.model import Plan

LIFE = "MASKER_LIFE"  # names the pipe that closes when whoever started the run is gone


class StopSign:
    """Watch a run for another watch, and end it by KeyboardInterrupt when SIGTERM comes in time."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._publishing = False
        self._before: object = None
        self.asked = False

    def phase(self, name: str) -> None:
        """Hear that a phase begins; from `publish` on nothing is abandoned any more."""
        self._leave()
        self._publishing = self._publishing or name == "publish"
        self._watch.phase(name)

    def planned(self, plan: Plan) -> None:
        """Hear what will be done."""
        self._watch.planned(plan)

    def moved(self, table: TableName, rows: int, size: int) -> None:
        """Hear that rows arrived."""
        self._leave()
        self._watch.moved(table, rows, size)

    def _leave(self) -> None:
        # Where an interrupt is raised in code that swallows it, here is where it is heard.
        if self.asked and not self._publishing:
            raise KeyboardInterrupt

    def _heard(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        if self.asked:  # once more, while it cleans up
            return
        self.asked = True
        if not self._publishing:
            raise KeyboardInterrupt

    def __enter__(self) -> Self:
        self._before = signal.signal(signal.SIGTERM, self._heard)
        life = os.environ.pop(LIFE, "")
        if life:
            threading.Thread(target=_leave_with, args=(int(life),), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGTERM, self._before)  # type: ignore[arg-type]


def is_scheduled() -> bool:
    """Tell whether a scheduler started this run, looks after it and tells how it ended.

    To be asked before the run begins.
    """
    return LIFE in os.environ


def _leave_with(life: int) -> None:
    """Stop this process, as SIGTERM does, once the other end of a pipe is closed."""
    os.read(life, 1)
    os.kill(os.getpid(), signal.SIGTERM)

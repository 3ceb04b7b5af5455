"""A run that is asked to stop: abandoned before it publishes, else finished; never in the middle.

SIGTERM is how containers, systemd and the scheduler ask. Ctrl-C is a person who wants to be out,
which the one transaction of publishing bears at any moment. An interrupt may be raised where a
library calls back, which swallows it or makes another error of it: it is heard all the same.
"""

from __future__ import annotations

import os
import signal
import threading
from types import FrameType, TracebackType
from typing import Any, Self

from masker.catalog import TableName
from masker.errors import MaskerError
from masker.pipelines.watch import Watch
from masker.plan.model import Plan

LIFE = "MASKER_LIFE"  # names the pipe that closes when whoever started the run is gone


class StopSign:
    """Watch a run for another watch, and end it by KeyboardInterrupt when SIGTERM comes in time."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._publishing = False
        self._interrupted = False
        self._before: dict[signal.Signals, Any] = {}
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
        if self._interrupted or (self.asked and not self._publishing):
            raise KeyboardInterrupt

    def _heard(self, number: int, frame: FrameType | None) -> None:
        asked, self.asked = self.asked, True
        if asked or self._interrupted or self._publishing:  # once more, while it cleans up
            return
        self._interrupted = True
        before = self._before[signal.SIGTERM]
        if callable(before):
            before(number, frame)  # which then knows that a Ctrl-C is not the first
        raise KeyboardInterrupt

    def _pressed(self, number: int, frame: FrameType | None) -> None:
        self._interrupted = True
        self._before[signal.SIGINT](number, frame)

    def __enter__(self) -> Self:
        self._before[signal.SIGTERM] = signal.getsignal(signal.SIGTERM)
        signal.signal(signal.SIGTERM, self._heard)
        if callable(signal.getsignal(signal.SIGINT)):  # else it is ignored, and stays so
            self._before[signal.SIGINT] = signal.getsignal(signal.SIGINT)
            signal.signal(signal.SIGINT, self._pressed)
        life = os.environ.pop(LIFE, "")
        if life:
            threading.Thread(target=_leave_with, args=(int(life),), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        failure: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for sign, handler in self._before.items():
            signal.signal(sign, handler)
        strange = isinstance(failure, Exception) and not isinstance(failure, MaskerError)
        if failure is not None and strange and self._interrupted:
            stopped = KeyboardInterrupt()
            for line in getattr(failure, "__notes__", ()):
                stopped.add_note(line)
            raise stopped from failure


def is_scheduled() -> bool:
    """Tell whether a scheduler started this run, looks after it and tells how it ended.

    To be asked before the run begins.
    """
    return LIFE in os.environ


def _leave_with(life: int) -> None:
    """Stop this process, as SIGTERM does, once the other end of a pipe is closed."""
    os.read(life, 1)
    os.kill(os.getpid(), signal.SIGTERM)

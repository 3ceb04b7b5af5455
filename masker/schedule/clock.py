"""The time, and waiting: the scheduler's only clock, so that a test may have its own."""

from __future__ import annotations

import os
import select
from datetime import datetime
from typing import Protocol

from masker.schedule.log import utc_now


class Clock(Protocol):
    """What a scheduler asks of time."""

    def now(self) -> datetime:
        """Return the moment, in UTC."""
        ...

    def wait(self, seconds: float) -> None:
        """Wait so long, or until woken."""
        ...


class SystemClock:
    """The machine's clock; `wake` ends a wait and may be called from a signal's handler."""

    def __init__(self) -> None:
        self._ear, self._bell = os.pipe()
        os.set_blocking(self._bell, False)

    def now(self) -> datetime:
        """Return the moment, in UTC."""
        return utc_now()

    def wait(self, seconds: float) -> None:
        """Wait so long, or until woken."""
        rung, _, _ = select.select([self._ear], [], [], max(0.0, seconds))
        if rung:
            os.read(self._ear, 512)

    def wake(self) -> None:
        """End the wait that goes on, or the next one."""
        try:
            os.write(self._bell, b"!")
        except BlockingIOError:  # rung often enough
            return

    def close(self) -> None:
        """Give both ends of the pipe back."""
        os.close(self._ear)
        os.close(self._bell)

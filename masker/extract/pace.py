"""How fast and how long a source may be read: production comes first."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from masker.engines.engine import Block
from masker.errors import TryAgainError


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Limits of one lane.

    `rows_per_second` is this lane's share; `until` the moment (seconds since 1970) at which the
    snapshot is too old; `max_duration` the seconds one range may take. None: no limit.
    """

    rows_per_second: float | None = None
    until: float | None = None
    max_duration: float | None = None

    def keep(
        self, blocks: Iterable[Block], *, count: Callable[[Block], int], stop: threading.Event
    ) -> Iterator[Block]:
        """Yield blocks of whole rows no faster than allowed; TryAgainError when it is too late.

        `count` tells the rows of a block; `stop` ends a wait, and with it the reading, at once.
        """
        began, rows = time.monotonic(), 0
        for block in blocks:
            if self.until is not None and time.time() > self.until:
                raise TryAgainError(
                    "the snapshot of the source is older than `limits.max_snapshot_age`",
                    help="raise the limit, use more workers, or read fewer rows",
                    code="snapshot-too-old",
                )
            if self.rows_per_second is not None:
                rows += count(block)
                ahead = rows / self.rows_per_second - (time.monotonic() - began)
                if ahead > 0 and stop.wait(ahead):
                    return
            yield block

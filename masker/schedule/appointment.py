"""When one pipeline is due: its next moment, what was missed, and the attempts at it."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice, takewhile
from pathlib import Path
from zoneinfo import ZoneInfo

from masker.errors import ConfigError
from masker.ledger import REFUSED
from masker.rules.cron import Cron
from masker.rules.pipeline import Pipeline
from masker.rules.sections import Notice, Schedule
from masker.schedule.attempt import Attempt
from masker.schedule.end import End

GRACE = timedelta(minutes=1)  # a run that begins so late is still on time
_COUNTED = 1000  # more moments than that are not counted
_LONGEST_PAUSE = timedelta(hours=1)


@dataclass(kw_only=True)
class Appointment:
    """One pipeline with a schedule. `settled` is the moment up to which nothing is open.

    `due` is the next moment that its cron line names, `begins` that with its jitter, or when it
    is tried again; `tries` counts the attempts at this due moment.
    """

    name: str
    path: Path
    target: str
    schedule: Schedule
    notices: tuple[Notice, ...]
    settled: datetime
    chance: random.Random = field(repr=False)
    due: datetime = field(init=False)
    begins: datetime = field(init=False)
    tries: int = 0
    attempt: Attempt | None = None
    failed: End | None = None  # how the last attempt ended, while the next one waits
    given_up: datetime | None = None  # when it was asked to stop, for its timeout or ours
    timeout: timedelta | None = None  # of the attempt: a change of the file is for the next one
    until: datetime | None = None
    timed_out: bool = False
    broken: tuple[Mapping[str, object], ...] = ()  # the findings of a file that is wrong
    gone: bool = False
    waits: bool = False

    def __post_init__(self) -> None:
        self._aim(self.settled)

    @classmethod
    def of(
        cls,
        pipeline: Pipeline,
        schedule: Schedule,
        *,
        target: str,
        settled: datetime,
        chance: random.Random,
    ) -> Appointment:
        """Make the appointment of a pipeline with its schedule."""
        return cls(
            name=pipeline.name,
            path=pipeline.file,
            target=target,
            schedule=schedule,
            notices=pipeline.notify,
            settled=settled,
            chance=chance,
        )

    def renew(self, pipeline: Pipeline, schedule: Schedule, *, target: str, now: datetime) -> None:
        """Take over what a file says now; a changed cron line counts from now on."""
        anew = self.is_moved_by(schedule)
        self.path, self.target = pipeline.file, target
        self.schedule, self.notices = schedule, pipeline.notify
        self.broken, self.gone = (), False
        if anew and self.attempt is None:
            self.settle(now)

    def is_moved_by(self, schedule: Schedule) -> bool:
        """Tell whether a schedule names other moments than its own."""
        now = (self.schedule.cron, self.schedule.timezone, self.schedule.jitter)
        return now != (schedule.cron, schedule.timezone, schedule.jitter)

    @property
    def zone(self) -> ZoneInfo:
        """Return the time zone of its cron line."""
        return ZoneInfo(self.schedule.timezone)

    def begin(self, now: datetime) -> None:
        """Count an attempt that begins; nothing of the one before it is held against it."""
        self.tries += 1
        self.failed = None
        self.given_up, self.timed_out, self.waits = None, False, False
        self.timeout = self.schedule.timeout
        self.until = now + self.timeout if self.timeout else None

    def refusal(self, now: datetime) -> End:
        """Return the end of a run whose file is wrong: it does not begin."""
        return End(
            outcome=REFUSED,
            exit_code=ConfigError.exit_code,
            message="its file is wrong, so it does not run until it is mended",
            findings=self.broken,
            started=now,
            finished=now,
        )

    @property
    def patience(self) -> timedelta:
        """Return how late its run may begin."""
        return max(self.schedule.catch_up, GRACE) + self.schedule.jitter

    def settle(self, moment: datetime) -> int:
        """Close everything up to a moment; return how many due moments were passed over."""
        passed = self.passed(moment)
        self.settled = max(self.settled, moment)
        self._aim(self.settled)
        return passed

    def passed(self, moment: datetime) -> int:
        """Return how many due moments after the next one have come by a moment."""
        moments = Cron.parse(self.schedule.cron).moments(self.due, self.zone)
        return sum(1 for _ in takewhile(lambda each: each <= moment, islice(moments, _COUNTED)))

    def following(self, now: datetime) -> datetime:
        """Return the first due moment that is still to come; an open one may be before it."""
        if self.due > now:
            return self.due
        return next(Cron.parse(self.schedule.cron).moments(now, self.zone))

    def make_up(self, now: datetime) -> int | None:
        """Aim at the newest due moment that is not too late; return how many older ones fell out.

        None when all are too late; then it aims at the next one to come.
        """
        # What is older than a day beyond patience is counted as nothing: it may be a year of them.
        begin = max(self.settled, now - self.patience - timedelta(days=1))
        moments = Cron.parse(self.schedule.cron).moments(begin, self.zone)
        missed = list(takewhile(lambda each: each <= now, moments))
        if not missed or now - missed[-1] > self.patience:
            return None
        self.due = missed[-1]
        return len(missed) - 1

    def pause(self) -> timedelta:
        """Return how long to wait before the next attempt: twice as long each time, at most 1 h."""
        first = self.schedule.back_off
        wanted = first * float(2 ** min(max(0, self.tries - 1), 20))
        whole = min(wanted, max(first, _LONGEST_PAUSE))
        # Not all that were turned away at one time come back at one time.
        return whole + whole * self.chance.uniform(0, 0.1)

    def told(self, moment: datetime) -> str:
        """Return a moment as people of its time zone say it."""
        return f"{moment.astimezone(self.zone):%Y-%m-%d %H:%M} {self.schedule.timezone}"

    def as_json(self) -> dict[str, object]:
        """Return how it stands, as a JSON object."""
        state = "running" if self.attempt else "wrong" if self.broken else "waiting"
        return {
            "file": str(self.path),
            "state": state,
            "settled": self.settled.isoformat(),
            "due": self.due.isoformat(),
            "begins": self.begins.isoformat(),
            "attempt": self.tries,
            "phase": self.attempt.phase if self.attempt else "",
        }

    def _aim(self, after: datetime) -> None:
        self.due = next(Cron.parse(self.schedule.cron).moments(after, self.zone))
        self.begins = self.due + self.schedule.jitter * self.chance.random()
        self.tries, self.attempt, self.until, self.timeout = 0, None, None, None
        self.failed = None
        self.given_up, self.timed_out, self.waits = None, False, False

"""Who is scheduled: appointments that keep in step with the pipeline files."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from masker.errors import ConfigError
from masker.rules.pipeline import Pipeline
from masker.rules.sections import Schedule
from masker.schedule.appointment import Appointment
from masker.schedule.clock import Clock
from masker.schedule.end import End, not_again
from masker.schedule.files import Read
from masker.schedule.log import Log
from masker.schedule.status import settled_until

_LOOK_AGAIN = timedelta(minutes=1)  # at files that were wrong: what they need may have come
Tell = Callable[[Appointment, End], None]


class Places(Protocol):
    """Where the pipelines stand: see `Files`."""

    def changed(self) -> bool:
        """Tell whether they have changed since they were read."""
        ...

    def read(self) -> tuple[Read, ...]:
        """Read them all."""
        ...


class Roster:
    """The appointments of all pipelines that have a schedule, and the files that are wrong.

    `status` is what the scheduler before wrote, `spread` tells people of a file that became
    wrong, `ended` the end of a run whose retry falls out, `target_of` names a target without its
    password.
    """

    def __init__(
        self,
        files: Places,
        *,
        status: Mapping[str, object],
        clock: Clock,
        log: Log,
        spread: Tell,
        ended: Tell,
        target_of: Callable[[str], str],
        chance: random.Random,
    ) -> None:
        self._files = files
        self._status = status
        self._clock = clock
        self._log = log
        self._spread = spread
        self._ended = ended
        self._target_of = target_of
        self._chance = chance
        self._read_at = clock.now()
        self._begun = self._lost = False
        self.appointments: list[Appointment] = []
        self.wrong: dict[Path, str] = {}

    def begin(self) -> None:
        """Read the files for the first time; ConfigError when nothing is scheduled there."""
        reads = self._files.read()
        if not any(each.pipeline and each.pipeline.schedule for each in reads):
            self.wrong = {each.path: _told(each) for each in reads if not each.pipeline}
            broken = [finding for each in reads if not each.pipeline for finding in each.findings]
            if broken:
                raise ConfigError.from_findings(broken, "no pipeline can be scheduled")
            raise ConfigError(
                "no pipeline here has a `schedule`",
                help='add one: schedule: {cron: "0 3 * * *", timezone: Europe/Berlin}',
                code="nothing-scheduled",
            )
        self._take(reads)
        self._begun = True

    def keep_up(self) -> None:
        """Read the files again where they have changed, and before one that is wrong is due."""
        now = self._clock.now()
        again = bool(self.wrong) and now - self._read_at >= _LOOK_AGAIN
        due = any(
            each.broken and each.attempt is None and each.begins <= now
            for each in self.appointments
        )
        if again or due or self._files.changed():
            self._reread()
        self.appointments = [each for each in self.appointments if each.attempt or not each.gone]

    def _reread(self) -> None:
        try:
            reads = self._files.read()
        except ConfigError as failure:  # the folder itself is gone, as while it is mounted anew
            if not self._lost:
                self._log.error("files-gone", failure.message)
            self._lost = True
            return
        self._lost = False
        self._take(reads)

    def _take(self, reads: tuple[Read, ...]) -> None:
        """Make the appointments fit what the files say now."""
        now = self._read_at = self._clock.now()
        by_path = {each.path: each for each in self.appointments}
        by_name = {each.name: each for each in self.appointments}
        before, self.wrong = self.wrong, {}
        stay: set[str] = set()
        for each in reads:
            if each.pipeline is None:
                known = by_path.get(each.path)
                stay |= {known.name} if known else set()
                self._tell_wrong(each, known, before)
            elif each.pipeline.schedule is not None:
                stay.add(each.pipeline.name)
                known = by_name.get(each.pipeline.name)
                self._schedule(each.pipeline, each.pipeline.schedule, known, now)
        for known in self.appointments:
            if known.name not in stay and not known.gone:
                known.gone = True
                self._drop_retry(known, "it is no longer scheduled")
                self._log.info("unscheduled", "is no longer scheduled", pipeline=known.name)

    def _schedule(
        self, pipeline: Pipeline, schedule: Schedule, known: Appointment | None, now: datetime
    ) -> None:
        target = self._target_of(pipeline.target.url)
        if known is None:
            known = Appointment.of(
                pipeline,
                schedule,
                target=target,
                settled=self._settled(pipeline.name) or now,
                chance=self._chance,
            )
            self.appointments.append(known)
            word = "is scheduled"
        else:
            if known.is_moved_by(schedule):
                self._drop_retry(known, "its schedule was changed")
            as_before = known.schedule == schedule and not known.broken
            known.renew(pipeline, schedule, target=target, now=now)
            if as_before:
                return
            word = "is scheduled anew"
        following = known.following(now)
        # Open from before: missed without a scheduler, or waiting to be tried again.
        is_open = known.attempt is None and known.due <= now
        since = f"; due since {known.told(known.due)}" if is_open else ""
        self._log.info(
            "scheduled",
            f"{word}{since}, next at {known.told(following)}",
            pipeline=known.name,
            file=str(known.path),
            due=known.due.isoformat() if is_open else None,
            next=following.isoformat(),
        )

    def _drop_retry(self, known: Appointment, why: str) -> None:
        """Tell the end of a run that waits to be tried again and will not be."""
        if known.failed is not None and known.attempt is None:
            self._ended(known, not_again(known.failed, why))

    def _settled(self, pipeline: str) -> datetime | None:
        """Return what an earlier scheduler has settled; what is added later misses nothing."""
        return None if self._begun else settled_until(self._status, pipeline)

    def _tell_wrong(self, read: Read, known: Appointment | None, before: dict[Path, str]) -> None:
        """Tell a file that cannot be read, once for each thing that is wrong with it."""
        text = self.wrong[read.path] = _told(read)
        findings = tuple(each.as_json() for each in read.findings.blocking)
        if known:
            known.broken = findings
        if before.get(read.path) == text:
            return
        end = known.refusal(self._clock.now()) if known else None
        self._log.error(
            "wrong-file",
            end.message if end else f"`{read.path}` is wrong, so it is not scheduled",
            pipeline=known.name if known else "",
            file=str(read.path),
            findings=findings,
        )
        if known and end:
            self._spread(known, end)


def _told(read: Read) -> str:
    """Return what is wrong with a file, as it is told."""
    return "\n".join(map(str, read.findings.blocking))

"""The worker's loop: what is due begins, what runs is looked after, what ended is told."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from masker.errors import ConfigError, MaskerError, TryAgainError
from masker.findings import error
from masker.ledger import FAILED, MISSED, SKIPPED
from masker.schedule.appointment import GRACE, Appointment
from masker.schedule.attempt import Attempt
from masker.schedule.clock import Clock
from masker.schedule.end import BUG, STOPPED, TRY_AGAIN, End, died, not_again
from masker.schedule.log import Log, in_words
from masker.schedule.roster import Places, Roster
from masker.schedule.status import read_status, write_status, wrong_before

BEAT = timedelta(seconds=5)
_TICK = 0.3  # seconds between looks at runs that go on
_MERCY = timedelta(seconds=60)  # how long a run that is asked to stop may clean up
_LOCKED = "target-locked"


class Told(Protocol):
    """Who else hears of the end of a run: the ledger, webhooks, metrics."""

    def ended(self, appointment: Appointment, end: End) -> None:
        """Hear how a run ended, once per due moment."""
        ...

    def spread(self, appointment: Appointment, end: End) -> None:
        """Tell people what is no run: a file that became wrong."""
        ...

    def looked(self, appointments: list[Appointment], wrong: dict[Path, str]) -> None:
        """Hear how things stand; `wrong` are files that cannot be read."""
        ...


Launch = Callable[[Appointment, datetime], Attempt]


class Scheduler:
    """Run every pipeline that has a schedule, one run per target at a time.

    `launch` begins an attempt, `told` hears of ends, `at_once` is how many runs go on together.
    """

    def __init__(
        self,
        files: Places,
        *,
        records: Path,
        clock: Clock,
        log: Log,
        launch: Launch,
        told: Told,
        target_of: Callable[[str], str],
        at_once: int = 2,
        beat: timedelta = BEAT,
        chance: random.Random | None = None,
    ) -> None:
        self._records = records
        self._clock = clock
        self._log = log
        self._launch = launch
        self._told = told
        self._at_once = at_once
        self._beat = beat
        self._status = self._settled_before()
        self._beaten: datetime | None = None
        self._unwritten: set[str] = set()  # what was told of records that cannot be written
        self.roster = Roster(
            files,
            status=self._status,
            clock=clock,
            log=log,
            spread=told.spread,
            ended=self._tell,
            target_of=target_of,
            chance=chance or random.SystemRandom(),
        )
        self.stopping = False

    # -- the loop --------------------------------------------------------------------------------

    def run(self) -> None:
        """Work until asked to stop, then end what runs: before it publishes, or once it has."""
        self.begin()
        while not self.stopping:
            self.step()
            self._clock.wait(self._pause())
        self.wind_up()

    def begin(self) -> None:
        """Read the files for the first time; ConfigError when nothing is scheduled there."""
        try:
            self.roster.begin()
        except ConfigError:
            self._record(self._tell_looked)  # the metrics say which file it is that is wrong
            raise

    @property
    def appointments(self) -> list[Appointment]:
        """Return who is scheduled."""
        return self.roster.appointments

    def _settled_before(self) -> dict[str, object]:
        """Return what the scheduler before wrote; what is lost of it is told."""
        try:
            return read_status(self._records)
        except TryAgainError as failure:
            self._log.warning(
                "status-lost",
                f"{failure.message}; runs that were missed until now are not made up for",
            )
            return {}

    def step(self) -> None:
        """Look once at everything there is to do."""
        self.roster.keep_up()
        for each in self._running():
            self._look_after(each)
        for each in sorted(self.appointments, key=lambda each: each.begins):
            if each.attempt is None and each.begins <= self._clock.now() and not self.stopping:
                self._begin(each)
        self._write()

    def _pause(self) -> float:
        if self._running():
            return _TICK
        now = self._clock.now()
        until = [(each.begins - now).total_seconds() for each in self.appointments]
        return max(0.05, min([self._beat.total_seconds(), *until]))

    def wind_up(self) -> None:
        """Ask what runs to stop, and wait for it."""
        running = self._running()
        names = ", ".join(each.name for each in running)
        self._log.info("stopping", f"asked to stop; waits for {names}" if running else "stops")
        for each in running:
            self._ask_to_stop(each)
        while self._running():
            for each in self._running():
                self._look_after(each)
            self._write()
            self._clock.wait(_TICK)
        self._write(force=True)

    def _running(self) -> list[Appointment]:
        return [each for each in self.appointments if each.attempt is not None]

    # -- what is due -----------------------------------------------------------------------------

    def _begin(self, each: Appointment) -> None:
        now, blocked = self._clock.now(), self._blocked(each)
        if each.tries:
            older: int | None = 0
            late = now - each.begins > each.patience
        else:
            older = each.make_up(now)
            late = older is None
        if late:
            self._give_up(each, now, blocked)
        elif each.broken:
            self._end(each, each.refusal(now))
        elif blocked:
            if not each.waits:
                self._log.info("waits", f"waits: {blocked}", pipeline=each.name)
            each.waits = True
        else:
            if not each.tries and not each.waits:
                self._tell_missed(each, now, older or 0)
            self._start(each, now)

    def _give_up(self, each: Appointment, now: datetime, blocked: str) -> None:
        due = each.told(each.due)
        if each.failed is not None:
            late = f"it waited too long: {blocked or 'others had to end first'}"
            why = (
                late if each.waits else "that came too late (`catch_up`): was this machine asleep?"
            )
            self._end(each, not_again(each.failed, why))
        elif each.waits:
            said = f"the run of {due} waited too long: {blocked or 'others had to end first'}"
            self._end(each, _short(MISSED, "waited-too-long", said, now))
        else:
            said = f"the run of {due} was missed and is too late to be made up for (`catch_up`)"
            self._end(each, _short(MISSED, "missed", said, now))

    def _tell_missed(self, each: Appointment, now: datetime, older: int) -> None:
        due = each.told(each.due)
        if now - each.due > GRACE + each.schedule.jitter:
            missed = f"of {due}, and {older} before it, were" if older else f"of {due} was"
            said = f"the {'runs' if older else 'run'} {missed} missed; made up for once, now"
        elif older:
            missed = "1 run was" if older == 1 else f"{older} runs were"
            said = f"{missed} missed before that of {due}, which makes up for it"
        else:
            return
        self._log.warning(
            "missed",
            said,
            pipeline=each.name,
            due=each.due.isoformat(),
        )

    def _blocked(self, each: Appointment) -> str:
        for other in self._running():
            if other.target == each.target:
                return f"`{other.name}` works on the same target"
        if len(self._running()) >= self._at_once:
            return f"{self._at_once} runs go on already"
        return ""

    def _start(self, each: Appointment, now: datetime) -> None:
        each.begin(now)
        of = (
            f", attempt {each.tries} of {each.schedule.retries + 1}"
            if each.schedule.retries
            else ""
        )
        self._log.info(
            "begins",
            f"begins the run of {each.told(each.due)}{of}",
            pipeline=each.name,
            due=each.due.isoformat(),
            attempt=each.tries,
        )
        try:
            each.attempt = self._launch(each, now)
        except OSError as failure:
            reason = (failure.strerror or "unknown").lower()
            end = died(
                f"no process could be started: {reason}",
                help="is memory short, or the number of processes or open files limited?",
                exit_code=TRY_AGAIN,
                at=now,
            )
            self._ended(each, end, phase="")

    # -- what runs -------------------------------------------------------------------------------

    def _look_after(self, each: Appointment) -> None:
        attempt, now = each.attempt, self._clock.now()
        if attempt is None:
            return
        self._pass_on(each, attempt)
        end = attempt.poll()
        if end is not None:
            self._pass_on(each, attempt)
            each.attempt = None
            self._ended(each, replace(end, finished=end.finished or now), phase=attempt.phase)
        elif each.timeout and each.until and now >= each.until and each.given_up is None:
            longest = in_words(each.timeout.total_seconds())
            self._log.warning(
                "timed-out",
                f"takes longer than its `timeout` of {longest}; asked to stop",
                pipeline=each.name,
            )
            each.timed_out = True
            self._ask_to_stop(each)
        elif (
            each.given_up is not None
            and attempt.phase != "publish"
            and now >= each.given_up + _MERCY
        ):
            self._log.warning("killed", "did not stop; killed", pipeline=each.name)
            attempt.kill()
            each.given_up = now

    def _pass_on(self, each: Appointment, attempt: Attempt) -> None:
        for event in attempt.heard():
            if event.get("event") == "phase":
                phase = str(event.get("phase", ""))
                self._log.info("phase", phase, pipeline=each.name, phase=phase)

    def _ask_to_stop(self, each: Appointment) -> None:
        if each.given_up is None and each.attempt is not None:
            each.given_up = self._clock.now()
            each.attempt.stop()

    def _ended(self, each: Appointment, end: End, *, phase: str) -> None:
        """Settle the due moment, or try again."""
        if each.timed_out and end.exit_code in {STOPPED, BUG, TRY_AGAIN}:
            said = "was given up after its `timeout`, before it published; nothing has changed"
            timed = error("timed-out", said, help="raise `timeout`, or find what became slow")
            findings = (timed.as_json(),)
            self._end(each, replace(end, outcome=FAILED, findings=findings, message=said))
        elif self.stopping and (end.again or end.exit_code == STOPPED):
            how = (
                "ended while it published; its target has the old or the new data, whole"
                if phase == "publish"
                else "abandoned before it published; nothing has changed"
            )
            self._log.warning(
                "abandoned",
                f"{how}. The next scheduler makes up for it",
                pipeline=each.name,
                run=end.run,
            )
        elif end.again and each.tries <= each.schedule.retries and each.gone:
            self._end(each, not_again(end, "it is no longer scheduled"))
        elif end.again and each.tries <= each.schedule.retries:
            each.failed = end
            pause = each.pause()
            each.begins = self._clock.now() + pause
            self._log.warning(
                "tries-again",
                f"{end.why}; tries again in {in_words(pause.total_seconds())}",
                pipeline=each.name,
                run=end.run,
                codes=list(end.codes),
            )
        else:
            self._end(each, end)

    def _end(self, each: Appointment, end: End) -> None:
        """Tell the end, and aim at the next due moment."""
        self._tell(each, end)
        passed = each.settle(self._clock.now())
        if passed:
            self._log.warning(
                "passed-over",
                f"{passed} due {'moment' if passed == 1 else 'moments'} came while it ran or "
                "waited, and passed over",
                pipeline=each.name,
            )
        self._log.info(
            "next", f"next at {each.told(each.due)}", pipeline=each.name, next=each.due.isoformat()
        )
        self._write(force=True)

    def _tell(self, each: Appointment, end: End) -> None:
        """Tell the end of a run to the log and whoever else hears of it."""
        if _LOCKED in end.codes:
            locked = "another run works on its target, maybe that of another scheduler"
            end = replace(end, outcome=SKIPPED, message=f"is skipped: {locked}")
        say = self._log.info if end.well else self._log.error
        say(
            end.outcome,
            end.sentence,
            pipeline=each.name,
            run=end.run,
            due=each.due.isoformat(),
            exit_code=end.exit_code,
            seconds=end.seconds,
            rows=end.rows or None,
            codes=list(end.codes) or None,
            findings=() if end.well or end.outcome == MISSED else end.findings,
            manifest=str(end.manifest) if end.manifest else None,
        )
        self._told.ended(each, end)

    # -- the beat --------------------------------------------------------------------------------

    def _write(self, *, force: bool = False) -> None:
        """Say that this scheduler lives, and how things stand."""
        now = self._clock.now()
        if not force and self._beaten is not None and now - self._beaten < self._beat:
            return
        self._beaten = now
        known = wrong_before(self._status, self.roster.wrong)
        known.update({each.name: each.as_json() for each in self.appointments})
        self._record(lambda: write_status(self._records, known, now=now), self._tell_looked)

    def _tell_looked(self) -> None:
        self._told.looked(self.appointments, self.roster.wrong)

    def _record(self, *writes: Callable[[], None]) -> None:
        """Write records; what cannot be written is told once, and again when it was mended."""
        before, self._unwritten = self._unwritten, set()
        for write in writes:
            try:
                write()
            except MaskerError as failure:
                self._unwritten.add(failure.message)
                if failure.message not in before:
                    self._log.error("records", failure.message)


def _short(outcome: str, code: str, message: str, now: datetime) -> End:
    return End(
        outcome=outcome,
        exit_code=TryAgainError.exit_code,
        message=message,
        findings=(error(code, message).as_json(),),
        started=now,
        finished=now,
    )

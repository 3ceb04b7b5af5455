"""A scheduler whose time is a test's own, and runs that take as long as a test says."""

import io
import random
import threading
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from masker.errors import TryAgainError
from masker.ledger import FAILED, PUBLISHED, REFUSED
from masker.schedule.end import End
from masker.schedule.files import Files
from masker.schedule.log import Log
from masker.schedule.scheduler import Scheduler

PIPELINE = """\
version: 1
name: {name}
source: {{url: "postgresql://reader@production/shop"}}
target: {{url: "postgresql://loader@staging/{target}"}}
{more}"""
MINUTE = timedelta(minutes=1)
SECRET = "s3cret-of-ops"  # stands in the URL of every webhook


class TestClock:
    """A clock that goes on only when somebody waits."""

    __test__ = False

    def __init__(self, moment: datetime):
        self.moment = moment

    def now(self) -> datetime:
        return self.moment

    def wait(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


@dataclass
class FakeAttempt:
    """A run that ends at a moment; asked to stop, it does so before it publishes."""

    clock: TestClock
    ends: datetime
    end: End
    phase: str = "load"
    stops: bool = True
    asked: int = 0
    killed: bool = False

    def heard(self) -> list[Mapping[str, object]]:
        return []

    def poll(self) -> End | None:
        if self.killed:
            return End(outcome=FAILED, exit_code=70, findings=({"code": "run-died"},))
        if self.asked and self.stops and self.phase != "publish":
            return End(outcome=FAILED, exit_code=130, run="stopped")
        return self.end if self.clock.now() >= self.ends else None

    def stop(self) -> None:
        self.asked += 1

    def kill(self) -> None:
        self.killed = True


@dataclass
class Heard:
    """What was told of ends: `(moment, pipeline, end)`."""

    clock: TestClock
    ends: list[tuple[datetime, str, End]] = field(default_factory=list)
    spreads: list[tuple[str, End]] = field(default_factory=list)
    wrong: list[dict[Path, str]] = field(default_factory=list)
    unwritable: str = ""

    def ended(self, appointment, end) -> None:
        self.ends.append((self.clock.now(), appointment.name, end))

    def spread(self, appointment, end) -> None:
        self.spreads.append((appointment.name, end))

    def looked(self, appointments, wrong) -> None:
        self.wrong.append(dict(wrong))
        if self.unwritable:
            raise TryAgainError(self.unwritable)


def published(run="r") -> End:
    return End(outcome=PUBLISHED, exit_code=0, run=run)


def failed(code: int, finding: str = "postgres-connection") -> End:
    outcome = REFUSED if code in {2, 3} else FAILED
    told = {"code": finding, "message": f"`{finding}` happened"}
    return End(outcome=outcome, exit_code=code, run="f", findings=(told,))


class World:
    """A folder of pipelines, a clock, and a scheduler over both, which may die and start again."""

    def __init__(self, folder: Path, start: str):
        self.folder = folder / "pipelines"
        self.records = folder / "records"
        self.folder.mkdir()
        self.records.mkdir()
        self.clock = TestClock(datetime.fromisoformat(start).astimezone(UTC))
        self.heard = Heard(self.clock)
        self.begun: list[tuple[datetime, str, datetime]] = []
        self.attempts: list[FakeAttempt] = []
        self.ends: dict[str, list[End | OSError]] = {}
        self.lengths: dict[str, timedelta] = {}
        self.log = io.StringIO()
        self.scheduler: Scheduler | None = None

    def write(self, name, schedule, *, target="", more=""):
        path = self.folder / f"{name}.yaml"
        text = f"schedule: {schedule}\n{more}" if schedule else more
        path.write_text(PIPELINE.format(name=name, target=target or name, more=text))
        return path

    def start(self, **options) -> Scheduler:
        """Start a scheduler; one that was there is as if killed."""
        self.scheduler = Scheduler(
            Files([self.folder], environ={}),
            records=self.records,
            clock=self.clock,
            log=Log(self.log, now=self.clock.now),
            launch=self._launch,
            told=self.heard,
            target_of=str,
            beat=timedelta(minutes=30),
            chance=random.Random(7),
            **options,
        )
        self.scheduler.begin()
        self.scheduler.step()
        return self.scheduler

    def _launch(self, appointment, now):
        self.begun.append((now, appointment.name, appointment.due))
        waiting = self.ends.get(appointment.name) or [published()]
        end = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if isinstance(end, OSError):
            raise end
        length = self.lengths.get(appointment.name, 5 * MINUTE)
        attempt = FakeAttempt(self.clock, now + length, end)
        self.attempts.append(attempt)
        return attempt

    def go_on(self, until: str) -> None:
        """Let the scheduler work until a moment."""
        end = datetime.fromisoformat(until).astimezone(UTC)
        while self.clock.moment < end:
            self.scheduler.step()
            left = (end - self.clock.moment).total_seconds()
            running = any(each.attempt for each in self.scheduler.appointments)
            self.clock.wait(min(20.0 if running else self.scheduler._pause(), left))
        self.scheduler.step()

    def sleep(self, until: str) -> None:
        """Let time pass without a scheduler."""
        self.clock.moment = datetime.fromisoformat(until).astimezone(UTC)

    def times(self, name="", zone=UTC):
        """Return when runs began, as a clock of a zone shows it."""
        return [
            f"{moment.astimezone(zone):%m-%d %H:%M}"
            for moment, pipeline, _ in self.begun
            if not name or pipeline == name
        ]

    def outcomes(self, name=""):
        return [end.outcome for _, pipeline, end in self.heard.ends if name in {"", pipeline}]

    @property
    def said(self) -> str:
        return self.log.getvalue()


@contextmanager
def server(*statuses, location=""):
    """Answer with these statuses in turn, the last one again and again; keep what was posted."""
    posted, left = [], list(statuses)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            size = int(self.headers["Content-Length"])
            posted.append((self.path, self.headers["Content-Type"], self.rfile.read(size)))
            self.send_response(left.pop(0) if len(left) > 1 else left[0])
            if location:
                self.send_header("Location", location)
            self.end_headers()

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{listening.server_port}/{SECRET}", posted
        listening.shutdown()


@pytest.fixture
def make_world(tmp_path):
    def make(start: str) -> World:
        return World(tmp_path, start)

    return make

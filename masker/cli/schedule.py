"""`masker schedule`: the worker that runs pipelines when they are due."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from masker.cli import tell
from masker.cli.run import LOG_FORMAT, METRICS_FILE
from masker.cli.state import State
from masker.errors import ConfigError, MaskerError

if TYPE_CHECKING:
    from datetime import datetime

    from masker.schedule.appointment import Appointment
    from masker.schedule.attempt import Attempt
    from masker.schedule.clock import SystemClock
    from masker.schedule.scheduler import Scheduler

_SIGNS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_SHOWN = 3  # moments of each pipeline that --next prints


def register(app: typer.Typer, state: State) -> None:
    """Add the command."""

    @app.command()
    def schedule(
        pipelines: Annotated[
            list[Path] | None, typer.Argument(help="Folders of pipelines, or their files.")
        ] = None,
        *,
        records: Annotated[
            Path,
            typer.Option("--records", help="Folder of manifests, the ledger and the schedule."),
        ] = Path("masker-records"),
        at_once: Annotated[
            int, typer.Option("--at-once", min=1, help="How many runs may go on together.")
        ] = 2,
        metrics: Annotated[
            str, typer.Option("--metrics", help="Answer Prometheus at this HOST:PORT.")
        ] = "",
        metrics_file: Annotated[
            Path | None, typer.Option("--metrics-file", help=METRICS_FILE)
        ] = None,
        log_format: Annotated[
            Literal["text", "json"], typer.Option("--log-format", help=LOG_FORMAT)
        ] = "text",
        health: Annotated[
            bool,
            typer.Option("--health", help="Tell whether the scheduler of these records lives."),
        ] = False,
        following: Annotated[
            bool, typer.Option("--next", help="Print when each pipeline runs next, and end.")
        ] = False,
        json: Annotated[
            bool, typer.Option("--json", help="Print JSON; while it works, the log is JSON.")
        ] = False,
    ) -> int:
        """Run every pipeline that has a schedule, when it is due, until asked to stop."""
        state.json = json
        if health:
            _health(records, json=json)
            return 0
        places = pipelines or []
        if not places:
            raise ConfigError(
                "no pipelines are named",
                help="name the folder of your pipelines: masker schedule pipelines/",
                code="usage",
            )
        if following:
            return _following(places, json=json)
        _work(
            places,
            records,
            at_once=at_once,
            metrics=metrics,
            metrics_file=metrics_file,
            as_json=json or log_format == "json",
        )
        return 0


def _health(records: Path, *, json: bool) -> None:
    from masker.schedule.log import utc_now  # noqa: PLC0415 - loaded when run
    from masker.schedule.status import check_health  # noqa: PLC0415

    status = check_health(records, now=utc_now())
    if json:
        tell.out_json(status)
        return
    pipelines = status.get("pipelines")
    facts = pipelines.items() if isinstance(pipelines, dict) else ()
    states = [f"{name} {fact.get('state', '')}" for name, fact in facts]
    tell.out(f"the scheduler lives: {', '.join(states)}")


def _following(places: list[Path], *, json: bool) -> int:
    """Print when each pipeline runs next; return the exit code, that of a wrong file if one is."""
    from masker.schedule.files import Files  # noqa: PLC0415 - loaded when run
    from masker.schedule.following import following  # noqa: PLC0415
    from masker.schedule.log import utc_now  # noqa: PLC0415

    reads = Files(places, environ=os.environ).read()
    found = following(reads, now=utc_now())
    shown = {name: list(islice(moments, _SHOWN)) for name, moments in found.items()}
    wrong = [each for each in reads if each.pipeline is None]
    code = ConfigError.exit_code if wrong else 0
    if json:
        tell.out_json(
            {
                "pipelines": {
                    name: [moment.isoformat() for moment in moments]
                    for name, moments in shown.items()
                },
                "wrong": {
                    str(each.path): [f.as_json() for f in each.findings.blocking] for each in wrong
                },
            }
        )
        return code
    wide = max(map(len, shown), default=0)
    for name, moments in shown.items():
        tell.out(f"{name:<{wide}}  " + "  ".join(f"{m:%a %Y-%m-%d %H:%M %Z}" for m in moments))
    for each in wrong:
        tell.findings(each.findings.blocking)
    return code


def _work(
    places: list[Path],
    records: Path,
    *,
    at_once: int,
    metrics: str,
    metrics_file: Path | None,
    as_json: bool,
) -> None:
    from masker.schedule.attempt import Process, command_of  # noqa: PLC0415 - loaded when run
    from masker.schedule.clock import SystemClock  # noqa: PLC0415
    from masker.schedule.files import Files  # noqa: PLC0415
    from masker.schedule.log import Log  # noqa: PLC0415
    from masker.schedule.scheduler import Scheduler  # noqa: PLC0415
    from masker.schedule.status import forget_beat, only_scheduler  # noqa: PLC0415
    from masker.schedule.telling import Telling  # noqa: PLC0415

    lines = Log(sys.stderr, as_json=as_json)

    def launch(appointment: Appointment, now: datetime) -> Attempt:
        command = command_of(appointment.path, records=records, due=appointment.due)
        return Process(command, environ=os.environ, now=now)

    # Left from the last line upwards, also by an error: what is told is told, what is open closed.
    with closing(SystemClock()) as clock, only_scheduler(records), ExitStack() as leaving:
        leaving.callback(forget_beat, records)
        telling = Telling(records, environ=os.environ, log=lines, metrics_file=metrics_file)
        leaving.callback(telling.close)
        scheduler = Scheduler(
            Files(places, environ=os.environ),
            records=records,
            clock=clock,
            log=lines,
            launch=launch,
            told=telling,
            target_of=_target_of,
            at_once=at_once,
        )

        if metrics:
            server = leaving.enter_context(telling.figures.served(metrics))
            host, port = server.server_address[:2]
            lines.info("metrics", f"metrics at http://{host!s}:{port}/metrics", port=port)
        with _asked_by_signals(scheduler, clock):
            scheduler.run()
    lines.info("stopped", "stopped")


@contextmanager
def _asked_by_signals(scheduler: Scheduler, clock: SystemClock) -> Iterator[None]:
    """Let SIGTERM, Ctrl-C and a closed terminal ask the scheduler to stop while the block runs."""

    def stop(*_: object) -> None:
        scheduler.stopping = True
        clock.wake()

    before = {sign: signal.signal(sign, stop) for sign in _SIGNS}
    try:
        yield
    finally:
        for sign, handler in before.items():
            signal.signal(sign, handler)


def _target_of(url: str) -> str:
    """Return how a target is told: without its password."""
    from masker.engines.registry import engine_of  # noqa: PLC0415 - loaded when run

    try:
        return str(engine_of(url).address(url))
    except MaskerError:  # the run itself says what is wrong with it
        return "a target whose URL cannot be read"

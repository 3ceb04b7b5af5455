"""`masker run`: refresh the target of a pipeline."""

from __future__ import annotations

import os
import sys
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from masker.cli import tell
from masker.cli.plan import ROOT
from masker.cli.state import State
from masker.errors import ConfigError, MaskerError

if TYPE_CHECKING:
    from masker.cli.ending import Ending
    from masker.pipelines.record import Run
    from masker.pipelines.since import Refresh
    from masker.pipelines.watch import Watch

LOG_FORMAT = "Write progress as a log: a line per event, for people or as JSON."
METRICS_FILE = "Write figures for Prometheus into this file (node_exporter's textfile)."


def register(app: typer.Typer, state: State) -> None:
    """Add the command."""

    @app.command()
    def run(
        pipeline: Annotated[Path, typer.Argument(help="The pipeline's YAML file.")],
        *,
        root: Annotated[list[str] | None, typer.Option("--root", help=ROOT)] = None,
        records: Annotated[
            Path, typer.Option("--records", help="Folder of manifests and the ledger.")
        ] = Path("masker-records"),
        workers: Annotated[
            int | None, typer.Option("--workers", min=1, help="Worker processes.")
        ] = None,
        due: Annotated[
            str,
            typer.Option(
                "--due",
                help="When it was due, such as 2026-11-21T03:00:00Z: nothing is done if the "
                "target has been refreshed since.",
            ),
        ] = "",
        notify: Annotated[
            bool, typer.Option("--notify/--no-notify", help="Tell the pipeline's webhooks.")
        ] = True,
        log_format: Annotated[
            Literal["text", "json"] | None, typer.Option("--log-format", help=LOG_FORMAT)
        ] = None,
        metrics_file: Annotated[
            Path | None, typer.Option("--metrics-file", help=METRICS_FILE)
        ] = None,
        quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
        json: Annotated[bool, typer.Option("--json", help="Print the manifest as JSON.")] = False,
    ) -> int:
        """Read, mask, load aside, audit, and only then publish."""
        from masker.cli.ending import Ending  # noqa: PLC0415 - loaded when run
        from masker.cli.summary import summary  # noqa: PLC0415
        from masker.pipelines.run import run as go  # noqa: PLC0415

        state.json = json
        ending = Ending(
            pipeline,
            records=records,
            notify=notify,
            metrics_file=metrics_file,
            log_format=log_format,
        )
        refresh = partial(
            go, pipeline, records=records, workers=workers, environ=os.environ, roots=root or ()
        )
        try:
            if due and (refresh_before := _refreshed(pipeline, due, records)):
                _tell_refreshed(refresh_before, due, ending, json=json)
                return 0
            done = _watched(refresh, quiet=quiet or json, log_format=log_format)
        except (Exception, KeyboardInterrupt) as failure:  # noqa: BLE001 - every end gets its code
            # The log tells it by itself, but not what is our own mistake.
            logged = log_format == "json" and isinstance(failure, MaskerError | KeyboardInterrupt)
            if json or not logged:
                tell.failure(failure, as_json=json, debug=state.debug)
            _follow(ending, failure)
            raise typer.Exit(tell.ours(failure).exit_code) from None
        ending.published(done)
        if json:
            tell.out_json({**done.manifest, "manifest_file": str(done.manifest_path)})
        else:
            tell.out(summary(done))
        return 0


def _follow(ending: Ending, failure: BaseException) -> None:
    """Let notices, figures and records follow a failure that has been told."""
    try:
        ending.failed(failure)
    except KeyboardInterrupt:  # whoever does not wait for a webhook knows how the run ended
        tell.aside("stopped while its end was told")


def _watched(
    refresh: partial[Run], *, quiet: bool, log_format: Literal["text", "json"] | None
) -> Run:
    """Run with whoever looks on; SIGTERM ends it before it publishes, or lets it finish."""
    from masker.cli.screen import Screen  # noqa: PLC0415 - loaded when run
    from masker.pipelines.watch import Nobody  # noqa: PLC0415
    from masker.schedule.log import Log  # noqa: PLC0415
    from masker.schedule.stop import StopSign  # noqa: PLC0415
    from masker.schedule.watching import Logged  # noqa: PLC0415

    def under(watch: Watch) -> Run:
        with StopSign(watch) as sign:
            done = refresh(watch=sign)
            if sign.asked:
                tell.aside("asked to stop while it published, so it finished")
            return done

    if log_format:
        return under(Logged(Log(sys.stderr, as_json=log_format == "json")))
    if quiet:
        return under(Nobody())
    with Screen() as screen:
        return under(screen)


def _refreshed(pipeline: Path, due: str, records: Path) -> Refresh | None:
    """Return the run that refreshed the target since a moment, None if none did."""
    from masker.pipelines.since import refreshed_since  # noqa: PLC0415 - loaded when run

    try:
        moment = datetime.fromisoformat(due)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ConfigError(
            f"`--due {due}` is not a moment",
            help="write date, time and zone: 2026-11-21T03:00:00Z or 2026-11-21T03:00:00+01:00",
            code="bad-moment",
        )
    return refreshed_since(pipeline, moment, records=records, environ=os.environ)


def _tell_refreshed(refresh: Refresh, due: str, ending: Ending, *, json: bool) -> None:
    """Tell a run that had published before: as skipped, or as what it did and could not say."""
    run = refresh.run
    if refresh.settled is not None:
        message = f"run {run} had published and ended before it could say so: it is told now"
        facts = {**refresh.settled, "message": message, "manifest_file": str(refresh.path)}
        ending.settled(refresh)
    else:
        message = f"skipped: run {run} has refreshed the target since {due}"
        facts = {"outcome": "skipped", "run": run, "message": message}
        ending.skipped(run, message)
    if json:
        tell.out_json(facts)
    else:
        tell.out(message)

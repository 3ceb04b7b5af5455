"""`masker runs`: what ran, when, how long, and how it ended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from masker.cli import tell
from masker.cli.state import State
from masker.errors import ConfigError, TryAgainError

if TYPE_CHECKING:
    from masker.ledger import Entry

_SHOWN = 20
_HEAD = ("began (UTC)", "pipeline", "kind", "outcome", "exit", "took", "rows", "run, or why")


def register(app: typer.Typer, state: State) -> None:
    """Add the command."""

    @app.command()
    def runs(
        *,
        records: Annotated[
            Path, typer.Option("--records", help="Folder of manifests and the ledger.")
        ] = Path("masker-records"),
        pipeline: Annotated[
            list[str] | None, typer.Option("--pipeline", help="Only runs of this pipeline.")
        ] = None,
        outcome: Annotated[
            list[str] | None, typer.Option("--outcome", help="Only runs that ended so.")
        ] = None,
        since: Annotated[
            str, typer.Option("--since", help="Only runs from then on: 26h, 7d or 2026-11-21.")
        ] = "",
        last: Annotated[
            bool, typer.Option("--last", help="Only the last run; end with its exit code.")
        ] = False,
        number: Annotated[
            int, typer.Option("--number", "-n", min=1, help="At most so many, the newest.")
        ] = _SHOWN,
        json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    ) -> int:
        """Print the history of runs from the ledger, the newest at the bottom."""
        from masker.ledger import LEDGER, chosen, history  # noqa: PLC0415 - loaded when run

        state.json = json
        found = chosen(
            history(records / LEDGER),
            pipelines=frozenset(pipeline or ()),
            outcomes=frozenset(_known(outcome or [])),
            since=_moment(since) if since else None,
        )
        if last:
            return _last(found, records, json=json)
        # The ledger has what overlapped, or was settled later, in the order of their ends.
        shown = sorted(found, key=lambda each: each.moment)[-number:]
        if json:
            tell.out_json([each.as_json() for each in shown])
        else:
            _show(shown, of=len(found), records=records)
        return 0


def _last(found: tuple[Entry, ...], records: Path, *, json: bool) -> int:
    from masker.ledger import SKIPPED  # noqa: PLC0415 - loaded when run

    # Neither what somebody stopped (a deploy of the scheduler) nor what never began is its end,
    # unless it did not begin because another machine had refreshed the target.
    ended = [each for each in found if each.ran and "stopped" not in each.codes]
    ran = [each for each in ended if each.outcome != SKIPPED or each.refreshed]
    if not ran:
        raise TryAgainError(
            _nothing(records),
            help="--records names the folder that the runs write to; --since may be too short",
            code="no-run",
        )
    if json:
        tell.out_json(ran[-1].as_json())
    else:
        _show((ran[-1],), of=1, records=records)
    return ran[-1].exit_code or 0


def _nothing(records: Path) -> str:
    from masker.ledger import LEDGER  # noqa: PLC0415 - loaded when run

    if (records / LEDGER).exists():
        return f"the ledger in `{records}` tells of no such run"
    return f"there is no ledger in `{records}`: no run has written there, or it is another folder"


def _show(shown: Sequence[Entry], *, of: int, records: Path) -> None:
    if not shown:
        tell.out(_nothing(records))
        return
    rows: list[tuple[str, ...]] = [_HEAD, *map(_row, shown)]
    wide = [max(len(row[place]) for row in rows) for place in range(len(rows[0]) - 1)]
    right = {4, 5, 6}
    for row in rows:
        cells = [
            cell.rjust(wide[place]) if place in right else cell.ljust(wide[place])
            for place, cell in enumerate(row[:-1])
        ]
        tell.out("  ".join([*cells, row[-1]]).rstrip())
    if of > len(shown):
        tell.out(f"and {of - len(shown)} before: --number {of}")


def _row(each: Entry) -> tuple[str, ...]:
    from masker.schedule.log import in_words  # noqa: PLC0415 - loaded when run

    return (
        f"{each.moment:%Y-%m-%d %H:%M:%S}",
        each.pipeline,
        each.kind,
        each.outcome,
        "" if each.exit_code is None else str(each.exit_code),
        in_words(each.seconds) if each.seconds is not None else "",
        f"{each.rows:,}" if each.rows else "",
        _about(each),
    )


def _about(each: Entry) -> str:
    """Return the run and why it ended so, of a load also where it went.

    Of a rollback it is the run that stands in the target since.
    """
    from masker.ledger import LOAD, ROLLED_BACK, ROLLING_BACK  # noqa: PLC0415 - loaded when run

    if each.outcome == ROLLED_BACK:
        now = each.run or "what no run filled"
        return f"{now}, in place of {each.in_place_of}" if each.in_place_of else now
    if each.outcome == ROLLING_BACK:
        return f"{each.run or 'what no run filled'}: began, and did not say that it was done"
    # No pipeline names the target of a load, and one folder of records may have many.
    into = f" into {each.target}" if each.kind == LOAD and each.target else ""
    return ": ".join(part for part in (f"{each.run}{into}", ", ".join(each.codes)) if part)


def _known(outcomes: list[str]) -> list[str]:
    from masker.ledger import OUTCOMES  # noqa: PLC0415 - loaded when run
    from masker.rules.places import closest  # noqa: PLC0415

    for each in outcomes:
        if each not in OUTCOMES:
            listed = ", ".join(OUTCOMES)
            raise ConfigError(
                f"`{each}` is no outcome of a run",
                help=closest(each, OUTCOMES, otherwise=f"known are {listed}"),
                code="usage",
            )
    return outcomes


def _moment(written: str) -> datetime:
    """Return a moment that is written as itself, or as how long ago it is."""
    from masker.rules.quantities import duration  # noqa: PLC0415 - loaded when run

    try:
        length: timedelta = duration(written)
    except ValueError:
        try:
            read = datetime.fromisoformat(written)
        except ValueError:
            raise ConfigError(
                f"`--since {written}` is neither a length of time nor a date",
                help="such as 26h, 7d, 2026-11-21 or 2026-11-21T03:00:00+01:00",
                code="bad-moment",
            ) from None
        return read if read.tzinfo else read.replace(tzinfo=UTC)
    return datetime.now(UTC) - length

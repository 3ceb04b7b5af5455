"""The screen of a run: one line per phase, a bar while rows move."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import timedelta
from typing import Self

from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
)
from rich.table import Column
from rich.text import Text

from masker.catalog import TableName
from masker.cli.tell import aside, stderr
from masker.pipelines.watch import Nobody, Watch
from masker.plan.model import Plan
from masker.rules.policy import Treatment
from masker.schedule.stop import StopSign

_WIDE = len("constraints")  # the longest name of a phase
_WORTH_TELLING = 0.05  # seconds: less would read 0.0
_ALWAYS_TOLD = frozenset({"after"})  # whoever wrote statements wants to see that they ran


def _room(width: int) -> int:
    """Return how much of a terminal's width the name of a table may take: one line for all."""
    return max(16, min(40, width - 64))


@contextmanager
def watching(*, quiet: bool) -> Iterator[Watch]:
    """Watch by a screen, or look away; SIGTERM ends it before it publishes, or lets it finish."""
    seen: AbstractContextManager[Watch] = nullcontext(Nobody()) if quiet else Screen()
    with seen as watch, StopSign(watch) as sign:
        yield sign
    if sign.asked:
        aside("asked to stop while it published, so it finished")


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        if not task.fields.get("counts"):
            return Text("")
        rate = f"  {task.speed:,.0f} rows/s" if task.speed else ""
        return Text(f"{int(task.completed):,} rows{rate}", style="cyan", no_wrap=True)


class _Clock(ProgressColumn):
    def render(self, task: Task) -> Text:
        left = task.time_remaining
        seconds = (task.elapsed or 0.0) if left is None else left
        words = str(timedelta(seconds=int(seconds))) + (" left" if left is not None else "")
        return Text(words, style="dim", no_wrap=True)


class Screen:
    """Watch a run on a terminal; on anything else each phase is one plain line.

    A phase that took no time is not told, unless it is that of the pipeline's own statements; the
    manifest has the seconds of each. Everything goes to standard error, so that standard output
    stays for the result.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._console = stderr()
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn(
                "{task.description}",
                table_column=Column(
                    no_wrap=True, overflow="ellipsis", max_width=_room(self._console.width)
                ),
            ),
            BarColumn(bar_width=12),
            _Rate(table_column=Column(no_wrap=True)),
            _Clock(table_column=Column(no_wrap=True)),
            console=self._console,
            transient=True,
            disable=not self._console.is_terminal,
        )
        self._task = self._progress.add_task("starting", total=None)
        self._phase = ""
        self._began = clock()
        self._expected = 0

    def phase(self, name: str) -> None:
        """Close the line of the last phase and open the next one."""
        self._close()
        self._phase, self._began = name, self._clock()
        moving = name == "load"
        total = self._expected if moving and self._expected else None
        # A new task, for a reset leaves the old total, and with it an end that never comes.
        self._progress.remove_task(self._task)
        self._task = self._progress.add_task(name, total=total, counts=moving)

    def _close(self) -> None:
        spent = self._clock() - self._began
        if self._phase in _ALWAYS_TOLD or (self._phase and spent >= _WORTH_TELLING):
            self._console.print(f"[green]✓[/] {self._phase:<{_WIDE}} [dim]{spent:6.1f} s[/]")
        self._phase = ""

    def planned(self, plan: Plan) -> None:
        """Learn how many rows to expect."""
        self._expected = sum(
            step.expected or 0 for step in plan.steps if step.treatment is Treatment.LOAD
        )

    def moved(self, table: TableName, rows: int, size: int) -> None:
        """Advance the bar."""
        del size
        self._progress.update(self._task, advance=rows, description=f"load {table}")

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._close()
        elif self._phase:
            self._console.print(f"[red]✗[/] {self._phase}")
        self._progress.stop()

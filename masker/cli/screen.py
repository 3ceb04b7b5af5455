"""The screen of a run: one line per phase, a bar while rows move."""

from __future__ import annotations

import time
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from masker.catalog import TableName
from masker.plan.model import Plan
from masker.rules.policy import Treatment


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        if not task.fields.get("counts"):
            return Text("")
        rate = f"{task.speed:,.0f} rows/s" if task.speed else ""
        return Text(f"{int(task.completed):,} rows  {rate}", style="cyan")


class Screen:
    """Watch a run on a terminal; on anything else each phase is one plain line.

    Everything goes to standard error, so that standard output stays for the result.
    """

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            _Rate(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=self._console,
            transient=True,
            disable=not self._console.is_terminal,
        )
        self._task = self._progress.add_task("starting", total=None)
        self._phase = ""
        self._began = time.monotonic()
        self._expected = 0

    def phase(self, name: str) -> None:
        """Close the line of the last phase and open the next one."""
        self._close()
        self._phase, self._began = name, time.monotonic()
        moving = name == "load"
        self._progress.reset(
            self._task,
            total=self._expected if moving and self._expected else None,
            description=name,
            counts=moving,
        )

    def _close(self) -> None:
        if self._phase:
            spent = time.monotonic() - self._began
            self._console.print(
                f"[green]✓[/] {self._phase:<10} [dim]{spent:6.1f} s[/]", highlight=False
            )
        self._phase = ""

    def planned(self, plan: Plan) -> None:
        """Learn how many rows to expect."""
        self._expected = sum(
            step.rows or 0 for step in plan.steps if step.treatment is Treatment.LOAD
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
            self._console.print(f"[red]✗[/] {self._phase}", highlight=False)
        self._progress.stop()

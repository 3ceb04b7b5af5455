"""The bar of a scan: tables done, of how many, and how long it will take."""

from __future__ import annotations

from typing import Self

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Column

from masker.catalog import TableName
from masker.cli.tell import stderr


class Looking:
    """Watch a scan on a terminal; silent on anything else."""

    def __init__(self) -> None:
        console = stderr()
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn(
                "{task.description}",
                table_column=Column(no_wrap=True, overflow="ellipsis", max_width=40),
            ),
            BarColumn(bar_width=20),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task("catalog", total=None)

    def began(self, tables: int) -> None:
        """Learn how many tables there are."""
        self._progress.update(self._task, total=tables, description="tables")

    def looked(self, table: TableName) -> None:
        """Advance the bar."""
        self._progress.update(self._task, advance=1, description=str(table))

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

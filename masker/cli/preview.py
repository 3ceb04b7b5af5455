"""`masker preview`: a few masked rows of a table; before and after only for a person's own eyes."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from masker.cli import tell
from masker.cli.state import State
from masker.errors import ConfigError, Interrupted

if TYPE_CHECKING:
    from masker.pipelines.preview import Preview

_WIDEST = 40  # characters of a value that are shown


def register(app: typer.Typer, state: State) -> None:
    """Add the command."""

    @app.command()
    def preview(
        pipeline: Annotated[Path, typer.Argument(help="The pipeline's YAML file.")],
        *,
        table: Annotated[
            str, typer.Option("--table", "-t", help="The table; its schema may be left out.")
        ],
        rows: Annotated[
            int, typer.Option("--rows", min=1, max=1000, help="How many rows to show.")
        ] = 10,
        before: Annotated[
            bool,
            typer.Option(
                "--before", help="Show the source's rows, too: on a terminal, after a yes."
            ),
        ] = False,
        json: Annotated[
            bool, typer.Option("--json", help="Print the masked rows as JSON.")
        ] = False,
    ) -> int:
        """Show the first rows of a table as a run would write them. Writes nothing."""
        from masker.pipelines.preview import preview as look  # noqa: PLC0415 - loaded when run

        state.json = json
        if before:
            _agreed(json=json)
        with tell.waiting("planning, then masking the first rows"):
            made = look(pipeline, table, rows=rows, before=before, environ=os.environ)
        if json:
            tell.out_json(
                {
                    "table": str(made.table),
                    "columns": dict(made.uses),
                    "withheld": list(made.withheld),
                    "rows": made.after.to_dicts(),
                }
            )
        else:
            _show(made)
        return 0


def _agreed(*, json: bool) -> None:
    """Ask whether personal data may be shown.

    ConfigError where nobody can be asked, Interrupted where the answer is no, or Ctrl-C.
    """
    if json or not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise ConfigError(
            "`--before` shows personal data, so only to a person at a terminal",
            help="leave it out, or call it without --json, a pipe or a file",
            code="no-terminal",
        )
    asked = "The source's own rows are personal data. Show them on this screen?"
    try:
        agreed = typer.confirm(asked, default=False, err=True)
    except typer.Abort:
        agreed = False
    if not agreed:
        raise Interrupted("nothing was read and nothing was shown")


def _show(made: Preview) -> None:
    from rich import box  # noqa: PLC0415 - loaded when run
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    from masker.cli.summary import numbered  # noqa: PLC0415

    console = tell.stdout()
    for number in range(made.after.height):
        shown = Table(box=box.SIMPLE_HEAD, title=f"row {number + 1}", title_justify="left")
        shown.add_column("column", style="dim")
        shown.add_column("verdict", style="dim")
        if made.before is not None:
            shown.add_column("before", style="red", overflow="fold")
        shown.add_column("after", style="green", overflow="fold")
        for name, use in made.uses.items():
            cells = [
                _cell(frame[name][number])
                for frame in (made.before, made.after)
                if frame is not None
            ]
            shown.add_row(name, use, *(Text(cell) for cell in cells))
        tell.table(console, shown)
    console.print(
        f"{made.table}: {numbered(made.after.height, 'row')}, "
        f"{numbered(len(made.masked), 'column')} masked",
        markup=False,
    )
    if made.withheld:
        console.print(f"withheld, see `masker plan`: {', '.join(made.withheld)}", markup=False)


def _cell(value: str | None) -> str:
    if value is None:
        return "NULL"
    # What a terminal would obey is shown as a dot.
    seen = "".join(sign if sign.isprintable() else "·" for sign in value[:_WIDEST])
    return seen if len(value) <= _WIDEST else f"{seen[:-1]}…"

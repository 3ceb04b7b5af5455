"""`masker plan`: what a run would do, table by table, column by column; moves no row."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from masker.cli import tell
from masker.cli.state import State

ROOT = (
    "Rows a subset begins with, instead of the pipeline's roots: "
    '"customers where id = 42", "customers sample 5%". May be given several times.'
)


def register(app: typer.Typer, state: State) -> None:
    """Add the command."""

    @app.command()
    def plan(
        pipeline: Annotated[Path, typer.Argument(help="The pipeline's YAML file.")],
        *,
        root: Annotated[list[str] | None, typer.Option("--root", help=ROOT)] = None,
        why: Annotated[
            str | None,
            typer.Option("--why", help="Tell why a row is kept: TABLE:KEY, such as orders:1234."),
        ] = None,
        json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    ) -> int:
        """Print what a run would do: verdicts, order, estimates, findings. Moves no row."""
        from masker.pipelines.planning import make_plan_of, refusal  # noqa: PLC0415 - when run
        from masker.plan.render import as_json, as_text  # noqa: PLC0415

        state.json = json
        if why is not None:
            from masker.pipelines.why import why as reasons  # noqa: PLC0415

            with tell.waiting("planning"):
                lines = reasons(pipeline, why, environ=os.environ, roots=root or ())
            if json:
                tell.out_json({"row": why, "lines": list(lines)})
            else:
                tell.out("\n".join(lines))
            return 0
        with tell.waiting("planning"):
            made = make_plan_of(pipeline, environ=os.environ, roots=root or ())
        refused = refusal(made.findings)
        if json:
            tell.out_json(as_json(made))
            return refused.exit_code if refused else 0
        tell.out(as_text(made))
        blocking = made.findings.blocking  # told with the refusal
        tell.findings(
            (finding for finding in made.findings if finding not in blocking),
            accepted=made.findings.accepted,
        )
        if refused:
            raise refused
        tell.out(f"\nNothing stops this. Next: masker run {pipeline}")
        return 0

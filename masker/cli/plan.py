"""`masker plan`: what a run would do, table by table, column by column; reads only the catalog."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from masker.cli import tell
from masker.cli.state import State


def register(app: typer.Typer, state: State) -> None:
    """Add the command."""

    @app.command()
    def plan(
        pipeline: Annotated[Path, typer.Argument(help="The pipeline's YAML file.")],
        *,
        json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    ) -> int:
        """Print what a run would do: verdicts, order, estimates, findings. Moves no row."""
        from masker.pipelines.planning import make_plan_of, refuse  # noqa: PLC0415 - when run
        from masker.plan.render import as_json, as_text  # noqa: PLC0415

        state.json = json
        made = make_plan_of(pipeline, environ=os.environ)
        if json:
            tell.out_json(as_json(made))
            return code_of(made)
        tell.out(as_text(made))
        blocking = made.findings.blocking  # told with the refusal
        tell.findings(
            (finding for finding in made.findings if finding not in blocking),
            accepted=made.findings.accepted,
        )
        refuse(made.findings)
        return 0


def code_of(made) -> int:  # type: ignore[no-untyped-def]  # noqa: ANN001, D103 - loaded when run
    from masker.errors import MaskerError  # noqa: PLC0415
    from masker.pipelines.planning import refuse  # noqa: PLC0415

    try:
        refuse(made.findings)
    except MaskerError as refused:
        return refused.exit_code
    return 0

"""`masker rollback`: bring the previous data of a target back."""

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
    def rollback(
        pipeline: Annotated[Path, typer.Argument(help="The pipeline's YAML file.")],
        *,
        records: Annotated[
            Path, typer.Option("--records", help="Folder of the runs' ledger, which is told.")
        ] = Path("masker-records"),
        json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    ) -> int:
        """Swap the target with the copy that the last publish kept; calling it again swaps back."""
        from masker.pipelines.rollback import rollback as go  # noqa: PLC0415 - loaded when run

        state.json = json
        done = go(pipeline, records=records, environ=os.environ)
        if json:
            tell.out_json({"target": done.target, "now": done.now, "previous": done.previous})
        else:
            whose = f"of run {done.now}" if done.now else "that masker's first run replaced"
            tell.out(
                f"{done.target} holds the data {whose} again; what stood there is kept as "
                f"{done.previous}"
            )
        return 0

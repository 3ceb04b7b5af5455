"""`masker run`: refresh the target of a pipeline."""

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
    def run(
        pipeline: Annotated[Path, typer.Argument(help="The pipeline's YAML file.")],
        *,
        records: Annotated[
            Path, typer.Option("--records", help="Folder of manifests and the ledger.")
        ] = Path("masker-records"),
        workers: Annotated[
            int | None, typer.Option("--workers", min=1, help="Worker processes.")
        ] = None,
        quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
        json: Annotated[bool, typer.Option("--json", help="Print the manifest as JSON.")] = False,
    ) -> int:
        """Read, mask, load aside, audit, and only then publish."""
        from masker.cli.screen import Screen  # noqa: PLC0415 - loaded when run
        from masker.cli.summary import summary  # noqa: PLC0415
        from masker.pipelines.run import run as go  # noqa: PLC0415
        from masker.pipelines.watch import Nobody  # noqa: PLC0415

        state.json = json
        if quiet or json:
            done = go(
                pipeline, records=records, workers=workers, watch=Nobody(), environ=os.environ
            )
        else:
            with Screen() as screen:
                done = go(
                    pipeline, records=records, workers=workers, watch=screen, environ=os.environ
                )
        if json:
            tell.out_json(done.manifest)
        else:
            tell.out(summary(done))
        return 0

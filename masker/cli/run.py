"""`masker run`: refresh the target of a pipeline."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from masker.cli import tell
from masker.cli.plan import ROOT
from masker.cli.state import State


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
        quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
        json: Annotated[bool, typer.Option("--json", help="Print the manifest as JSON.")] = False,
    ) -> int:
        """Read, mask, load aside, audit, and only then publish."""
        from masker.cli.screen import Screen  # noqa: PLC0415 - loaded when run
        from masker.cli.summary import summary  # noqa: PLC0415
        from masker.pipelines.run import run as go  # noqa: PLC0415
        from masker.pipelines.watch import Nobody  # noqa: PLC0415

        state.json = json
        refresh = partial(
            go,
            pipeline,
            records=records,
            workers=workers,
            environ=os.environ,
            roots=root or (),
        )
        if quiet or json:
            done = refresh(watch=Nobody())
        else:
            with Screen() as screen:
                done = refresh(watch=screen)
        if json:
            tell.out_json(done.manifest)
        else:
            tell.out(summary(done))
        return 0

"""`masker init`: write a first pipeline for a database, every column once, with a reason."""

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
    def init(
        source: Annotated[str, typer.Argument(help="The source's URL, or ${VARIABLE} with one.")],
        *,
        out: Annotated[
            Path, typer.Option("--out", "-o", help="Where the pipeline is written.")
        ] = Path("pipeline.yaml"),
        schema: Annotated[
            list[str] | None, typer.Option("--schema", help="A schema to read; all if left out.")
        ] = None,
        force: Annotated[bool, typer.Option("--force", help="Write over a file.")] = False,
        json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    ) -> int:
        """Write a first pipeline from names and types; a person reviews it and decides the rest."""
        from masker.pipelines.draft import draft_pipeline  # noqa: PLC0415 - loaded when run

        state.json = json
        drafted = draft_pipeline(
            source, out, schemas=tuple(schema or ()), force=force, environ=os.environ
        )
        if json:
            tell.out_json(
                {
                    "file": str(out),
                    "columns": drafted.columns,
                    "masked": drafted.masked,
                    "review": drafted.review,
                }
            )
            return 0
        tell.out(
            f"{out}: {drafted.columns} columns, {drafted.masked} masked, "
            f"{drafted.review} marked `review` for you to decide. No row was read.\n"
            f"Next: decide those lines, then\n"
            f"  export {drafted.variable}=... TARGET_URL=...\n"
            f"  (umask 077 && masker keys new > masker.key)   # once; keep it with your secrets\n"
            f"  export MASKER_KEY_FILE=$PWD/masker.key\n"
            f"  masker plan {out}"
        )
        return 0

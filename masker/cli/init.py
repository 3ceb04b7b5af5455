"""`masker init`: write a first pipeline for a database, every column once, with a reason."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from masker.cli import tell
from masker.cli.state import State

if TYPE_CHECKING:
    from masker.pipelines.draft import Drafted


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
        country: Annotated[
            list[str] | None,
            typer.Option("--country", help="Look for the national numbers of it, such as DE."),
        ] = None,
        values: Annotated[
            bool, typer.Option(help="Look at a random sample of values, not at names alone.")
        ] = True,
        force: Annotated[bool, typer.Option("--force", help="Write over a file.")] = False,
        json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    ) -> int:
        """Write a first pipeline, or add what is new to one; a person decides what is `review`."""
        from masker.cli.looking import Looking  # noqa: PLC0415 - loaded when run
        from masker.pipelines.draft import draft_pipeline  # noqa: PLC0415

        state.json = json
        with Looking() as watch:
            drafted = draft_pipeline(
                source,
                out,
                schemas=tuple(schema or ()),
                countries=tuple(country or ()),
                values=values,
                force=force,
                environ=os.environ,
                watch=watch,
            )
        if json:
            tell.out_json(
                {
                    "file": str(out),
                    "columns": drafted.columns,
                    "masked": drafted.masked,
                    "review": drafted.review,
                    "added": drafted.added,
                    "gone": list(drafted.gone),
                    "findings": [finding.as_json() for finding in drafted.findings],
                }
            )
            return 0
        tell.out(_text(drafted))
        tell.findings(drafted.findings)
        return 0


def _text(drafted: Drafted) -> str:
    sampled = "A sample of rows was read; no value is in the file."
    read = sampled if drafted.scanned else "No row was read."
    counts = f"{drafted.columns} columns, {drafted.masked} masked, {drafted.review} marked `review`"
    lines = [f"{drafted.path}: {counts} for you to decide. {read}"]
    if drafted.added is not None:
        lines.append(f"{drafted.added} new columns were added; every other line is as it was.")
    lines += [f"no longer in the source: {name}" for name in drafted.gone]
    if drafted.added is None:
        lines += [
            "Next: decide those lines, then",
            f"  export {drafted.variable}=... TARGET_URL=...",
            "  (umask 077 && masker keys new > masker.key)   # once; keep it with your secrets",
            "  export MASKER_KEY_FILE=$PWD/masker.key",
            f"  masker plan {drafted.path}",
        ]
    return "\n".join(lines)

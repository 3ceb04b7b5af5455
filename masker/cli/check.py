"""`masker check`: read a pipeline and its packs, tell everything that is wrong, connect nowhere."""

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
    def check(
        pipeline: Annotated[Path, typer.Argument(help="The pipeline's YAML file.")],
        *,
        json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    ) -> int:
        """Check a pipeline and its rule packs without connecting anywhere."""
        from masker.rules.pipeline import load_pipeline  # noqa: PLC0415 - loaded when run

        state.json = json
        made = load_pipeline(pipeline, environ=os.environ, lenient=True)
        findings = made.findings
        if json:
            tell.out_json(
                {
                    "pipeline": made.name,
                    "findings": [finding.as_json() for finding in findings],
                }
            )
            return 0
        tell.findings(findings, accepted=findings.accepted)
        rules = sum(len(columns) for columns in made.columns.values())
        tell.out(
            f"{pipeline}: fine. {made.name}: {rules} column rules, "
            f"packs: {', '.join(made.rules) or 'none'}. Next: masker plan {pipeline}"
        )
        return 0

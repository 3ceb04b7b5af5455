"""`masker grants`: the smallest script of GRANTs for the role that reads production."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from masker.cli import tell
from masker.cli.state import State

if TYPE_CHECKING:
    from masker.pipelines.grants import Grants


def register(app: typer.Typer, state: State) -> None:
    """Add the command."""

    @app.command()
    def grants(
        source: Annotated[
            str,
            typer.Argument(help="The source's URL, ${VARIABLE} with one, or a pipeline's file."),
        ],
        *,
        role: Annotated[
            str, typer.Option("--role", help="The role that shall read.")
        ] = "masker_reader",
        schema: Annotated[
            list[str] | None, typer.Option("--schema", help="A schema to read; all if left out.")
        ] = None,
        json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    ) -> int:
        """Print the smallest script of GRANTs for the role that reads; runs none of it."""
        from masker.pipelines.grants import grants as needed  # noqa: PLC0415 - loaded when run

        state.json = json
        made = needed(source, role=role, schemas=tuple(schema or ()), environ=os.environ)
        if json:
            tell.out_json(made.as_json())
        else:
            tell.out("\n".join(_lines(made)))
        return 0


def _lines(made: Grants) -> list[str]:
    if not made.statements:
        return [f"-- {made.engine} needs none: who may open `{made.database}` may read it."]
    return [
        f"-- What role {made.role} needs to read database {made.database}, and nothing more.",
        "-- Run it there as a superuser or as the owner of the tables.",
        *made.statements,
        *(
            f"-- Give it a password: \\password {made.role}"
            for one in made.statements
            if one.startswith("CREATE ROLE")
        ),
    ]

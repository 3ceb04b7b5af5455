"""`masker show`: the transformers and what they promise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from masker.cli import tell
from masker.cli.state import State


def register(app: typer.Typer, state: State) -> None:
    """Add the command."""

    @app.command()
    def show(
        transformer: Annotated[
            str | None, typer.Argument(help="A transformer's name; all of them when left out.")
        ] = None,
        *,
        json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    ) -> None:
        """Show transformers: what they do, their parameters, what they promise."""
        from masker.transformers import registry  # noqa: PLC0415 - loaded when run

        state.json = json
        wanted = [transformer] if transformer else list(registry.names())
        described = [registry.describe(registry.get(name)) for name in wanted]
        if json:
            tell.out_json(described if transformer is None else described[0])
        elif transformer is None:
            _list(described)
        else:
            _one(described[0])


def _list(described: Sequence[Mapping[str, Any]]) -> None:
    wide = max(len(str(one["name"])) for one in described)
    for one in described:
        tell.out(f"{one['name']:<{wide}}  {one['sentence']}")
    tell.out("\nmasker show NAME tells parameters and promises; `keep` leaves a column as it is.")


def _one(one: Mapping[str, Any]) -> None:
    tell.out(f"{one['name']}: {one['sentence']}")
    tell.out(f"  takes    {', '.join(one['kinds'])}")
    tell.out(f"  scope    {one['scope']}, domain `{one['domain']}`")
    promises = one["promises"]
    if promises:
        held = [name for name, value in promises.items() if value is True]
        tell.out(f"  promises {', '.join(name.replace('_', ' ') for name in held) or 'nothing'}")
        tell.out(f"  unique   {promises['uniqueness']}")
    for param in one["params"]:
        default = "required" if param["required"] else f"default {param['default']!r}"
        choices = f" ({', '.join(param['choices'])})" if param["choices"] else ""
        tell.out(f"  with     {param['name']}: {param['type']}{choices}, {default}")
        tell.out(f"             {param['meaning']}")

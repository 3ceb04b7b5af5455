"""`masker show`: the transformers and what they promise."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from masker.cli import tell
from masker.cli.state import State

_GRADES = {
    "injective": "different values stay different, always",
    "unique 2^-k": "80 keyed bits; two of a million different values become equal with a chance "
    "below 1e-12, and then the load fails",
    "none": "different values may become equal; refused where a unique constraint would break",
}
_NARROWEST = 40


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
        tell.out(_told(f"{one['name']:<{wide}}  ", str(one["sentence"])))
    tell.out("\nmasker show NAME tells parameters and promises; `keep` leaves a column as it is.")


def _one(one: Mapping[str, Any]) -> None:
    tell.out(_told(f"{one['name']}: ", str(one["sentence"])))
    tell.out(_told("  takes    ", ", ".join(one["kinds"])))
    tell.out(f"  scope    {one['scope']}, domain `{one['domain']}`")
    promises = one["promises"]
    if promises:
        held = [name for name, value in promises.items() if value is True]
        words = ", ".join(name.replace("_", " ") for name in held) or "nothing"
        tell.out(_told("  promises ", words))
        grade = promises["uniqueness"]
        tell.out(_told("  unique   ", f"{grade}: {_GRADES[grade]}"))
    for param in one["params"]:
        default = "required" if param["required"] else f"default {param['default']!r}"
        choices = f" ({', '.join(param['choices'])})" if param["choices"] else ""
        tell.out(_told("  with     ", f"{param['name']}: {param['type']}{choices}, {default}"))
        tell.out(_told("             ", param["meaning"]))


def _told(begin: str, text: str) -> str:
    """Return a text that hangs from its beginning on a terminal, and one line for programs."""
    if not sys.stdout.isatty():
        return begin + text
    width = max(_NARROWEST, shutil.get_terminal_size().columns)
    return textwrap.fill(
        text,
        width=width,
        initial_indent=begin,
        subsequent_indent=" " * len(begin),
        break_on_hyphens=False,
    )

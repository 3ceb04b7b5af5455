"""Put the commands together and turn every outcome into an exit code."""

from __future__ import annotations

from typing import Annotated, Any

import typer
import typer.core

from masker.cli import (
    check,
    demo,
    detect,
    grants,
    init,
    keys,
    load,
    plan,
    preview,
    rollback,
    run,
    runs,
    scan,
    schedule,
    show,
    snapshot,
)
from masker.cli.interrupts import interruptible
from masker.cli.state import State
from masker.cli.tell import failure, misused, ours, out, out_json, plain
from masker.errors import ConfigError


class _Commands(typer.core.TyperGroup):
    """Commands whose Ctrl-C is told, and whose help is what comes when none is named."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Take the options in front of a command."""
        if not args and not ctx.resilient_parsing:  # a shell that completes has none either
            ctx.get_help()  # rich prints it
            raise typer.Exit(ConfigError.exit_code)
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Run the command that the context names."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as stopped:
            raise ours(stopped) from stopped  # typer itself ends with 130 and without a word


app = typer.Typer(
    cls=_Commands,
    name="masker",
    help="Keep staging full of data that looks like production and belongs to nobody.",
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 2 fix the file, 3 unsafe so stopped, 4 leak found, 5 data or constraint "
    "failed, 6 try again, 70 our mistake, 130 interrupted.",
)
state = State()


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415 - only when asked

        number = version("masker")
        if state.json:
            out_json({"masker": number})
        else:
            out(f"masker {number}")
        raise typer.Exit


@app.callback()
def _options(
    context: typer.Context,
    *,
    debug: Annotated[
        bool, typer.Option("--debug", help="Print where a failure happened (never a value).")
    ] = False,
    json: Annotated[
        bool, typer.Option("--json", help="Print JSON; may stand behind the command, too.")
    ] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    del version
    state.debug = debug
    if json:
        context.default_map = _with_json(context.command)


def _with_json(command: Any) -> dict[str, Any]:
    """Return the defaults with which a command, or each below a group, prints JSON."""
    below = getattr(command, "commands", None)
    if below is None:
        return {"json": True}
    return {name: _with_json(each) for name, each in below.items()}


for module in (
    demo,
    grants,
    scan,
    init,
    check,
    plan,
    preview,
    run,
    snapshot,
    load,
    schedule,
    runs,
    rollback,
    show,
):
    module.register(app, state)
app.add_typer(
    keys.app,
    cls=_Commands,
    name="keys",
    help="Make a masking key, or show the id of the one in use.",
)
keys.register(keys.app, state)
app.add_typer(
    detect.app,
    cls=_Commands,
    name="detect",
    help="Say how well a scan found what people labelled.",
)
detect.register(detect.app, state)


def run_command_line(arguments: list[str]) -> int:
    """Run one command and return its exit code."""
    state.debug, state.json, state.by_option = False, "--json" in arguments, False
    if plain():
        from typer import rich_utils  # noqa: PLC0415 - brings rich, which few commands need

        rich_utils.COLOR_SYSTEM = None
    command = typer.main.get_command(app)
    try:
        with interruptible():
            code = command.main(args=arguments, prog_name="masker", standalone_mode=False)
    except typer.Exit as end:
        return end.exit_code
    except typer.TyperException as wrong:
        context = getattr(wrong, "ctx", None)
        path = context.command_path if context else "masker"
        return misused(wrong.format_message(), command=path, as_json=state.json)
    except typer.Abort:
        return failure(KeyboardInterrupt(), as_json=state.json, debug=False)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - every outcome gets a code
        return failure(error, as_json=state.json, debug=state.debug, by_option=state.by_option)
    return code if isinstance(code, int) else 0

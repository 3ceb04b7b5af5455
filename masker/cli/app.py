"""Put the commands together and turn every outcome into an exit code."""

from __future__ import annotations

from typing import Annotated, Any

import typer
import typer.core

from masker.cli import check, demo, init, keys, plan, rollback, run, show
from masker.cli.state import State
from masker.cli.tell import failure, misused, ours, out


class _Commands(typer.core.TyperGroup):
    """Commands whose Ctrl-C is told: typer itself ends with 130 and without a word."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that the context names."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as stopped:
            raise ours(stopped) from stopped


app = typer.Typer(
    cls=_Commands,
    name="masker",
    help="Keep staging full of data that looks like production and belongs to nobody.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 2 fix the file, 3 unsafe so stopped, 4 leak found, 5 data or constraint "
    "failed, 6 try again, 70 our mistake, 130 interrupted.",
)
state = State()


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415 - only when asked

        out(f"masker {version('masker')}")
        raise typer.Exit


@app.callback()
def _options(
    *,
    debug: Annotated[
        bool, typer.Option("--debug", help="Print where a failure happened (never a value).")
    ] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    del version
    state.debug = debug


for module in (demo, init, check, plan, run, rollback, show):
    module.register(app, state)
app.add_typer(keys.app, name="keys", help="Make a masking key, or show the id of the one in use.")
keys.register(keys.app, state)


def run_command_line(arguments: list[str]) -> int:
    """Run one command and return its exit code."""
    command = typer.main.get_command(app)
    try:
        code = command.main(args=arguments, prog_name="masker", standalone_mode=False)
    except typer.Exit as end:
        return end.exit_code
    except typer.TyperException as wrong:
        return misused(wrong.format_message(), as_json="--json" in arguments)
    except typer.Abort:
        return failure(KeyboardInterrupt(), as_json=state.json, debug=False)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - every outcome gets a code
        return failure(error, as_json=state.json, debug=state.debug)
    return code if isinstance(code, int) else 0

"""The command line: one file per command, loaded with little else than typer."""

from masker.cli.app import run_command_line

__all__ = ["run_command_line"]

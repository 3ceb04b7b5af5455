"""The command line: one file per command, loaded with little else than typer."""

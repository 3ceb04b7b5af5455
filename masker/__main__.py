"""`python -m masker` and the `masker` command."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and exit with its code."""
    from masker.cli.app import run_command_line  # noqa: PLC0415 - `import masker` needs no command line

    sys.exit(run_command_line(sys.argv[1:]))


if __name__ == "__main__":
    main()

"""Tell people and programs what happened: findings, errors, exit codes. Never a value."""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from masker.errors import Bug, ConfigError, Interrupted, MaskerError
from masker.findings import Finding, Severity

if TYPE_CHECKING:
    from rich.console import Console

SIGNS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}
COLOURS = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}


def out(text: str) -> None:
    """Write plain text to standard output."""
    sys.stdout.write(text if text.endswith("\n") else text + "\n")


def out_json(value: object) -> None:
    """Write one JSON document to standard output."""
    out(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def findings(items: Iterable[Finding], *, accepted: frozenset[str] = frozenset()) -> None:
    """Write findings to standard error, the worst first, with their place and help."""
    console = stderr()
    for finding in sorted(items, key=lambda item: -item.severity):
        place = f"{finding.position}: " if finding.position else ""
        colour = COLOURS[finding.severity]
        taken = finding.severity is Severity.WARNING and finding.id in accepted
        mark = " (accepted)" if taken else ""
        console.print(
            f"[{colour}]{SIGNS[finding.severity]}[/] [dim]{_safe(finding.id)}[/]{mark}\n"
            f"  {_safe(place + finding.message)}",
            highlight=False,
            soft_wrap=True,
        )
        if finding.help and not mark:  # what is accepted needs no mending
            console.print(
                f"  [green]help:[/] {_safe(_indented(finding.help))}",
                highlight=False,
                soft_wrap=True,
            )


def _indented(text: str) -> str:
    return text.replace("\n", "\n        ")


def _safe(text: str) -> str:
    from rich.markup import escape  # noqa: PLC0415 - only when something is told

    return escape(text)


def stderr() -> Console:
    """Return a console on standard error."""
    from rich.console import Console  # noqa: PLC0415 - rich is loaded when something is told

    return Console(stderr=True)


def failure(error: BaseException, *, as_json: bool, debug: bool) -> int:
    """Tell a failure and return the exit code that says what the caller should do."""
    told = ours(error)
    if as_json:
        out_json(
            {
                "error": type(told).__name__,
                "message": told.message,
                "exit_code": told.exit_code,
                "findings": [finding.as_json() for finding in told.findings],
            }
        )
    else:
        if told.findings.items and told.message != told.findings.items[0].message:
            stderr().print(f"[bold]{_safe(told.message)}[/]", highlight=False, soft_wrap=True)
        blocking = told.findings.blocking or told.findings.items
        findings(blocking)
    if debug:
        sys.stderr.write(frames(error))
    return told.exit_code


def misused(complaint: str, *, as_json: bool) -> int:
    """Tell that the command line itself is wrong and return its exit code."""
    wrong = ConfigError(
        complaint or "the command line is not complete",
        help="masker COMMAND --help tells what a command takes",
        code="usage",
    )
    return failure(wrong, as_json=as_json, debug=False)


def ours(error: BaseException) -> MaskerError:
    """Return a failure as one of ours; a stranger's text may hold values, so it is left out."""
    if isinstance(error, MaskerError):
        return error
    if isinstance(error, KeyboardInterrupt):
        known = getattr(error, "__notes__", ())
        otherwise = "stopped; what was begun is cleaned up, nothing was published"
        return Interrupted(known[0] if known else otherwise)
    last = traceback.extract_tb(error.__traceback__)[-1:]
    place = f" at {Path(last[0].filename).name}:{last[0].lineno}" if last else ""
    return Bug(
        f"masker made a mistake: {type(error).__name__}{place}",
        help="please report it; --debug prints where it happened, without any value",
    )


def frames(error: BaseException) -> str:
    """Return where a failure happened: files, lines and functions, no texts and no locals."""
    lines = [
        f"  {frame.filename}:{frame.lineno} in {frame.name}\n"
        for frame in traceback.extract_tb(error.__traceback__)
    ]
    return "".join(["trace, innermost last:\n", *lines, f"  {type(error).__name__}\n"])

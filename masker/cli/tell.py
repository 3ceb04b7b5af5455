"""Tell people and programs what happened: findings, errors, exit codes. Never a value."""

from __future__ import annotations

import json
import os
import shlex
import sys
import traceback
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from masker.errors import MANIFEST, Bug, ConfigError, Interrupted, MaskerError
from masker.findings import Finding, Severity

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

SIGNS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}
_REPORT = (
    "please report it, with what `masker --debug COMMAND` prints: where it happened, never a value"
)
COLOURS = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}


def out(text: str) -> None:
    """Write plain text to standard output."""
    sys.stdout.write(text if text.endswith("\n") else text + "\n")


def aside(text: str) -> None:
    """Write plain text to standard error, beside the result."""
    sys.stderr.write(f"{text}\n")


def table(console: Console, made: Table) -> None:
    """Write a table to standard output; in a file or a pipe its lines end with no blanks."""
    if console.is_terminal:
        console.print(made)
        return
    with console.capture() as held:
        console.print(made)
    out("\n".join(line.rstrip() for line in held.get().splitlines()))


def out_json(value: object) -> None:
    """Write one JSON document to standard output."""
    out(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def findings(
    items: Iterable[Finding], *, accepted: frozenset[str] = frozenset(), by_option: bool = False
) -> None:
    """Write findings to standard error, the worst first, with place and help; accepted by id.

    Notes of one code that are mended alike are one paragraph, with their help once.
    `by_option` names the option that accepts a warning, in place of the line for a pipeline.
    """
    console = stderr()
    for alike in _grouped(sorted(items, key=lambda item: -item.severity)):
        finding = alike[0]
        name = finding.id if len(alike) == 1 else finding.code
        head = f"[{COLOURS[finding.severity]}]{SIGNS[finding.severity]}[/] [dim]{_safe(name)}[/]"
        if finding.severity is Severity.WARNING and finding.id in accepted:
            console.print(f"{head} (accepted)", soft_wrap=True)
            continue  # whoever accepted it has read it
        console.print(head, soft_wrap=True)
        for each in alike:
            place = f"{each.position}: " if each.position else ""
            # A paragraph's name is the code, so each line of it says what it is about.
            about = (
                "" if name == finding.id or each.subject in each.message else f"{each.subject}: "
            )
            console.print(f"  {_safe(place + about + each.message)}", soft_wrap=True)
        if finding.help:
            _mend(console, "help", finding.help)
        if finding.acceptance and by_option:
            _mend(console, "accept", f"if it may be so, --accept {shlex.quote(finding.id)}")
        elif finding.acceptance:
            where = "if it may stay so, add this line under `accept:` in the pipeline"
            _mend(console, "accept", f"{where}\n  {finding.acceptance}")


def _grouped(items: Iterable[Finding]) -> Iterable[Sequence[Finding]]:
    """Return notes of one code and one help together, at the place of the first; others alone.

    Each warning has an id to accept, each error something to mend.
    """
    groups: dict[object, list[Finding]] = {}
    for number, finding in enumerate(items):
        shared = finding.severity is Severity.NOTE and finding.help
        groups.setdefault((finding.code, finding.help) if shared else number, []).append(finding)
    return groups.values()


def _mend(console: Console, word: str, text: str) -> None:
    console.print(f"  [green]{word}:[/] {_safe(_indented(text))}", soft_wrap=True)


def _indented(text: str) -> str:
    return text.replace("\n", "\n        ")


def _safe(text: str) -> str:
    from rich.markup import escape  # noqa: PLC0415 - only when something is told

    return escape(text)


def stderr() -> Console:
    """Return a console on standard error."""
    return _console(err=True)


def stdout() -> Console:
    """Return a console on standard output."""
    return _console(err=False)


@contextmanager
def waiting(what: str) -> Iterator[None]:
    """Show on a terminal's standard error that something goes on; silent on anything else."""
    console = stderr()
    if not console.is_terminal:
        yield
        return
    with console.status(_safe(what)):
        yield


def plain() -> bool:
    """Tell whether somebody wants no styles at all: not only no colour, but no bold either."""
    return bool(os.environ.get("NO_COLOR"))


def _console(*, err: bool) -> Console:
    from rich.console import Console  # noqa: PLC0415 - rich is loaded when something is told

    # rich's own `no_color` leaves bold and dim.
    # Without `emoji=False` the place `shop.yaml:100:8` would show line 100 as a picture.
    return Console(
        stderr=err, highlight=False, emoji=False, color_system=None if plain() else "auto"
    )


def failure(error: BaseException, *, as_json: bool, debug: bool, by_option: bool = False) -> int:
    """Tell a failure and return the exit code that says what the caller should do."""
    told = ours(error)
    manifest = manifest_of(error)
    if as_json:
        out_json(
            {
                "error": type(told).__name__,
                "message": told.message,
                "exit_code": told.exit_code,
                "manifest_file": manifest,
                "findings": [
                    {**finding.as_json(), "accepted": told.findings.is_accepted(finding)}
                    for finding in told.findings
                ],
            }
        )
    else:
        console = stderr()
        if told.findings.items and told.message != told.findings.items[0].message:
            console.print(f"[bold]{_safe(told.message)}[/]", soft_wrap=True)
        findings(told.findings.blocking or told.findings.items, by_option=by_option)
        if manifest:
            console.print(f"manifest {_safe(manifest)}", soft_wrap=True)
    if debug:
        sys.stderr.write(frames(error))
    return told.exit_code


def misused(complaint: str, *, command: str, as_json: bool) -> int:
    """Tell that the command line itself is wrong and return its exit code.

    `command` is as far as it was understood, such as `masker run`.
    """
    wrong = ConfigError(
        complaint,
        help=f"{command} --help tells what it takes",
        code="usage",
    )
    return failure(wrong, as_json=as_json, debug=False)


def ours(error: BaseException) -> MaskerError:
    """Return a failure as one of ours; a stranger's text may hold values, so it is left out."""
    if isinstance(error, MaskerError):
        return error
    if isinstance(error, KeyboardInterrupt):
        known = [note for note in _notes(error) if not note.startswith(MANIFEST)]
        otherwise = "stopped; what was begun is cleaned up, nothing was published"
        stopped = Interrupted(known[0] if known else otherwise)
        if manifest := manifest_of(error):
            stopped.add_note(f"{MANIFEST}{manifest}")
        return stopped
    last = traceback.extract_tb(error.__traceback__)[-1:]
    place = f" at {Path(last[0].filename).name}:{last[0].lineno}" if last else ""
    if isinstance(error, ModuleNotFoundError) and error.name:
        return Bug(
            f"masker made a mistake: there is no module `{error.name}`{place}",
            help=f"install masker again, with all it needs; if that does not help, {_REPORT}",
        )
    return Bug(
        f"masker made a mistake: {type(error).__name__}{place}",
        help=_REPORT,
    )


def manifest_of(error: BaseException) -> str | None:
    """Return the manifest of the run that failed, None where none was written."""
    named = [note.removeprefix(MANIFEST) for note in _notes(error) if note.startswith(MANIFEST)]
    return named[0] if named else None


def _notes(error: BaseException) -> tuple[str, ...]:
    return tuple(getattr(error, "__notes__", ()))


def frames(error: BaseException) -> str:
    """Return where a failure happened: files, lines and functions, no texts and no locals."""
    lines = [
        f"  {frame.filename}:{frame.lineno} in {frame.name}\n"
        for frame in traceback.extract_tb(error.__traceback__)
    ]
    return "".join(["trace, innermost last:\n", *lines, f"  {type(error).__name__}\n"])

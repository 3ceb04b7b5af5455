"""The error tree, sorted by what the caller should do.

    MaskerError
    ├── ConfigError        2  fix the file, the command or the key
    ├── UnsafeError        3  not safe, so nothing was done: uncovered column, drift, guard
    ├── LeakError          4  a source value is in the new data; nothing was published
    ├── DataError          5  the data or a constraint failed: load, integrity, collision
    │   └── CollisionError 5  two masked values under a unique constraint are equal
    ├── TryAgainError      6  a server, a lock or a disk was not available: try again later
    ├── Interrupted      130  Ctrl-C; everything was cleaned up
    └── Bug               70  our mistake: please report it

An error carries its facts as findings; its text is made from them. No text ever holds a value
from the data: of a database error only the SQLSTATE, the place in the server's source, and the
names of schema, table, column, constraint and type are used.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Self

from masker.findings import Finding, Findings, Severity

MANIFEST = "manifest: "  # begins the note, on an exception, that names its run's manifest


class MaskerError(Exception):
    """Everything that masker raises on purpose; `exit_code` says what the caller should do."""

    exit_code: ClassVar[int] = 70

    def __init__(self, message: str, *, help: str = "", code: str = "", subject: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.help = help
        self.code = code or _code(type(self))
        self.subject = subject
        self.sqlstate = ""  # of a database error
        self.constraint = ""  # the constraint that a database error names
        self._findings: Findings | None = None

    @classmethod
    def from_findings(cls, findings: Findings | Iterable[Finding], message: str = "") -> Self:
        """Build one error from all findings that block."""
        every = findings if isinstance(findings, Findings) else Findings(tuple(findings))
        blocking = every.blocking
        made = cls(message or _headline(blocking))
        made._findings = every
        return made

    @property
    def findings(self) -> Findings:
        """Return what is wrong, one finding per problem; at least one."""
        if self._findings is not None:
            return self._findings
        return Findings(
            (
                Finding(
                    code=self.code,
                    severity=Severity.ERROR,
                    message=self.message,
                    subject=self.subject,
                    help=self.help,
                ),
            )
        )

    def __str__(self) -> str:
        if self._findings is not None:
            return "\n".join([self.message, *map(_told, self._findings.blocking)])
        return f"{self.message}\n  help: {self.help}" if self.help else self.message


class ConfigError(MaskerError):
    """Fix the file, the command line or the key, then call again."""

    exit_code = 2


class UnsafeError(MaskerError):
    """It was not safe, so nothing was done."""

    exit_code = 3


class LeakError(MaskerError):
    """A source value that should be masked was found in the new data; nothing was published."""

    exit_code = 4


class DataError(MaskerError):
    """The data or a constraint failed; nothing was published."""

    exit_code = 5


class CollisionError(DataError):
    """Two masked values under a unique constraint are equal."""


class TryAgainError(MaskerError):
    """A server, a lock or a disk was not available; the same call may succeed later."""

    exit_code = 6


class Interrupted(MaskerError):  # noqa: N818 - it is no error, the person asked for it
    """A person stopped the run; what was begun is cleaned up."""

    exit_code = 130


class Bug(MaskerError):  # noqa: N818 - the word says it
    """A mistake of ours."""

    exit_code = 70


def _code(kind: type[MaskerError]) -> str:
    name = kind.__name__.removesuffix("Error")
    return "".join(f"-{c.lower()}" if c.isupper() else c for c in name).strip("-")


def _told(finding: Finding) -> str:
    accept = finding.acceptance
    return f"{finding}\n  or, under `accept:` of the pipeline: {accept}" if accept else str(finding)


def _headline(blocking: tuple[Finding, ...]) -> str:
    if len(blocking) == 1:
        return "1 finding stops this"
    return f"{len(blocking)} findings stop this"

"""Findings: problems as data, with a code, a severity, a place, help and an id.

A check returns findings instead of stopping at the first problem, so that a person sees all of
them at once. A warning may be accepted by its id, in writing; an error never.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace


class Severity(enum.IntEnum):
    """How much a finding weighs: only an error stops a run, and a warning that nobody accepted."""

    NOTE = 1
    WARNING = 2
    ERROR = 3


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a file; line and column count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One problem.

    `code` is a stable word such as `live-range`; `subject` names what it is about (a table, a
    column, a database), so that `id` is `code:subject`. `message` is one plain sentence with
    names in backticks and never a value from the data; `help` says how to mend it.
    """

    code: str
    severity: Severity
    message: str
    subject: str = ""
    help: str = ""
    position: Position | None = None

    @property
    def id(self) -> str:
        """Return the id by which a warning is accepted."""
        return f"{self.code}:{self.subject}" if self.subject else self.code

    @property
    def acceptance(self) -> str:
        """Return the line of YAML that accepts a warning under `accept:`, else an empty text."""
        if self.severity is not Severity.WARNING:
            return ""
        # In YAML these would end the text; a single quote inside quotes is written twice.
        plain = ": " not in self.id and " #" not in self.id and not self.id.endswith((":", " "))
        return f"- {self.id}" if plain else "- '{}'".format(self.id.replace("'", "''"))

    def __str__(self) -> str:
        place = f"{self.position}: " if self.position else ""
        mend = f"\n  help: {self.help}" if self.help else ""
        return f"{place}{self.severity.name.lower()}[{self.id}]: {self.message}{mend}"

    def as_json(self) -> dict[str, object]:
        """Return the finding as a JSON object."""
        return {
            "id": self.id,
            "code": self.code,
            "severity": self.severity.name.lower(),
            "subject": self.subject,
            "message": self.message,
            "help": self.help,
            "accept": self.acceptance or None,
            "position": str(self.position) if self.position else None,
        }


def error(
    code: str, message: str, *, subject: str = "", help: str = "", at: Position | None = None
) -> Finding:
    """Build a finding that stops a run and cannot be accepted."""
    return Finding(
        code=code,
        severity=Severity.ERROR,
        message=message,
        subject=subject,
        help=help,
        position=at,
    )


def warning(
    code: str, message: str, *, subject: str = "", help: str = "", at: Position | None = None
) -> Finding:
    """Build a finding that stops a run unless the pipeline accepts it by its id."""
    return Finding(
        code=code,
        severity=Severity.WARNING,
        message=message,
        subject=subject,
        help=help,
        position=at,
    )


def note(
    code: str, message: str, *, subject: str = "", help: str = "", at: Position | None = None
) -> Finding:
    """Build a finding that people should read and that stops nothing."""
    return Finding(
        code=code,
        severity=Severity.NOTE,
        message=message,
        subject=subject,
        help=help,
        position=at,
    )


@dataclass(frozen=True, slots=True)
class Findings:
    """All findings of a check, in order, with the ids a pipeline accepted in writing."""

    items: tuple[Finding, ...] = ()
    accepted: frozenset[str] = field(default_factory=frozenset)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __bool__(self) -> bool:
        return bool(self.items)

    def __add__(self, more: Iterable[Finding]) -> Findings:
        accepted = more.accepted if isinstance(more, Findings) else frozenset()
        return replace(self, items=(*self.items, *more), accepted=self.accepted | accepted)

    def accept(self, ids: Iterable[str]) -> Findings:
        """Return the same findings with these warnings accepted."""
        return replace(self, accepted=self.accepted | frozenset(ids))

    def is_accepted(self, finding: Finding) -> bool:
        """Tell whether a finding is a warning that the pipeline accepted."""
        return finding.severity is Severity.WARNING and finding.id in self.accepted

    @property
    def blocking(self) -> tuple[Finding, ...]:
        """Return what stops a run: errors, and warnings that nobody accepted."""
        return tuple(
            finding
            for finding in self.items
            if finding.severity is Severity.ERROR
            or (finding.severity is Severity.WARNING and finding.id not in self.accepted)
        )

    def unused(self) -> tuple[str, ...]:
        """Return accepted ids that match no finding, sorted: an acceptance that went stale."""
        return tuple(sorted(self.accepted - {finding.id for finding in self.items}))

"""What a run does with its target, whatever the engine: hold it, judge it, load beside it, swap."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, Self

from masker.engines.ddl import Origin
from masker.engines.engine import Loaded, Writer
from masker.engines.marker import Marker
from masker.findings import Findings
from masker.plan.model import Plan

Tell = Callable[[str], None]


def silent(_phase: str) -> None:
    """Hear a phase and say nothing."""


class Swap(Protocol):
    """One run's new database beside the target; leaving its block unpublished drops it.

    Where rows go into the target itself it is one open transaction, which is then rolled back.
    """

    @property
    def published(self) -> bool:
        """Tell whether the target's users see the new database."""
        ...

    def prepare(self, source: Origin, *, schemas: Sequence[str]) -> Findings:
        """Create the new database with its tables; `schemas` are those the pipeline names.

        Errors raise (ConfigError, UnsafeError); what is returned are notes, and warnings to be
        accepted.
        """
        ...

    @property
    def alone(self) -> bool:
        """Tell whether one session alone sees what was loaded, before it is published."""
        ...

    @property
    def writer(self) -> Writer:
        """Return the door through which a runner writes rows."""
        ...

    def finish(self, tell: Tell = silent) -> Findings:
        """Build what comes after the rows; `tell` hears each phase.

        CollisionError names the table and constraint under which two values are equal.
        """
        ...

    def amend(self, statements: str, *, file: str) -> None:
        """Run a person's statements on the new database, all or none; errors name the file."""
        ...

    def loaded(self) -> Loaded:
        """Open the new database for the audit."""
        ...

    def publish(self, *, ledger: str) -> Findings:
        """Put the new database in the target's place; before, everybody sees the old one whole.

        `ledger` is the head of the run ledger, which the marker repeats. TryAgainError when the
        target stays in use; it is then as it was.
        """
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...


class Target(Protocol):
    """A target held by this run: no other run of masker works on it meanwhile."""

    @property
    def previous(self) -> str:
        """Return the name under which its former content is kept for a rollback."""
        ...

    def refusals(self, source: Origin) -> Findings:
        """Return what the guard says of it."""
        ...

    def obstacles(self, plan: Plan, *, run: str, source: Origin) -> Findings:
        """Return what would make the run fail later, all at once."""
        ...

    def marker(self) -> Marker | None:
        """Return what it says of the run that filled it, None where no run did."""
        ...

    def drop_orphans(self) -> Findings:
        """Drop what killed runs left beside it."""
        ...

    def swap(self, plan: Plan, *, run: str) -> Swap:
        """Return what loads a new database beside it and puts it in its place."""
        ...

    def check_previous(self) -> None:
        """Refuse to bring back a former content that is there and holds nothing: ConfigError."""
        ...

    def put_back(self) -> None:
        """Exchange it with its former content; ConfigError when none was kept."""
        ...

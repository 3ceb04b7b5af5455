"""Load a new file beside the target, then let it take the target's name: `mode: swap` on SQLite."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

from masker.engines.ddl import Origin
from masker.engines.marker import PUBLISHED, Marker
from masker.engines.sqlite import build
from masker.engines.sqlite.address import Address
from masker.engines.sqlite.files import aside_path, remove
from masker.engines.sqlite.inlet import SqliteWriter
from masker.engines.sqlite.loaded import SqliteLoaded
from masker.engines.sqlite.marker import took_place
from masker.engines.sqlite.publish import exchange
from masker.engines.sqlite.session import Session, Side
from masker.engines.sqlite.statements import run_statements
from masker.errors import Bug, ConfigError, MaskerError
from masker.findings import Finding, Findings, error
from masker.load.settings import TargetSettings
from masker.load.sqlite.origin import schema_of
from masker.load.target import Tell, silent
from masker.plan.model import Plan
from masker.rules.policy import Treatment


class Swap:
    """One run's new file beside the target, which the run holds."""

    alone = False  # whoever knows its name may look

    def __init__(self, plan: Plan, *, settings: TargetSettings, run: str) -> None:
        self.target: Path = settings.address.path
        self.aside = aside_path(self.target, run)
        self.published = False
        self._plan = plan
        self._settings = settings
        self._run = run
        self._schema: build.Schema | None = None

    def prepare(self, source: Origin, *, schemas: Sequence[str] = ()) -> Findings:
        """Create the new file with its tables; nothing is carried over before it is published."""
        del schemas  # a file has one
        lacking = Findings(tuple(self._recomputed()))
        if lacking:
            raise ConfigError.from_findings(lacking)
        made = schema_of(source)
        found = build.create(self.aside, made, exclude=self._excluded)
        self._schema = made
        return found

    def _recomputed(self) -> Iterator[Finding]:
        for step in self._plan.steps:
            for column in step.columns:
                if step.treatment is Treatment.LOAD and column.recomputed:
                    subject = f"{step.table}.{column.name}"
                    yield error(
                        "recompute-without-trigger",
                        f"`{subject}` shall be recomputed, and on SQLite triggers are made after "
                        "the rows",
                        subject=subject,
                        help="make it a generated column, or give it a transformer",
                    )

    @property
    def _excluded(self) -> frozenset[str]:
        return frozenset(
            step.table.name for step in self._plan.steps if step.treatment is Treatment.EXCLUDE
        )

    @property
    def writer(self) -> SqliteWriter:
        """Return the door through which a runner writes rows."""
        return SqliteWriter(self.aside)

    def finish(self, tell: Tell = silent) -> Findings:
        """Build what comes after the rows; CollisionError names an index that two rows break."""
        return build.finish(self.aside, self._made, exclude=self._excluded, tell=tell)

    def amend(self, statements: str, *, file: str) -> None:
        """Run a person's statements on the new file, all or none; errors name the file."""
        with Session.open(Address(self.aside), side=Side.TARGET) as session:
            run_statements(session, statements, file=file)

    def loaded(self) -> SqliteLoaded:
        """Open the new file for the audit."""
        return SqliteLoaded.open(self.aside)

    def publish(self, *, ledger: str = "") -> Findings:
        """Let the new file take the target's name; TryAgainError when the target stays in use."""
        mark = Marker(target=self.target.name, run=self._run, state=PUBLISHED, ledger=ledger)
        try:
            found = exchange(
                self.target,
                self.aside,
                mark,
                schema=self._made,
                wait=self._settings.wait,
                keep_previous=self._settings.keep_previous,
            )
        except BaseException:
            self.published = took_place(self.target, run=self._run)
            raise
        self.published = True
        return found

    def abandon(self) -> None:
        """Remove the new file; the target is as it was."""
        if not self.published:
            remove(self.aside)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, _: object
    ) -> None:
        if failure is None:
            self.abandon()
            return
        with suppress(MaskerError):  # what went wrong first is told; the next run drops orphans
            self.abandon()

    @property
    def _made(self) -> build.Schema:
        if self._schema is None:
            raise Bug("the swap was not prepared")
        return self._schema

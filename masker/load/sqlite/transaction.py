"""Load into the target file itself: `mode: replace`, `append` and `upsert`, in one transaction.

One connection does everything, from the first DELETE to the COMMIT, and the audit runs on it. A
process that dies before leaves a journal or a WAL, from which SQLite brings the old content back.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Self

from masker.engines.ddl import Origin
from masker.engines.marker import PUBLISHED, SHARED, Marker
from masker.engines.sqlite import layout as lay
from masker.engines.sqlite import marker
from masker.engines.sqlite.address import Address
from masker.engines.sqlite.catalog import SEQUENCE
from masker.engines.sqlite.open_transaction import (
    OpenLoaded,
    OpenWriter,
    Silenced,
    Written,
    dangling,
)
from masker.engines.sqlite.session import Session, Side
from masker.engines.sqlite.statements import run_inside
from masker.errors import Bug, ConfigError, DataError
from masker.findings import Findings, error
from masker.load.settings import APPEND, REPLACE, TargetSettings
from masker.load.sqlite.ground import Ground
from masker.load.sqlite.origin import schema_of
from masker.load.target import Tell, silent
from masker.plan.model import Plan


class Transaction:
    """One run's transaction on the target file, which the run holds."""

    alone = True

    def __init__(self, plan: Plan, *, settings: TargetSettings, run: str) -> None:
        self.target: Path = settings.address.path
        self.published = False
        self._plan = plan
        self._settings = settings
        self._run = run
        self._opened: Session | None = None
        self._looked: Ground | None = None
        self._written: Written | None = None
        self._silenced: Silenced | None = None
        self._broken: frozenset[tuple[str, str]] = frozenset()
        self._sequences: tuple[tuple[str, int], ...] = ()

    # -- before the rows -------------------------------------------------------------------------

    def prepare(self, source: Origin, *, schemas: Sequence[str] = ()) -> Findings:
        """Begin, keep triggers from acting on rows, and empty what is replaced.

        ConfigError where the tables do not take the plan's columns, TryAgainError where somebody
        else writes to the file.
        """
        del schemas  # a file has one
        session = Session.open(
            Address(self.target), side=Side.TARGET, busy=max(self._settings.wait, 1.0)
        )
        self._opened = session
        session.execute("BEGIN IMMEDIATE")
        ground = Ground.look(session, self._plan, mode=self._settings.mode)
        if ground.blocking:
            raise ConfigError.from_findings(ground.blocking)
        self._looked = ground
        self._broken = frozenset(dangling(session))
        self._sequences = schema_of(source).sequences
        self._silenced = Silenced(session)
        self._silenced.off()
        self._written = Written(session)
        if self._settings.mode == REPLACE:
            for table in ground.tables:
                session.execute(f"DELETE FROM {lay.sql(table)}")
        return Findings()

    # -- the rows --------------------------------------------------------------------------------

    @property
    def writer(self) -> OpenWriter:
        """Return the door through which the one lane writes rows."""
        return OpenWriter(
            session=self._session,
            keys=self._ground.keys,
            adds=self._settings.mode == APPEND,
        )

    def loaded(self) -> OpenLoaded:
        """Return the connection as the audit reads it: what this run wrote."""
        if self._written is None:
            raise Bug("the transaction was not prepared")
        tables = frozenset(self._ground.tables)
        return OpenLoaded(
            self._session,
            written=self._written,
            tables=tables,
            whole=tables if self._settings.mode == REPLACE else frozenset(),
        )

    # -- after the rows --------------------------------------------------------------------------

    def finish(self, tell: Tell = silent) -> Findings:
        """Make the triggers again; DataError names foreign keys that hold no longer."""
        if self._silenced is None:
            raise Bug("the transaction was not prepared")
        tell("constraints")
        self._silenced.on()
        self._check_links()
        return Findings()

    def _check_links(self) -> None:
        """Raise where rows break a foreign key that held before, of whichever table."""
        now = dangling(self._session)
        found = [
            error(
                "foreign-key-broken",
                f"rows of `{child}` refer to rows that `{now[child, number]}` does not hold",
                subject=f"{child}.{number}",
                help="load both tables in one run, or remove such rows from the target",
            )
            for child, number in sorted(now.keys() - self._broken)
        ]
        if found:
            raise DataError.from_findings(Findings(tuple(found)), "nothing is published")

    def amend(self, statements: str, *, file: str) -> None:
        """Run a person's statements inside the transaction; errors name the file."""
        run_inside(self._session, statements, file=file)
        self._check_links()

    # -- the end ---------------------------------------------------------------------------------

    def publish(self, *, ledger: str = "") -> Findings:
        """Set AUTOINCREMENT's counters, leave the marker, COMMIT.

        TryAgainError when others read the file for longer than `publish.wait`; nothing has changed.
        """
        session = self._session
        self._count_on(session)
        old = marker.read(session)
        state = PUBLISHED if old is not None and old.state == PUBLISHED else SHARED
        marker.write(
            session, Marker(target=self.target.name, run=self._run, state=state, ledger=ledger)
        )
        try:
            session.execute("COMMIT")
        except BaseException:
            session.close()
            self.published = marker.took_place(self.target, run=self._run)
            raise
        self.published = True
        return Findings()

    def _count_on(self, session: Session) -> None:
        """Let AUTOINCREMENT go on where the source's does, and never further back."""
        if session.one("SELECT 1 FROM sqlite_schema WHERE name = ?", [SEQUENCE]) is None:
            return
        names = {step.into.name for step in self._plan.steps}
        for name, last in self._sequences:
            if name in names:
                session.execute(
                    f"UPDATE {SEQUENCE} SET seq = ? WHERE name = ? AND seq < ?", [last, name, last]
                )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._opened is not None:
            self._opened.close()  # what is not committed is undone

    @property
    def _session(self) -> Session:
        if self._opened is None:
            raise Bug("the transaction was not prepared")
        return self._opened

    @property
    def _ground(self) -> Ground:
        if self._looked is None:
            raise Bug("the transaction was not prepared")
        return self._looked

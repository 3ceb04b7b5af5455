"""Load into the target itself: `mode: replace`, `append` and `upsert`, in one transaction.

One session does everything, from the first DELETE to the COMMIT, and the audit runs on it. Until
then others see the target as it was; whatever ends the session before undoes all of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from masker.catalog import TableName
from masker.engines.ddl import Origin
from masker.engines.marker import PUBLISHED, SHARED, Marker
from masker.engines.postgres import afterwards, databases, marker
from masker.engines.postgres.open_transaction import OpenLoaded, OpenWriter
from masker.engines.postgres.session import Session, Side, quote
from masker.engines.postgres.source import PostgresSource
from masker.engines.postgres.statements import run_inside
from masker.errors import Bug, ConfigError, UnsafeError
from masker.findings import Findings
from masker.load.postgres.ground import Ground, top_of
from masker.load.postgres.guard import replays
from masker.load.postgres.origin import of_origin
from masker.load.postgres.publish import took_place
from masker.load.settings import APPEND, REPLACE, TRUNCATE, TargetSettings
from masker.load.target import Tell, silent
from masker.plan.model import Plan

_LOCK = "SHARE ROW EXCLUSIVE"  # others read, and write nothing
_OWNED = """
SELECT pg_catalog.pg_has_role(datdba, 'USAGE') FROM pg_catalog.pg_database
 WHERE datname = current_database()
"""


class Transaction:
    """One run's transaction on the target; `maintenance` holds the target's run lock."""

    alone = True

    def __init__(
        self, plan: Plan, *, settings: TargetSettings, maintenance: Session, run: str
    ) -> None:
        self.target = settings.database
        self.published = False
        self._plan = plan
        self._settings = settings
        self._maintenance = maintenance
        self._run = run
        self._opened: Session | None = None
        self._looked: Ground | None = None
        self._views: tuple[TableName, ...] = ()
        self._amended = False

    # -- before the rows -------------------------------------------------------------------------

    def prepare(self, source: Origin, *, schemas: Sequence[str] = ()) -> Findings:
        """Begin, hold the tables, switch off what would act on rows, and empty what is replaced.

        `schemas` say nothing here: the tables are the target's own. ConfigError where they do not
        take the plan's columns, TryAgainError where others hold them.
        """
        del schemas
        origin = of_origin(source)
        session = Session.open(self._settings.address, side=Side.TARGET)
        self._opened = session
        if isinstance(origin, PostgresSource) and replays(origin.session, session):
            raise UnsafeError(
                "the source is a standby of the target's server: the target is its primary",
                help="name another server as target; nothing allows this",
                code="target-is-primary",
                subject=self.target,
            )
        session.execute("BEGIN")
        wait = f"{max(1, round(self._settings.wait * 1000))}ms"
        session.query("SELECT pg_catalog.set_config('lock_timeout', %s, true)", [wait])
        ground = Ground.look(session, self._plan, self._settings)
        if ground.blocking:
            raise ConfigError.from_findings(ground.blocking)
        self._looked = ground
        held = ground.emptied if self._settings.mode == REPLACE else ()
        for table in sorted({*ground.tables, *held}):
            session.execute(f"LOCK TABLE {_sql(table)} IN {_LOCK} MODE")
        session.execute("SET CONSTRAINTS ALL IMMEDIATE")
        ground.switches.off()
        if ground.switches.filled:  # triggers that stay on may rely on it
            path = ", ".join(quote(name) for name in self._plan.catalog.schemas)
            session.execute(f"SET LOCAL search_path = {path}")
        if self._settings.mode == REPLACE:
            self._empty(session, ground)
        for upsert in ground.upserts.values():
            session.execute(upsert.create)
        return Findings()

    def _empty(self, session: Session, ground: Ground) -> None:
        """Take the rows out of the tables, and of no table that inherits from one."""
        divided = {t.name for t in ground.catalog.tables if t.partitioning is not None}
        names = [_sql(name) if name in divided else f"ONLY {_sql(name)}" for name in ground.emptied]
        if self._settings.clear == TRUNCATE and names:
            session.execute(f"TRUNCATE {', '.join(names)}")
            return
        for name in names:
            session.execute(f"DELETE FROM {name}")

    # -- the rows --------------------------------------------------------------------------------

    @property
    def writer(self) -> OpenWriter:
        """Return the door through which the one lane writes rows."""
        return OpenWriter(
            session=self._session,
            upserts=self._ground.upserts,
            adds=self._settings.mode == APPEND,
        )

    def loaded(self) -> OpenLoaded:
        """Return the session as the audit reads it: what this run wrote."""
        touched = frozenset(self._ground.tables)
        return OpenLoaded(
            self._session,
            whole=self._whole if self._settings.mode == REPLACE else frozenset(),
            tables=touched | self._whole,
            anywhere=self._amended,
            views=frozenset(self._views),
        )

    @property
    def _whole(self) -> frozenset[TableName]:
        """Return the tables of the plan that hold rows, partitions too."""
        emptied = set(self._ground.emptied)
        found = set()
        for table in self._ground.catalog.tables:
            if top_of(self._ground.catalog, table.name) in emptied:
                found.add(table.name)
        return frozenset(found)

    # -- after the rows --------------------------------------------------------------------------

    def finish(self, tell: Tell = silent) -> Findings:
        """Switch on again what was off, refresh views and statistics.

        DataError names a foreign key that does not hold.
        """
        session, ground = self._session, self._ground
        tell("constraints")
        session.execute("SET LOCAL search_path = ''")
        ground.switches.on()
        tell("views")
        views = afterwards.views_of(session, ground.tables)
        self._views = tuple(name for name, _ in views)
        afterwards.refresh(session, self._views)
        tell("statistics")
        for table in ground.tables:
            session.execute(f"ANALYZE {_sql(table)}")
        return Findings()

    def amend(self, statements: str, *, file: str) -> None:
        """Run a person's statements inside the transaction; errors name the file."""
        self._amended = True
        run_inside(self._session, statements, file=file)
        self._session.execute("SET CONSTRAINTS ALL IMMEDIATE")
        afterwards.refresh(self._session, self._views)

    # -- the end ---------------------------------------------------------------------------------

    def publish(self, *, ledger: str = "") -> Findings:
        """Set sequences, leave the marker, COMMIT: from then on everybody sees the new rows.

        `ledger` is the head of the run ledger, which the marker repeats.
        """
        session = self._session
        afterwards.restart(session, afterwards.sequences_behind(session, self._plan.sequences))
        if session.one(_OWNED):
            self._mark(session, ledger)
        try:
            session.execute("COMMIT")
        except BaseException:
            self.published = took_place(self._maintenance, target=self.target, run=self._run)
            raise
        self.published = True
        return Findings()

    def _mark(self, session: Session, ledger: str) -> None:
        old = databases.read(session, self.target)
        if old is None:
            raise Bug("the target is not in its own catalog")
        text, mark = marker.part(old.comment)
        state = PUBLISHED if mark is not None and mark.state == PUBLISHED else SHARED
        new = Marker(target=self.target, run=self._run, state=state, ledger=ledger)
        databases.set_comment(session, self.target, marker.join(text, new))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._opened is not None:
            self._opened.close()  # what is not committed is undone by the server

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


def _sql(name: TableName) -> str:
    return quote(name.schema, name.name)

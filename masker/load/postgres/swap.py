"""Load beside the target, then take its place: the phases of `mode: swap`.

A run calls `prepare`, lets its runner COPY through `writer`, calls `finish`, audits the new
database, and only then `publish`. Leaving the `with` block unpublished drops the new database.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import Self

from masker.catalog import TableName
from masker.engines.ddl import Origin
from masker.engines.marker import LOADING, PUBLISHED, Marker
from masker.engines.postgres import (
    afterwards,
    build,
    databases,
    extensions,
    fit,
    grants,
    marker,
    recompute,
    schema,
)
from masker.engines.postgres.address import Address
from masker.engines.postgres.ddl import PostgresDdl
from masker.engines.postgres.inlet import PostgresWriter
from masker.engines.postgres.loaded import PostgresLoaded
from masker.engines.postgres.session import Session, Side
from masker.engines.postgres.source import PostgresSource
from masker.engines.postgres.statements import run_statements
from masker.engines.postgres.tools import Tools
from masker.errors import Bug, ConfigError, MaskerError, UnsafeError
from masker.findings import Findings, Severity, note
from masker.load.postgres.guard import follows
from masker.load.postgres.locks import aside_name, previous_name
from masker.load.postgres.origin import database_of, of_origin
from masker.load.postgres.publish import Exchange, put_back, put_in_place, took_place
from masker.load.settings import TargetSettings
from masker.load.target import Tell, silent
from masker.plan.model import Plan
from masker.rules.policy import Treatment


class Swap:
    """One run's new database beside the target; `maintenance` holds the target's run lock."""

    alone = False  # whoever knows its name may look

    def __init__(
        self, plan: Plan, *, settings: TargetSettings, maintenance: Session, run: str
    ) -> None:
        self.target = settings.database
        self.aside = aside_name(self.target, run)
        self.published = False
        self._plan = plan
        self._settings = settings
        self._maintenance = maintenance
        self._run = run
        self._old = databases.read(maintenance, self.target)
        self._like: databases.Database | None = None
        self._schema: schema.Schema | None = None
        self._recompute = recompute.Recomputation()
        self._refused: frozenset[str] = frozenset()

    # -- before the rows -------------------------------------------------------------------------

    def prepare(self, source: Origin, *, schemas: Sequence[str] = ()) -> Findings:
        """Create the new database with its tables, and rehearse all that is carried over to it.

        `schemas` are those that the pipeline names for the source (none: all of them). Errors
        raise (ConfigError, UnsafeError); what is returned are notes, and warnings to be accepted.
        """
        origin = of_origin(source)
        made = self._dump(origin, schemas)
        like = self._old or self._first(origin)
        self._like = like
        databases.create(
            self._maintenance,
            self.aside,
            like=like,
            template=self._settings.template,
            comment=marker.join("", self._mark(LOADING)),
        )
        if isinstance(origin, PostgresSource) and follows(origin.session, self.aside):
            raise UnsafeError(
                "the source is a standby of the target's server: the target is its primary",
                help="name another server as target; nothing allows this",
                code="target-is-primary",
                subject=self.target,
            )
        rehearsal = databases.rehearse(self._maintenance, databases.carry_over(like, self.aside))
        self._refused = frozenset(rehearsal)
        with self.open() as here:
            found = self._tables(here, made)
            rights = grants.carry_over(self._old_rights(), grants.read(here), owner=like.owner)
            refused = databases.rehearse(here, rights)
        return found + rehearsal.values() + refused.values()

    def _dump(self, origin: PostgresSource | PostgresDdl, schemas: Sequence[str]) -> schema.Schema:
        if self._settings.keep_schema:
            return self._dump_target()
        if isinstance(origin, PostgresDdl):
            return origin.fitted(schema.roles(self._maintenance))
        source = origin.session
        made = schema.dump(
            source,
            tools=Tools.find(source.version // 10000, folder=self._settings.tools),
            snapshot=origin.snapshot,
            schemas=schemas,
            exclude=[
                step.table for step in self._plan.steps if step.treatment is Treatment.EXCLUDE
            ],
        )
        return made.fitted(schema.roles(self._maintenance), schema.policy_roles(source))

    def _dump_target(self) -> schema.Schema:
        if self._old is None:
            raise ConfigError(
                f"`schema: keep` needs the target `{self.target}`, which does not exist",
                help="create it and run its migrations first",
                code="no-target",
                subject=self.target,
            )
        with Session.open(self._settings.address, side=Side.TARGET) as session:
            tools = Tools.find(session.version // 10000, folder=self._settings.tools)
            return schema.dump(session, tools=tools)

    def _tables(self, session: Session, made: schema.Schema) -> Findings:
        """Create what comes before the rows, and the triggers of recomputed columns."""
        wanted = [entry.name for entry in made.before if entry.kind == "EXTENSION"]
        lacking = extensions.check(session, wanted)
        if lacking:
            raise ConfigError.from_findings(lacking)
        build.prepare(session, made.settings)
        found = made.findings + build.run_before(session, made.before)
        loaded = [step for step in self._plan.steps if step.treatment is Treatment.LOAD]
        computed = {
            (step.into, column.name): not column.column.nullable
            for step in loaded
            for column in step.columns
            if column.recomputed
        }
        moved = {step.into: [column.name for column in step.moved] for step in loaded}
        found = found + fit.check(session, moved, computed=computed)
        columns: dict[TableName, list[str]] = {}
        for table, name in computed:
            columns.setdefault(table, []).append(name)
        self._recompute = recompute.plan(
            session,
            made.after,
            columns,
            required=frozenset(key for key, required in computed.items() if required),
            parents={
                table.name: table.parent
                for table in self._plan.catalog.tables
                if table.parent is not None
            },
        )
        found = found + self._recompute.findings
        if Findings(tuple(f for f in found if f.severity is Severity.ERROR)):
            raise ConfigError.from_findings(found)
        recompute.before_load(session, self._recompute)
        self._schema = made
        return found

    # -- the rows --------------------------------------------------------------------------------

    @property
    def writer(self) -> PostgresWriter:
        """Return the door through which a runner, in whichever process, writes rows."""
        path = self._plan.catalog.schemas if self._recompute.entries else ()
        return PostgresWriter(address=self._address, search_path=path)

    def open(self) -> Session:
        """Open a session on the new database, as its owner."""
        return Session.open(self._address, side=Side.TARGET)

    def loaded(self) -> PostgresLoaded:
        """Open the new database for the audit."""
        return PostgresLoaded(self.open())

    # -- after the rows --------------------------------------------------------------------------

    def finish(self, tell: Tell = silent) -> Findings:
        """Build what comes after the rows and carry the old rights over; `tell` hears each phase.

        CollisionError names the table and constraint under which two values are equal.
        """
        made, like = self._ready()
        with self.open() as session:
            tell("recompute")
            recompute.after_load(session, self._recompute, self._plan.catalog.schemas)
            tell("constraints")
            early = {entry.id for entry in self._recompute.entries}
            found = Findings() + build.run_after(
                [entry for entry in made.after if entry.id not in early],
                before=made.before,
                open_session=lambda: self._open_builder(made),
                workers=self._settings.workers,
            )
            tell("sequences")
            found = found + afterwards.set_sequences(session, self._plan.sequences)
            tell("views")
            empty = frozenset(view.name for view in self._plan.catalog.views if not view.populated)
            afterwards.refresh_views(session, skip=empty)
            tell("rights")
            statements = grants.carry_over(
                self._old_rights(), grants.read(session), owner=like.owner
            )
            found = found + databases.apply(session, statements).values()
        tell("statistics")
        afterwards.analyze(self.open, workers=self._settings.workers)
        return found

    def amend(self, statements: str, *, file: str) -> None:
        """Run a person's statements on the new database, all or none; errors name the file."""
        with self.open() as session:
            run_statements(session, statements, file=file)

    # -- the end ---------------------------------------------------------------------------------

    def publish(self, *, ledger: str = "") -> Findings:
        """Put the new database in the target's place, in one transaction.

        TryAgainError when the target stays in use; it is then as it was. `ledger` is the head of
        the run ledger, which the marker repeats.
        """
        self._ready()
        # What people changed on the target since the run began counts, too.
        old = databases.read(self._maintenance, self.target)
        try:
            expired = put_in_place(
                self._exchange,
                target=self.target,
                aside=self.aside,
                like=old or self._like_or_bug,
                skip=self._refused,
                mark=self._mark(PUBLISHED, ledger=ledger),
                replaces=old is not None,
            )
        except BaseException:
            self.published = took_place(self._maintenance, target=self.target, run=self._run)
            raise
        self.published = True
        spare = [expired] if expired else []
        if old is not None and not self._settings.keep_previous:
            spare.append(previous_name(self.target))
        found = []
        for name in spare:
            try:
                databases.drop(self._maintenance, name)
            except MaskerError as failure:  # published it is: a remainder is only told of
                found.append(
                    note("orphan-not-dropped", failure.message, subject=name, help=failure.help)
                )
        return Findings(tuple(found))

    def abandon(self) -> None:
        """Drop the new database; the target is as it was."""
        if not self.published and not self._maintenance.closed:
            self._maintenance.rollback()
            databases.drop(self._maintenance, self.aside)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        failure: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if failure is None:
            self.abandon()
            return
        with suppress(MaskerError):  # what went wrong first is told; the next run drops orphans
            self.abandon()

    # -- its own ---------------------------------------------------------------------------------

    def _first(self, origin: PostgresSource | PostgresDdl) -> databases.Database:
        """Return what a target that does not exist yet shall be: the source's text, our owner."""
        role = str(self._maintenance.one("SELECT current_user"))
        return databases.fresh(database_of(origin), name=self.target, owner=role)

    def _old_rights(self) -> grants.AllRights:
        if self._old is None:
            return grants.AllRights((), ())
        with Session.open(self._settings.address, side=Side.TARGET) as session:
            return grants.read(session)

    @property
    def _address(self) -> Address:
        address: Address = self._settings.address
        return address.at(self.aside)

    def _open_builder(self, made: schema.Schema) -> Session:
        session = self.open()
        build.prepare(session, made.settings)
        return session

    def _mark(self, state: str, *, ledger: str = "") -> Marker:
        return Marker(target=self.target, run=self._run, state=state, ledger=ledger)

    def _ready(self) -> tuple[schema.Schema, databases.Database]:
        if self._schema is None:
            raise Bug("the swap was not prepared")
        return self._schema, self._like_or_bug

    @property
    def _like_or_bug(self) -> databases.Database:
        if self._like is None:
            raise Bug("the swap was not prepared")
        return self._like

    @property
    def _exchange(self) -> Exchange:
        return Exchange(
            maintenance=self._maintenance,
            terminate=self._settings.terminate,
            wait=self._settings.wait,
        )


def rollback(settings: TargetSettings, *, maintenance: Session) -> None:
    """Put the copy that the last run replaced back in the target's place, and keep the other."""
    put_back(
        Exchange(maintenance=maintenance, terminate=settings.terminate, wait=settings.wait),
        target=settings.database,
    )

"""A target on a PostgreSQL server, held by an advisory lock of its server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from masker.engines.ddl import Origin
from masker.engines.marker import Marker
from masker.engines.postgres import databases, marker
from masker.engines.postgres.session import Session, Side
from masker.errors import ConfigError
from masker.findings import Findings
from masker.load.postgres.ground import Ground
from masker.load.postgres.guard import guard, occupied
from masker.load.postgres.locks import drop_orphans, open_maintenance, previous_name, run_lock
from masker.load.postgres.origin import known
from masker.load.postgres.preflight import no_target, preflight, standing
from masker.load.postgres.swap import Swap, rollback
from masker.load.postgres.transaction import Transaction
from masker.load.room import expected_size
from masker.load.settings import TargetSettings
from masker.plan.model import Plan


@contextmanager
def hold(settings: TargetSettings) -> Iterator[PostgresTarget]:
    """Hold a target for one run; TryAgainError when another run has it."""
    with (
        open_maintenance(settings.address) as maintenance,
        run_lock(maintenance, settings.database),
    ):
        yield PostgresTarget(settings, maintenance)


class PostgresTarget:
    """A target whose run lock `maintenance` holds."""

    def __init__(self, settings: TargetSettings, maintenance: Session) -> None:
        self._settings = settings
        self._maintenance = maintenance
        self.previous = previous_name(settings.database)

    def refusals(self, source: Origin) -> Findings:
        """Return what the guard says of it, asked in the target itself where it exists."""
        with self._inside() as target:
            return guard(
                source=known(source),
                target=target,
                database=self._settings.database,
                allow=self._settings.allow,
                mode=self._settings.mode,
            )

    @contextmanager
    def _inside(self) -> Iterator[Session]:
        if databases.read(self._maintenance, self._settings.database) is None:
            yield self._maintenance
            return
        with Session.open(self._settings.address, side=Side.TARGET) as target:
            yield target

    def obstacles(self, plan: Plan, *, run: str, source: Origin) -> Findings:
        """Return what would make the run fail later: rights, names, room, replication."""
        if not self._settings.swaps:
            return self._ground(plan, source=source)
        return preflight(
            self._maintenance,
            settings=self._settings,
            run=run,
            source_version=known(source).version,
            expected=expected_size(plan),
        )

    def _ground(self, plan: Plan, *, source: Origin) -> Findings:
        if databases.read(self._maintenance, self._settings.database) is None:
            return Findings((no_target(self._settings),))
        found = standing(
            self._maintenance,
            settings=self._settings,
            source_version=known(source).version,
            expected=expected_size(plan),
        )
        with Session.open(self._settings.address, side=Side.TARGET) as session:
            return found + Ground.look(session, plan, self._settings).findings

    def marker(self) -> Marker | None:
        """Return what it says of the run that filled it, None where no run did."""
        found = databases.read(self._maintenance, self._settings.database)
        return marker.part(found.comment)[1] if found else None

    def drop_orphans(self) -> Findings:
        """Drop what killed runs left beside it."""
        return drop_orphans(self._maintenance, self._settings.database)

    def swap(self, plan: Plan, *, run: str) -> Swap | Transaction:
        """Return what loads a new database beside it and exchanges the two, or loads it itself."""
        if not self._settings.swaps:
            return Transaction(
                plan, settings=self._settings, maintenance=self._maintenance, run=run
            )
        return Swap(plan, settings=self._settings, maintenance=self._maintenance, run=run)

    def check_previous(self) -> None:
        """Refuse to bring back what was the target before masker's first run, and empty."""
        if databases.read(self._maintenance, self.previous) is None:
            return  # told by the exchange itself
        address = self._maintenance.address.at(self.previous)
        with Session.open(address, side=Side.TARGET) as session:
            if occupied(session):
                return
        name = self._settings.database
        raise ConfigError(
            f"the previous copy `{self.previous}` is empty: `{name}` held nothing before "
            "masker's first run",
            help="there is nothing to bring back; from the second run on there is",
            code="previous-empty",
            subject=self.previous,
        )

    def put_back(self) -> None:
        """Exchange it with the copy that the last run replaced."""
        rollback(self._settings, maintenance=self._maintenance)

"""A target that is a SQLite file, held by a lock on a file beside it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from masker.engines.ddl import Origin
from masker.engines.marker import Marker
from masker.engines.sqlite.files import occupied, previous_path
from masker.engines.sqlite.locks import drop_orphans, run_lock
from masker.engines.sqlite.marker import read_marker
from masker.engines.sqlite.publish import put_back
from masker.engines.sqlite.session import Session, Side
from masker.errors import ConfigError
from masker.findings import Findings
from masker.load.room import expected_size
from masker.load.settings import TargetSettings
from masker.load.sqlite.ground import Ground
from masker.load.sqlite.guard import guard
from masker.load.sqlite.origin import known_place
from masker.load.sqlite.preflight import no_target, preflight, standing
from masker.load.sqlite.swap import Swap
from masker.load.sqlite.transaction import Transaction
from masker.plan.model import Plan


@contextmanager
def hold(settings: TargetSettings) -> Iterator[SqliteTarget]:
    """Hold a target for one run; TryAgainError when another run has it."""
    with run_lock(settings.address.path):
        yield SqliteTarget(settings)


class SqliteTarget:
    """A target file whose run lock is held."""

    def __init__(self, settings: TargetSettings) -> None:
        self._settings = settings
        self._path: Path = settings.address.path
        self.previous = previous_path(self._path).name

    def refusals(self, source: Origin) -> Findings:
        """Return what the guard says of it."""
        return guard(
            source=known_place(source),
            target=self._path,
            allow=self._settings.allow,
            mode=self._settings.mode,
        )

    def obstacles(self, plan: Plan, *, run: str, source: Origin) -> Findings:
        """Return what would make the run fail later: names, rights, room."""
        del source
        if not self._settings.swaps:
            return self._ground(plan)
        return preflight(self._settings, run=run, expected=expected_size(plan))

    def _ground(self, plan: Plan) -> Findings:
        if not self._path.exists():
            return Findings((no_target(self._settings),))
        found = standing(self._settings, expected=expected_size(plan))
        with Session.open(self._settings.address, side=Side.TARGET, mode="ro") as session:
            return found + Ground.look(session, plan, mode=self._settings.mode).findings

    def marker(self) -> Marker | None:
        """Return what it says of the run that filled it, None where no run did."""
        return read_marker(self._path)

    def drop_orphans(self) -> Findings:
        """Drop what killed runs left beside it."""
        return drop_orphans(self._path)

    def swap(self, plan: Plan, *, run: str) -> Swap | Transaction:
        """Return what loads a new file beside it, to take its name, or what loads it itself."""
        if not self._settings.swaps:
            return Transaction(plan, settings=self._settings, run=run)
        return Swap(plan, settings=self._settings, run=run)

    def check_previous(self) -> None:
        """Refuse to bring back what was the target before masker's first run, and empty."""
        kept = previous_path(self._path)
        if not kept.exists() or occupied(kept):
            return
        raise ConfigError(
            f"the previous copy `{self.previous}` is empty: `{self._path.name}` held nothing "
            "before masker's first run",
            help="there is nothing to bring back; from the second run on there is",
            code="previous-empty",
            subject=self.previous,
        )

    def put_back(self) -> None:
        """Exchange it with the copy that the last run replaced."""
        put_back(self._path, wait=self._settings.wait)

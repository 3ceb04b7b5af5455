"""Bring the previous data of a target back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from masker.engines.postgres import databases, marker
from masker.engines.postgres.session import Session, Side
from masker.errors import ConfigError
from masker.keys import Keyring
from masker.ledger import ledger
from masker.load.guard import occupied
from masker.load.locks import open_maintenance, previous_name, run_lock
from masker.load.settings import TargetSettings
from masker.load.swap import rollback as swap_back
from masker.pipelines.planning import key_of
from masker.pipelines.record import LEDGER, RECORDS
from masker.pipelines.target import settings_of
from masker.rules.pipeline import Pipeline, load_pipeline

ROLLING_BACK, ROLLED_BACK = "rolling-back", "rolled-back"


@dataclass(frozen=True, slots=True, kw_only=True)
class RolledBack:
    """What stands where.

    `now` is the run whose data the target holds, None where no run of masker filled it;
    `previous` names the database that keeps what stood there.
    """

    target: str
    now: str | None
    previous: str


def rollback(
    pipeline: str | Path | Pipeline,
    *,
    records: str | Path = RECORDS,
    environ: Mapping[str, str],
) -> RolledBack:
    """Exchange a target with the copy kept by the last publish; a second call exchanges back.

    The ledger in the folder `records` gets a line before and one after. ConfigError when no copy
    was kept or it is empty, TryAgainError when the target stays in use; then nothing is changed.
    """
    made = (
        pipeline
        if isinstance(pipeline, Pipeline)
        else load_pipeline(Path(pipeline), environ=environ)
    )
    settings, keys = settings_of(made), key_of(made, environ)
    path = Path(records) / LEDGER
    with (
        open_maintenance(settings.address) as maintenance,
        run_lock(maintenance, settings.database),
    ):
        before = _run_of(maintenance, settings.database)
        _look_into(maintenance, settings)
        _write(path, made, settings, outcome=ROLLING_BACK, run=before, keys=keys)
        swap_back(settings, maintenance=maintenance)
        now = _run_of(maintenance, settings.database)
        _write(path, made, settings, outcome=ROLLED_BACK, run=now, keys=keys)
    return RolledBack(target=settings.database, now=now, previous=previous_name(settings.database))


def _run_of(maintenance: Session, database: str) -> str | None:
    found = databases.read(maintenance, database)
    mark = marker.part(found.comment if found else None)[1]
    return mark.run if mark and mark.run else None


def _look_into(maintenance: Session, settings: TargetSettings) -> None:
    """Refuse a copy in which there is nothing: the target was empty before masker's first run."""
    previous = previous_name(settings.database)
    if databases.read(maintenance, previous) is None:
        return  # told by the exchange itself
    with Session.open(maintenance.address.at(previous), side=Side.TARGET) as session:
        if occupied(session):
            return
    raise ConfigError(
        f"the previous copy `{previous}` is empty: `{settings.database}` held nothing before "
        "masker's first run",
        help="there is nothing to bring back; from the second run on there is",
        code="previous-empty",
        subject=previous,
    )


def _write(
    path: Path,
    pipeline: Pipeline,
    settings: TargetSettings,
    *,
    outcome: str,
    run: str | None,
    keys: Keyring,
) -> None:
    """Tell the ledger; `run` is the one whose data the target holds at that moment."""
    facts = {
        "run": run,
        "pipeline": pipeline.name,
        "outcome": outcome,
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "target": str(settings.address),
    }
    ledger.append(path, facts, keys=keys)

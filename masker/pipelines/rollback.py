"""Bring the previous data of a target back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from masker.errors import ConfigError
from masker.keys import Keyring
from masker.ledger import LEDGER, ROLLBACK, ROLLED_BACK, ROLLING_BACK, ledger
from masker.load.settings import SWAP, TargetSettings
from masker.load.target import Target
from masker.load.targets import hold
from masker.pipelines.planning import key_of
from masker.pipelines.record import RECORDS
from masker.pipelines.target import settings_of
from masker.rules.pipeline import Pipeline, load_pipeline


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
    if made.target.mode != SWAP:
        raise ConfigError(
            f"`mode: {made.target.mode}` keeps no previous copy, so there is nothing to roll back",
            help="restore the target's own backup; `mode: swap` keeps the copy that it replaces",
            code="no-previous",
            subject=made.target.mode,
        )
    settings, keys = settings_of(made), key_of(made, environ)
    path = Path(records) / LEDGER
    with hold(settings) as target:
        before = _run_of(target)
        target.check_previous()
        _write(path, made, settings, outcome=ROLLING_BACK, run=before, keys=keys)
        target.put_back()
        now = _run_of(target)
        _write(path, made, settings, outcome=ROLLED_BACK, run=now, keys=keys)
        return RolledBack(target=settings.database, now=now, previous=target.previous)


def _run_of(target: Target) -> str | None:
    mark = target.marker()
    return mark.run if mark and mark.run else None


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
        "kind": ROLLBACK,
        "outcome": outcome,
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "target": str(settings.address),
    }
    ledger.append(path, facts, keys=keys)

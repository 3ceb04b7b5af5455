"""Bring the previous data of a target back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from masker.engines.postgres import databases, marker
from masker.load.locks import open_maintenance, previous_name, run_lock
from masker.load.swap import rollback as swap_back
from masker.pipelines.target import settings_of
from masker.rules.pipeline import Pipeline, load_pipeline


@dataclass(frozen=True, slots=True, kw_only=True)
class RolledBack:
    """What stands where: `now` is the run whose data the target holds, `previous` the other."""

    target: str
    now: str
    previous: str


def rollback(pipeline: Path | Pipeline, *, environ: Mapping[str, str]) -> RolledBack:
    """Exchange a target with the copy kept by the last publish; a second call exchanges back.

    ConfigError when no copy was kept, TryAgainError when the target stays in use.
    """
    made = pipeline if isinstance(pipeline, Pipeline) else load_pipeline(pipeline, environ=environ)
    settings = settings_of(made)
    with (
        open_maintenance(settings.address) as maintenance,
        run_lock(maintenance, settings.database),
    ):
        swap_back(settings, maintenance=maintenance)
        found = databases.read(maintenance, settings.database)
        mark = marker.part(found.comment if found else None)[1]
    return RolledBack(
        target=settings.database,
        now=mark.run if mark and mark.run else "before masker's first run",
        previous=previous_name(settings.database),
    )

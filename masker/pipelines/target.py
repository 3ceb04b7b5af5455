"""The target as a pipeline describes it: settings, sessions, and every reason not to touch it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from masker.engines.postgres import databases, marker
from masker.engines.postgres.address import Address
from masker.engines.postgres.marker import Marker
from masker.engines.postgres.session import Session, Side
from masker.findings import Findings
from masker.load.guard import guard
from masker.load.preflight import preflight
from masker.load.settings import TargetSettings
from masker.plan.model import Plan
from masker.rules.pipeline import Pipeline
from masker.rules.policy import Treatment


def settings_of(pipeline: Pipeline) -> TargetSettings:
    """Return what a pipeline says of its target, in the words of loading and publishing."""
    target, publish = pipeline.target, pipeline.publish
    return TargetSettings(
        address=Address.parse(target.url),
        allow=frozenset(target.allow),
        template=target.template,
        keep_schema=target.structure == "keep",
        terminate=publish.terminate,
        wait=publish.wait.total_seconds(),
        keep_previous=publish.keep_previous > 0,
        workers=max(2, pipeline.workers),  # indexes build on the server, not here
        disk=target.disk,
        tools=pipeline.path(pipeline.tools) if pipeline.tools else None,
    )


def refusals(source: Session, maintenance: Session, *, settings: TargetSettings) -> Findings:
    """Return what the guard says of the target, asked in the target itself where it exists."""
    with _inside(maintenance, settings) as target:
        return guard(source=source, target=target, database=settings.database, allow=settings.allow)


def marker_of(maintenance: Session, settings: TargetSettings) -> Marker | None:
    """Return what the target says of the run that filled it, None where no run did."""
    found = databases.read(maintenance, settings.database)
    return marker.part(found.comment)[1] if found else None


@contextmanager
def _inside(maintenance: Session, settings: TargetSettings) -> Iterator[Session]:
    if databases.read(maintenance, settings.database) is None:
        yield maintenance
        return
    with Session.open(settings.address, side=Side.TARGET) as target:
        yield target


def obstacles(
    maintenance: Session, plan: Plan, *, settings: TargetSettings, run: str, source: Session
) -> Findings:
    """Return what would make the run fail later: rights, names, room, replication."""
    sizes = [step.bytes for step in plan.steps if step.treatment is Treatment.LOAD]
    known = [size for size in sizes if size is not None]
    return preflight(
        maintenance,
        settings=settings,
        run=run,
        source_version=source.version,
        expected=sum(known) if known else None,
    )

"""Survey a source and move its rows: what a run and a snapshot have in common."""

from __future__ import annotations

from functools import partial

from masker.engines.engine import Writer
from masker.engines.registry import engine_named
from masker.evidence import Evidence, RunKey
from masker.extract import Extract, ranges
from masker.pipelines.planning import Planned, lanes_of, pace_of
from masker.pipelines.watch import Watch
from masker.runners.lane import BATCH_BYTES, Journey
from masker.runners.local import run_here, run_workers
from masker.survey import KnownPrints, survey


def surveyed(ready: Planned, *, run_key: RunKey, watch: Watch) -> KnownPrints | None:
    """Return what texts may name of the source's values, None where nothing asks for it."""
    if not ready.plan.ways:
        return None
    watch.phase("survey")
    reader = ready.source.reader(encoding=ready.pipeline.source.encoding)
    with Extract.open(reader, pace=pace_of(ready.pipeline, began=ready.began)) as extract:
        engine = engine_named(ready.plan.catalog.engine)
        read = partial(extract.frames, engine=engine, batch_bytes=BATCH_BYTES)
        return survey(ready.plan, read, run_key=run_key)


def moved(
    ready: Planned, writer: Writer, known: KnownPrints | None, *, run_key: RunKey, watch: Watch
) -> Evidence:
    """Move the rows of all tables through the masks to a writer, and close the source."""
    lanes = lanes_of(ready.pipeline)
    journey = Journey(
        plan=ready.plan,
        keys=ready.keys.export(),
        run_key=run_key.export(),
        reader=ready.source.reader(encoding=ready.pipeline.source.encoding),
        writer=writer,
        pace=pace_of(ready.pipeline, began=ready.began),
        known=known,
    )
    parts = ranges(ready.plan, workers=lanes, kept=ready.kept)
    if lanes == 1:
        evidence = run_here(journey, parts, progress=watch.moved)
    else:
        evidence = run_workers(journey, parts, workers=lanes, progress=watch.moved)
    ready.source.close()  # production keeps no old rows for us while indexes build
    return evidence

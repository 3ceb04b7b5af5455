"""One run of a pipeline, from the source to the target's users: the whole road on a page."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from masker.audit import audit
from masker.engines.registry import engine_named
from masker.evidence import Evidence, RunKey
from masker.extract import Extract, ranges
from masker.keys import Keyring
from masker.load.target import Swap
from masker.load.targets import hold
from masker.pipelines.planning import Planned, key_of, lanes_of, opened, pace_of, planned, refuse
from masker.pipelines.record import RECORDS, Record, Run
from masker.pipelines.target import settings_of
from masker.pipelines.watch import Nobody, Watch
from masker.rules.pipeline import Pipeline
from masker.runners.lane import BATCH_BYTES, Journey
from masker.runners.local import run_here, run_workers
from masker.survey import KnownPrints, survey


def run(
    pipeline: str | Path | Pipeline,
    *,
    records: str | Path = RECORDS,
    workers: int | None = None,
    keys: Keyring | None = None,
    watch: Watch | None = None,
    environ: Mapping[str, str] | None = None,
    roots: Sequence[str] = (),
) -> Run:
    """Refresh a pipeline's target and return the record of the run.

    Nothing of the target changes before the audit has passed. Raises ConfigError, UnsafeError,
    LeakError, DataError or TryAgainError; whichever it is, the target's users still see the old
    data, whole, and what was begun is cleaned up. `records` is the folder of manifests and of the
    ledger; `workers`, `keys` and `roots` (as on the command line) take the place of the pipeline's.
    """
    environ = os.environ if environ is None else environ
    made = opened(pipeline, environ, roots=roots)
    if workers is not None:
        made = made.model_copy(update={"workers": workers})
    with Record.begin(made, keys=keys or key_of(made, environ), folder=Path(records)) as record:
        _road(made, record, record.watching(watch or Nobody()))
    return record.run


def _road(pipeline: Pipeline, record: Record, watch: Watch) -> None:
    settings = settings_of(pipeline)
    watch.phase("plan")
    with hold(settings) as target, planned(pipeline, keys=record.keys) as ready:
        refuse(
            record.note(target.refusals(ready.source))
            + record.plan(ready.plan)
            + target.obstacles(ready.plan, run=record.id, source=ready.source)
        )
        record.settle(target.marker())
        record.note(target.drop_orphans())
        watch.planned(ready.plan)
        with (
            target.swap(ready.plan, run=record.id) as swap,
            RunKey.random() as run_key,
        ):
            watch.phase("schema")
            refuse(record.note(swap.prepare(ready.source, schemas=pipeline.source.schemas)))
            known = _survey(ready, run_key=run_key, watch=watch)
            watch.phase("load")
            evidence = _move(ready, swap, known, run_key=run_key, watch=watch)
            record.moved(evidence)
            refuse(record.note(swap.finish(watch.phase)))
            watch.phase("audit")
            record.proved(audit(ready.plan, evidence, target=swap.loaded, run_key=run_key))
            watch.phase("publish")
            try:
                record.note(swap.publish(ledger=record.seal()))
            finally:
                if swap.published:
                    record.published()


def _survey(ready: Planned, *, run_key: RunKey, watch: Watch) -> KnownPrints | None:
    if not ready.plan.ways:
        return None
    watch.phase("survey")
    reader = ready.source.reader(encoding=ready.pipeline.source.encoding)
    with Extract.open(reader, pace=pace_of(ready.pipeline, began=ready.began)) as extract:
        engine = engine_named(ready.plan.catalog.engine)
        read = partial(extract.frames, engine=engine, batch_bytes=BATCH_BYTES)
        return survey(ready.plan, read, run_key=run_key)


def _move(
    ready: Planned, swap: Swap, known: KnownPrints | None, *, run_key: RunKey, watch: Watch
) -> Evidence:
    lanes = lanes_of(ready.pipeline)
    journey = Journey(
        plan=ready.plan,
        keys=ready.keys.export(),
        run_key=run_key.export(),
        reader=ready.source.reader(encoding=ready.pipeline.source.encoding),
        writer=swap.writer,
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

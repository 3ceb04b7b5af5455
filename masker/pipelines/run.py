"""One run of a pipeline, from the source to the target's users: the whole road on a page."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from masker.audit import audit
from masker.evidence import RunKey
from masker.keys import Keyring
from masker.load.target import Swap
from masker.load.targets import hold
from masker.pipelines.moving import moved, surveyed
from masker.pipelines.planning import key_of, opened, planned, refuse
from masker.pipelines.pools import changed_pools
from masker.pipelines.record import RECORDS, Record, Run
from masker.pipelines.target import settings_of
from masker.pipelines.watch import Nobody, Watch
from masker.rules.pipeline import Pipeline


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
            + record.note(changed_pools(record.run))
            + record.note(target.obstacles(ready.plan, run=record.id, source=ready.source))
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
            known = surveyed(ready, run_key=run_key, watch=watch)
            watch.phase("load")
            evidence = moved(ready, swap.writer, known, run_key=run_key, watch=watch)
            record.moved(evidence)
            refuse(record.note(swap.finish(watch.phase)))
            watch.phase("arrival" if pipeline.statements else "audit")
            record.proved(
                audit(
                    ready.plan,
                    evidence,
                    target=swap.loaded,
                    run_key=run_key,
                    workers=1 if swap.alone else 2,
                    amend=_amend(pipeline, swap, watch),
                )
            )
            watch.phase("publish")
            try:
                record.note(swap.publish(ledger=record.seal()))
            finally:
                if swap.published:
                    record.published()


def _amend(pipeline: Pipeline, swap: Swap, watch: Watch) -> Callable[[], None] | None:
    """Return what runs the statements of `after` between the audit's two parts, None without."""
    statements = pipeline.statements
    if statements is None:
        return None

    def amend() -> None:
        watch.phase("after")
        swap.amend(statements.text, file=statements.file)
        watch.phase("audit")

    return amend

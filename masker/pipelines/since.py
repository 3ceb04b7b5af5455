"""Whether a target was refreshed since a moment, by whichever machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from masker.engines.marker import PUBLISHED, SHARED
from masker.ledger import LEDGER, RUN, began_at, history
from masker.load.targets import hold
from masker.pipelines.planning import key_of, opened
from masker.pipelines.settle import manifest_of, settle
from masker.pipelines.target import settings_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Refresh:
    """The run that has published a target.

    `settled` is its manifest where it had not said so and its record was completed now; `path` is
    where that lies.
    """

    run: str
    settled: Mapping[str, object] | None
    path: Path


def refreshed_since(
    pipeline: Path, moment: datetime, *, records: Path, environ: Mapping[str, str]
) -> Refresh | None:
    """Return the run that has published the target since a moment, None where none has.

    A run that the ledger in `records` knows as one of another pipeline does not count; one that
    it does not know is another machine's. One that began here and ended before it could say that
    it published is completed. TryAgainError while another run works on the target.
    """
    made = opened(pipeline, environ)
    with hold(settings_of(made)) as target:
        mark = target.marker()
        if mark is None or mark.state not in {PUBLISHED, SHARED}:
            return None
        began = began_at(mark.run)
        if began is None or began < moment.replace(microsecond=0):
            return None
        known = {entry.run: entry for entry in history(records / LEDGER)}
        run = known.get(mark.run)
        if run is not None and (run.pipeline, run.kind) != (made.name, RUN):
            return None
        path = manifest_of(mark.run, pipeline=made.name, records=records)
        # While the target is held, nobody else writes that record.
        settled = (
            settle(mark, pipeline=made.name, records=records, keys=key_of(made, environ))
            if path.exists()
            else None
        )
        return Refresh(run=mark.run, settled=settled, path=path)

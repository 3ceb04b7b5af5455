"""Whether a target was refreshed since a moment, by whichever machine."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from masker.engines.marker import PUBLISHED, SHARED
from masker.ledger import LEDGER, history
from masker.load.targets import hold
from masker.pipelines.planning import opened
from masker.pipelines.target import settings_of

_MOMENT = "%Y%m%d%H%M%S"  # as the name of a run begins


def refreshed_since(
    pipeline: Path, moment: datetime, *, records: Path, environ: Mapping[str, str]
) -> str:
    """Return the run that has published the target since a moment, an empty text where none has.

    A run that the ledger in `records` knows as one of another pipeline does not count; one that
    it does not know is another machine's. TryAgainError while another run works on the target.
    """
    made = opened(pipeline, environ)
    with hold(settings_of(made)) as target:
        mark = target.marker()
    if mark is None or mark.state not in {PUBLISHED, SHARED}:
        return ""
    began = _began(mark.run)
    if began is None or began < moment.replace(microsecond=0):
        return ""
    known = {entry.run: entry.pipeline for entry in history(records / LEDGER)}
    return mark.run if known.get(mark.run, made.name) == made.name else ""


def _began(run: str) -> datetime | None:
    try:
        return datetime.strptime(run.partition("_")[0], _MOMENT).replace(tzinfo=UTC)
    except ValueError:  # somebody else's name
        return None

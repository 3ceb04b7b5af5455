"""Whether a target was refreshed since a moment, by whichever machine."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from masker.engines.marker import PUBLISHED
from masker.load.targets import hold
from masker.pipelines.planning import opened
from masker.pipelines.target import settings_of

_MOMENT = "%Y%m%d%H%M%S"  # as the name of a run begins


def refreshed_since(pipeline: Path, moment: datetime, *, environ: Mapping[str, str]) -> str:
    """Return the run that has published the target since a moment, an empty text where none has.

    TryAgainError while another run works on the target.
    """
    with hold(settings_of(opened(pipeline, environ))) as target:
        mark = target.marker()
    if mark is None or mark.state != PUBLISHED:
        return ""
    began = _began(mark.run)
    return mark.run if began is not None and began >= moment.replace(microsecond=0) else ""


def _began(run: str) -> datetime | None:
    try:
        return datetime.strptime(run.partition("_")[0], _MOMENT).replace(tzinfo=UTC)
    except ValueError:  # somebody else's name
        return None

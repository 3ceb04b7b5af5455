"""The ledger's line of what left none itself: a run that did not begin, or did not come so far."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from masker.errors import MaskerError
from masker.keys import Keyring
from masker.ledger import LEDGER, RUN, append
from masker.pipelines.planning import key_of
from masker.rules.pipeline import Pipeline
from masker.schedule.end import End


def write_line(
    records: Path,
    end: End,
    *,
    pipeline: str,
    target: str,
    due: datetime | None = None,
    keys: Keyring,
) -> None:
    """Write the line of an end; TryAgainError where the ledger cannot be written.

    The line of a run that was skipped names the run that had refreshed the target.
    """
    facts = {
        "run": end.run,
        "pipeline": pipeline,
        "kind": RUN,
        "outcome": end.outcome,
        "due": _text(due),
        "started": _text(end.started),
        "finished": _text(end.finished),
        "target": target,
        "rows": 0,
        "exit_code": end.exit_code,
        "codes": list(end.codes),
    }
    append(records / LEDGER, facts, keys=keys)


def keys_of_line(pipeline: Pipeline | None, environ: Mapping[str, str]) -> Keyring:
    """Return the key of such a line; that of a wrong file may have none."""
    try:
        if pipeline is not None:
            return key_of(pipeline, environ)
        return Keyring.from_environment(environ) or Keyring.ephemeral()
    except MaskerError:
        return Keyring.ephemeral()


def _text(moment: datetime | None) -> str:
    return moment.isoformat(timespec="seconds") if moment else ""

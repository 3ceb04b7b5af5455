"""How a scheduled run ended, in the words that log, ledger, notices and metrics share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from masker.errors import Bug, ConfigError, Interrupted, TryAgainError, UnsafeError
from masker.findings import error
from masker.ledger import FAILED, MISSED, PUBLISHED, REFUSED, SKIPPED
from masker.schedule.log import in_words

DIED = "run-died"
TRY_AGAIN, STOPPED, BUG = TryAgainError.exit_code, Interrupted.exit_code, Bug.exit_code
_NOTHING_DONE = frozenset({ConfigError.exit_code, UnsafeError.exit_code})


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """What became of a run, or of one that did not begin.

    `findings` are those that stopped it, as JSON objects; `manifest` is the file of its manifest.
    """

    outcome: str
    exit_code: int
    run: str = ""
    message: str = ""
    findings: tuple[Mapping[str, object], ...] = ()
    rows: int = 0
    started: datetime | None = None
    finished: datetime | None = None
    manifest: Path | None = None
    drift: tuple[str, ...] = field(default=())

    @property
    def codes(self) -> tuple[str, ...]:
        """Return the codes of what stopped it, sorted."""
        return tuple(sorted({str(finding.get("code", "")) for finding in self.findings}))

    @property
    def well(self) -> bool:
        """Tell whether nobody has to do anything."""
        return self.outcome in {PUBLISHED, SKIPPED}

    @property
    def again(self) -> bool:
        """Tell whether the same call may succeed later."""
        return self.exit_code == TRY_AGAIN or DIED in self.codes

    @property
    def seconds(self) -> float | None:
        """Return how long it took."""
        if self.started is None or self.finished is None:
            return None
        return (self.finished - self.started).total_seconds()

    @property
    def why(self) -> str:
        """Return in words what stopped it."""
        told = [str(finding.get("message", finding.get("code", ""))) for finding in self.findings]
        return "; ".join(told) or self.message or "no reason is known"

    @property
    def sentence(self) -> str:
        """Return what became of it, in a sentence."""
        took = f" in {in_words(self.seconds)}" if self.seconds else ""
        if self.outcome == PUBLISHED:
            return f"published run {self.run}{took}, {self.rows:,} rows"
        if self.outcome in {SKIPPED, MISSED}:
            return self.message
        return f"{self.outcome} with exit code {self.exit_code}{took}"


def outcome_of(exit_code: int) -> str:
    """Return the outcome of a run that did not publish."""
    return REFUSED if exit_code in _NOTHING_DONE else FAILED


def run_of(manifest: Path | None) -> str:
    """Return the run that a manifest's name ends with, an empty text where there is none."""
    return manifest.stem.rpartition("-")[2] if manifest else ""


def not_again(end: End, why: str) -> End:
    """Return how a run ended that was to be tried again and will not be."""
    told = error(
        "not-tried-again",
        f"it was to be tried again, but {why}",
        help="`masker run` by hand refreshes the target now",
    )
    return replace(end, findings=(*end.findings, told.as_json()))


def died(how: str, *, help: str, exit_code: int = BUG, at: datetime | None = None) -> End:
    """Return the end of a run whose process died, or never lived: nothing is known from itself."""
    told = error(DIED, how, help=help)
    return End(
        outcome=FAILED, exit_code=exit_code, findings=(told.as_json(),), started=at, finished=at
    )

"""The runs that a ledger tells of: one entry per run, however many lines it left."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from masker.errors import Bug, TryAgainError
from masker.ledger.ledger import read

LEDGER = "ledger.jsonl"  # its file in the folder of records
PUBLISHED, PUBLISHING, REFUSED, FAILED = "published", "publishing", "refused", "failed"
SKIPPED, MISSED = "skipped", "missed"
ROLLING_BACK, ROLLED_BACK = "rolling-back", "rolled-back"
OUTCOMES = (
    *(PUBLISHED, PUBLISHING, REFUSED, FAILED, SKIPPED, MISSED),
    *(ROLLING_BACK, ROLLED_BACK),
)
# What a line tells of; a line that does not say is a run's, or by its outcome a rollback's.
RUN, SNAPSHOT, LOAD, ROLLBACK = "run", "snapshot", "load", "rollback"
# What a run's own lines say of it; any other but a rollback's two, or of none, stands by itself.
_OF_RUNS = frozenset({PUBLISHING, PUBLISHED, REFUSED, FAILED})
_OF_ROLLBACKS = frozenset({ROLLING_BACK, ROLLED_BACK})
_MOMENT = "%Y%m%d%H%M%S"  # as the name of a run begins


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One run, or what stands in place of one, as the ledger tells it; moments are in UTC.

    `kind` is what it was: a run of a pipeline, a snapshot, a load of one, or a rollback.
    What was skipped names in `run` the one, maybe another machine's, that had refreshed the target.
    `codes` are those of the findings that stopped it, `due` when its schedule wanted it. Of a
    rollback `run` is the one that stands in the target since, `in_place_of` the one before.
    """

    run: str
    pipeline: str
    outcome: str
    kind: str = RUN
    target: str = ""
    started: datetime | None = None
    finished: datetime | None = None
    due: datetime | None = None
    rows: int = 0
    exit_code: int | None = None
    codes: tuple[str, ...] = ()
    manifest: str = ""
    in_place_of: str = ""

    @property
    def seconds(self) -> float | None:
        """Return how long it took, None where the ledger does not tell."""
        if self.started is None or self.finished is None:
            return None
        return (self.finished - self.started).total_seconds()

    @property
    def moment(self) -> datetime:
        """Return when it began, or whatever is known of when it was."""
        return self.started or self.finished or self.due or datetime.fromtimestamp(0, UTC)

    @property
    def ran(self) -> bool:
        """Tell whether it refreshed its pipeline's target, or should have.

        A snapshot, a load and a rollback say nothing of that.
        """
        return self.kind == RUN and self.exit_code is not None

    @property
    def refreshed(self) -> datetime | None:
        """Return when the run began that has refreshed the target, None where it tells of none."""
        if not self.ran or self.exit_code != 0 or not self.run:
            return None
        return began_at(self.run) if self.outcome == SKIPPED else self.moment

    def as_json(self) -> dict[str, object]:
        """Return the entry as a JSON object."""
        return {
            "run": self.run or None,
            "pipeline": self.pipeline,
            "outcome": self.outcome,
            "kind": self.kind,
            "target": self.target,
            "due": _text(self.due),
            "started": _text(self.started),
            "finished": _text(self.finished),
            "seconds": self.seconds,
            "rows": self.rows,
            "exit_code": self.exit_code,
            "codes": list(self.codes),
            "manifest": self.manifest or None,
            "in_place_of": self.in_place_of or None,
        }


def began_at(run: str) -> datetime | None:
    """Return when a run began, by its name; None for a name that no run of masker has."""
    try:
        return datetime.strptime(run.partition("_")[0], _MOMENT).replace(tzinfo=UTC)
    except ValueError:
        return None


def history(path: Path) -> tuple[Entry, ...]:
    """Return what a ledger tells, in the order of the first lines; nothing is verified.

    A run that was about to publish and never said that it did is `publishing`: the target's
    marker knows, and the next run writes it down. A rollback that began and never said that it
    did it is `rolling-back`.
    """
    entries: list[Entry] = []
    places: dict[str, int] = {}
    begun: dict[tuple[str, str], int] = {}  # rollbacks of a target
    for line in read(path):
        entry = _entry(line)
        of = entry.pipeline, entry.target
        if entry.outcome == ROLLED_BACK and of in begun:
            here = begun.pop(of)
            entries[here] = _done(entries[here], entry)
        elif entry.outcome not in _OF_RUNS or not entry.run:  # what has no name has one line
            if entry.outcome == ROLLING_BACK:
                begun[of] = len(entries)
            entries.append(entry)
        elif entry.run in places:
            here = places[entry.run]
            entries[here] = _later(entries[here], entry)
        else:
            places[entry.run] = len(entries)
            entries.append(entry)
    return tuple(entries)


def chosen(
    entries: Iterable[Entry],
    *,
    pipelines: frozenset[str] = frozenset(),
    outcomes: frozenset[str] = frozenset(),
    since: datetime | None = None,
) -> tuple[Entry, ...]:
    """Return the entries of these pipelines, with these outcomes, from a moment on."""
    return tuple(
        entry
        for entry in entries
        if (not pipelines or entry.pipeline in pipelines)
        and (not outcomes or entry.outcome in outcomes)
        and (since is None or entry.moment >= since)
    )


def _later(before: Entry, line: Entry) -> Entry:
    """Return what is known once a later line of the same run is read."""
    return replace(
        before,
        outcome=line.outcome,
        finished=line.finished or before.finished,
        exit_code=line.exit_code,
        codes=line.codes,
    )


def _done(begun: Entry, line: Entry) -> Entry:
    """Return a rollback whose second line is read, too."""
    return replace(line, started=begun.finished, in_place_of=begun.run)


def _entry(line: Mapping[str, object]) -> Entry:
    outcome = str(line.get("outcome", ""))
    codes = line.get("codes")
    rows = line.get("rows")
    return Entry(
        run=str(line.get("run") or ""),
        pipeline=str(line.get("pipeline", "")),
        outcome=outcome,
        kind=str(line.get("kind") or (ROLLBACK if outcome in _OF_ROLLBACKS else RUN)),
        target=str(line.get("target", "")),
        started=_moment(line.get("started")),
        finished=_moment(line.get("finished")),
        due=_moment(line.get("due")),
        rows=rows if isinstance(rows, int) else 0,
        exit_code=_exit_code(line, outcome),
        codes=tuple(map(str, codes)) if isinstance(codes, list) else (),
        manifest=str(line.get("manifest") or ""),
    )


def _exit_code(line: Mapping[str, object], outcome: str) -> int | None:
    told = line.get("exit_code")
    if outcome == PUBLISHED:
        return 0
    if outcome == PUBLISHING:
        return TryAgainError.exit_code
    if isinstance(told, int):
        return told
    return Bug.exit_code if outcome in _OF_RUNS else None


def _moment(written: object) -> datetime | None:
    if not isinstance(written, str) or not written:
        return None
    try:
        read = datetime.fromisoformat(written)
    except ValueError:
        return None
    return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None

"""The scheduler's own file: that it lives, what is due next, and what has been settled.

A scheduler that starts reads it, so that a run is missed, and made up for, across a restart.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import socket
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from masker.errors import TryAgainError

STATUS, LOCK = "schedule.json", "schedule.lock"
SILENT = timedelta(seconds=60)  # without a beat for so long a scheduler counts as dead
_MODE = 0o644  # it holds names and moments only


def read_status(records: Path) -> dict[str, object]:
    """Return what the last scheduler wrote here, nothing where there was none.

    TryAgainError for a file that is there and cannot be read, or is none of ours.
    """
    try:
        status = json.loads((records / STATUS).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except OSError as failure:
        raise _unreadable(records, (failure.strerror or "unknown").lower()) from None
    except ValueError:
        raise _unreadable(records, "it is no JSON") from None
    if not isinstance(status, dict) or not isinstance(status.get("pipelines", {}), dict):
        raise _unreadable(records, "it is no scheduler's")
    return status


def _unreadable(records: Path, reason: str) -> TryAgainError:
    return TryAgainError(
        f"the scheduler's `{STATUS}` in `{records}` cannot be read: {reason}",
        help="make it readable; a scheduler that starts writes it anew",
        code="status-unreadable",
    )


def settled_until(status: Mapping[str, object], pipeline: str) -> datetime | None:
    """Return the moment up to which nothing of a pipeline is missed; None if it is not known."""
    pipelines = status.get("pipelines")
    facts = pipelines.get(pipeline) if isinstance(pipelines, dict) else None
    return moment_of(facts.get("settled")) if isinstance(facts, dict) else None


def wrong_before(status: Mapping[str, object], wrong: Iterable[Path]) -> dict[str, object]:
    """Return what is kept of pipelines whose files are wrong, as a scheduler before left them.

    Nothing is kept of those that are gone: what comes back later has missed nothing.
    """
    pipelines, files = status.get("pipelines"), set(map(str, wrong))
    return {
        name: {**facts, "state": "wrong"}
        for name, facts in (pipelines.items() if isinstance(pipelines, dict) else ())
        if isinstance(facts, dict) and facts.get("file") in files
    }


def write_status(records: Path, pipelines: Mapping[str, object], *, now: datetime) -> None:
    """Write a beat, whole or not at all; TryAgainError when the folder takes none."""
    facts = {"host": socket.gethostname(), "process": os.getpid(), "pipelines": pipelines}
    _store(records, {"beat": now.isoformat(), **facts})


def forget_beat(records: Path) -> None:
    """Say that the scheduler has stopped, and keep what it has settled."""
    with contextlib.suppress(TryAgainError):  # then health sees the silence a minute later
        status = read_status(records)
        if status:
            _store(records, {**status, "beat": None})


def _store(records: Path, status: Mapping[str, object]) -> None:
    temporary: Path | None = None
    try:
        descriptor, name = tempfile.mkstemp(dir=records, prefix=f".{STATUS}.")
        temporary = Path(name)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), _MODE)
            json.dump(status, file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(records / STATUS)
    except OSError as failure:
        if temporary:
            with contextlib.suppress(OSError):  # what cannot be written may not be removable either
                temporary.unlink()
        raise TryAgainError(
            f"the scheduler's `{STATUS}` cannot be written into `{records}`: {failure.strerror}",
            help="make the folder writable, or name another: --records FOLDER",
            code="status-unwritable",
        ) from None


def check_health(records: Path, *, now: datetime) -> dict[str, object]:
    """Return the status of a scheduler that lives; TryAgainError for one that is silent."""
    status = read_status(records)
    beat = moment_of(status.get("beat"))
    if beat is None:
        raise TryAgainError(
            f"the scheduler of `{records}` was stopped"
            if "process" in status
            else f"no scheduler has written into `{records}`",
            help="start one: masker schedule FOLDER --records …; both must name the same folder",
            code="scheduler-silent",
        )
    silent = now - beat
    if silent > SILENT:
        raise TryAgainError(
            f"the scheduler of `{records}` was last heard {silent.total_seconds():.0f} s ago",
            help="restart it; what it missed meanwhile is made up for, once",
            code="scheduler-silent",
        )
    return status


@contextmanager
def only_scheduler(records: Path) -> Iterator[None]:
    """Hold a folder of records for one scheduler; TryAgainError when another has it."""
    try:
        records.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(records / LOCK, os.O_RDWR | os.O_CREAT, _MODE)
    except OSError as failure:
        raise TryAgainError(
            f"the folder `{records}` cannot be written: {failure.strerror}",
            help="make it writable, or name another: --records FOLDER",
            code="status-unwritable",
        ) from None
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise TryAgainError(
                f"another scheduler works with `{records}`",
                help="stop it first, or give this one a folder of its own: --records FOLDER",
                code="scheduler-running",
            ) from None
        yield
    finally:
        os.close(descriptor)


def moment_of(written: object) -> datetime | None:
    """Read a moment, None where it is none."""
    try:
        read = datetime.fromisoformat(str(written))
    except ValueError:
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)

"""One run per target, and no remains of killed ones."""

from __future__ import annotations

import errno
import fcntl
import glob
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from masker.engines.marker import PUBLISHED, SHARED
from masker.engines.sqlite.files import (
    COMPANIONS,
    EXPIRED,
    INFIX,
    LOCK,
    ROLLBACK,
    aside_path,
    previous_path,
    remove,
    run_of,
    same_file,
    told,
)
from masker.engines.sqlite.marker import is_loading, read_marker
from masker.errors import ConfigError, MaskerError, TryAgainError
from masker.findings import Finding, Findings, note

_DENIED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


@contextmanager
def run_lock(target: Path) -> Iterator[None]:
    """Hold the target for this run; TryAgainError when another run has it.

    The lock is a file beside the target. The system gives it back when the process ends, in
    whatever way.
    """
    path = aside_path(target, LOCK)
    descriptor = _locked(path, target)
    try:
        yield
    finally:
        # While it is held: whoever waits for this very file finds that it has gone.
        path.unlink(missing_ok=True)
        os.close(descriptor)


def _locked(path: Path, target: Path) -> int:
    while True:
        descriptor = _opened(path, target)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if path.exists() and os.path.samestat(path.stat(), os.fstat(descriptor)):
                return descriptor
        except BlockingIOError:
            os.close(descriptor)
            raise TryAgainError(
                f"another run of masker works on the target `{target.name}`",
                help="wait until it ends, then try again",
                code="target-locked",
                subject=target.name,
            ) from None
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _opened(path: Path, target: Path) -> int:
    with told(target):
        try:
            return os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
        except (FileNotFoundError, NotADirectoryError):
            raise ConfigError(
                f"the folder of the target `{target}` does not exist",
                help="make it, or check the path in the URL",
                code="no-folder",
                subject=target.name,
            ) from None
        except OSError as failure:
            if failure.errno not in _DENIED:
                raise
            owner = _owner(path)
            if owner is not None:
                raise _held_by_another(path, target, owner) from None
            raise ConfigError(
                f"the folder of the target `{target}` cannot be written",
                help="the new file is made beside the target: grant the right to write there",
                code="folder-not-writable",
                subject=target.name,
            ) from None


def _owner(path: Path) -> int | None:
    """Return the number of a file's owner, None where there is none or nobody may look."""
    with suppress(OSError):
        return path.stat().st_uid
    return None


def _held_by_another(path: Path, target: Path, owner: int) -> TryAgainError:
    """Return what is known of a lock that only its owner may open, as every run makes its own."""
    return TryAgainError(
        f"a run of another user (number {owner}) works on `{target.name}`, or died there",
        help=f"wait until it ends, then try again; if none runs, they may remove `{path.name}`",
        code="target-locked",
        subject=target.name,
    )


def drop_orphans(target: Path) -> Findings:
    """Drop what killed runs left beside the target; call it under the target's run lock.

    An exchange that was cut short is finished: either the old target is still in its place, or it
    becomes the previous copy.
    """
    found: list[Finding] = []
    keep = {aside_path(target, LOCK), previous_path(target)}
    for path in sorted(target.parent.glob(f"{glob.escape(target.name)}{INFIX}*")):
        if path in keep or path.name.endswith(COMPANIONS) or not path.is_file():
            continue
        run = path.name.removeprefix(target.name + INFIX)
        if run == ROLLBACK or run.endswith(EXPIRED):
            _finish(target, path)
            continue
        try:
            found.append(_dropped(path, target))
        except OSError:  # another user's run made it
            found.append(
                note(
                    "orphan-not-dropped",
                    f"`{path.name}`, which a run left, may not be looked into",
                    subject=path.name,
                    help="its owner may remove it",
                )
            )
    return Findings(tuple(found))


def _dropped(path: Path, target: Path) -> Finding:
    if not _is_orphan(path, target):
        return note(
            "unknown-database",
            f"the database `{path.name}` is named like a remainder of a run, but is none; it stays",
            subject=path.name,
            help="drop it if it is nobody's",
        )
    try:
        remove(path)
    except MaskerError as failure:
        return note("orphan-not-dropped", failure.message, subject=path.name, help=failure.help)
    return note(
        "orphan-dropped", f"`{path.name}`, left by a killed run, is dropped", subject=path.name
    )


def _finish(target: Path, between: Path) -> None:
    with told(target):
        if target.exists() and same_file(target, between):
            between.unlink()  # nothing had been exchanged yet
        else:
            between.replace(previous_path(target))


def _is_orphan(path: Path, target: Path) -> bool:
    if is_loading(path):
        return True
    try:
        mark = read_marker(path)
    except MaskerError:  # no database: somebody else's
        return False
    if mark is None or mark.target != target.name:
        return False
    # Marked as published just before the rename that never came; what was published by another run
    # and bears such a name now, a person has renamed.
    return mark.state not in {PUBLISHED, SHARED} or mark.run == run_of(path)[1]

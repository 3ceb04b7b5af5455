"""The files around a target: how they are called, whose they are, that they are on the disk."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from masker.engines.sqlite.address import Address
from masker.engines.sqlite.session import Session, Side
from masker.errors import ConfigError, TryAgainError
from masker.findings import Finding, error

INFIX = "_masker_"
PREVIOUS = "previous"
LOCK = "lock"
EXPIRED = "_expired"  # behind a run's name: the old target, on its way to be the previous copy
ROLLBACK = "rollback"  # the same, while target and previous copy change places
# What SQLite keeps beside a file while it is open or after a crash.
COMPANIONS = ("-journal", "-wal", "-shm")
_ROOT = 0
_RIGHTS = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_OCCUPIED = """
SELECT 1 FROM sqlite_schema WHERE type IN ('table', 'view')
   AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' LIMIT 1
"""


def aside_path(target: Path, run: str) -> Path:
    """Return the file that a run loads."""
    return target.with_name(f"{target.name}{INFIX}{run}")


def previous_path(target: Path) -> Path:
    """Return the file in which the target's former content is kept for a rollback."""
    return aside_path(target, PREVIOUS)


def run_of(aside: Path) -> tuple[str, str]:
    """Return the target's name and the run of a file that `aside_path` named."""
    target, _, run = aside.name.rpartition(INFIX)
    return target, run


def same_file(one: Path, other: Path) -> bool:
    """Tell whether two paths lead to one file, by whatever links."""
    try:
        return one.samefile(other)
    except OSError:  # one of them does not exist
        return one.resolve() == other.resolve()


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Turn what the system says inside the block of a file, or of one beside it, into our errors.

    ConfigError where a right is missing, TryAgainError where a disk fails or is full.
    """
    try:
        yield
    except OSError as failure:
        why = (failure.strerror or type(failure).__name__).lower()
        sentence = f"the system refuses to exchange `{path.name}` or a file beside it: {why}"
        if failure.errno in _RIGHTS:
            raise ConfigError(
                sentence,
                help="let whoever runs masker make, rename and remove all of them",
                code="file-refused",
                subject=path.name,
            ) from None
        raise TryAgainError(
            sentence,
            help="look at the disk, then try again",
            code="file-refused",
            subject=path.name,
        ) from None


def stuck(target: Path, *, keep_previous: bool) -> Iterator[Finding]:
    """Yield an error for the target, and its previous copy, where it may be written, not replaced.

    In a folder with the sticky bit only a file's owner, the folder's and root may.
    """
    for path in (target, previous_path(target)) if keep_previous else (target,):
        with told(path):
            if not path.exists():
                continue
            folder, owner = path.parent.stat(), path.stat().st_uid
        if folder.st_mode & stat.S_ISVTX and os.geteuid() not in {_ROOT, folder.st_uid, owner}:
            yield error(
                "sticky-folder",
                f"`{path.name}` belongs to another user (number {owner}), and in its folder, which "
                "has the sticky bit, only they may replace it",
                subject=path.name,
                help="run as that user, or put the target into a folder of its own",
            )


def occupied(path: Path) -> bool:
    """Tell whether there is a file with a table or view of its own."""
    if not path.exists():
        return False
    with Session.open(Address(path), side=Side.TARGET, mode="ro") as session:
        return session.one(_OCCUPIED) is not None


def free_bytes(target: Path) -> int:
    """Return the room that is left where the target lies."""
    with told(target):
        return shutil.disk_usage(target.parent).free


def companions(path: Path) -> Iterator[Path]:
    """Yield the names of the files that SQLite may keep beside one."""
    for ending in COMPANIONS:
        yield path.with_name(path.name + ending)


def remove(path: Path) -> None:
    """Remove a file and what SQLite kept beside it; no connection may be open."""
    for each in (*companions(path), path):
        with told(path), suppress(FileNotFoundError):
            each.unlink()


def sync(path: Path) -> None:
    """Bring a file or a folder to the disk.

    No connection of this process may be open: closing a descriptor of a file gives up every lock
    that the process has on it. https://www.sqlite.org/howtocorrupt.html, "Posix advisory locks"
    """
    with told(path):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

"""Put a new file in the target's place with one rename, while nobody has the old one open.

Whoever opens the target before the rename sees the old content, after it the new one; a crash
leaves one of the two, whole. Connections that stay open would be a danger to both files, even idle
ones (`holders.py` says why), so they are waited for.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from masker.engines.marker import PUBLISHED, Marker
from masker.engines.sqlite import marker
from masker.engines.sqlite.address import Address
from masker.engines.sqlite.build import Schema
from masker.engines.sqlite.files import (
    EXPIRED,
    ROLLBACK,
    aside_path,
    companions,
    previous_path,
    stuck,
    sync,
    told,
)
from masker.engines.sqlite.holders import holders
from masker.engines.sqlite.session import Session, Side
from masker.errors import ConfigError, MaskerError, TryAgainError
from masker.findings import Finding, Findings, note, warning

WAL = "wal"
_BUSY = frozenset({"sqlite-busy", "sqlite-locked", "sqlite-protocol"})
_PAUSE = 0.05
_LOOK = 0.25  # seconds between looks at all processes
_READABLE = 0o644  # of a target that was not there, less what the process's umask takes away


def exchange(
    target: Path,
    aside: Path,
    mark: Marker,
    *,
    schema: Schema,
    wait: float,
    keep_previous: bool,
) -> Findings:
    """Put the file `aside` in the target's place, marked as published.

    It takes the old target's owner, rights and journal mode, or the source's journal mode where
    there is no target. Others are waited for `wait` seconds; TryAgainError when they keep the file
    open, or the disk fails, ConfigError when a right is missing; then nothing has changed.
    """
    published = replace(mark, state=PUBLISHED)
    with told(target):
        if target.exists():
            return _replaced(target, aside, published, wait=wait, keep_previous=keep_previous)
        _prepare(aside, published, journal_mode=schema.journal_mode)
        aside.chmod(_READABLE & ~_umask())
        sync(aside)
        _put_first(target, aside)
    return Findings()


def _replaced(
    target: Path, aside: Path, mark: Marker, *, wait: float, keep_previous: bool
) -> Findings:
    _check_stuck(target, keep_previous=keep_previous)
    findings: list[Finding] = []
    with _alone(target, wait=wait) as journal_mode:
        _prepare(aside, mark, journal_mode=journal_mode)
        findings += _carry_over(target, aside)
        sync(aside)
        old = _rename(target, aside, run=mark.run, keep_previous=keep_previous)
    if old is not None:
        set_journal_mode(old, journal_mode)
        findings += _still_open(target, old)
        findings += _not_kept(target, old)
    return Findings(tuple(findings))


def _check_stuck(target: Path, *, keep_previous: bool) -> None:
    """Raise ConfigError before anything is linked that could not be removed again."""
    found = Findings(tuple(stuck(target, keep_previous=keep_previous)))
    if found:
        raise ConfigError.from_findings(found)


def put_back(target: Path, *, wait: float) -> None:
    """Exchange the target and its previous copy; ConfigError without one."""
    previous, between = previous_path(target), aside_path(target, ROLLBACK)
    for path in (target, previous):
        if not path.exists():
            raise ConfigError(
                f"there is no database `{path.name}`, so there is nothing to roll back",
                help="a run keeps the copy that it replaces unless `keep_previous: 0`",
                code="no-previous",
                subject=path.name,
            )
    _check_stuck(target, keep_previous=True)
    with (
        told(target),
        _alone(target, wait=wait) as mode,
        _alone(previous, wait=wait) as other,
    ):
        _link(target, between)
        previous.replace(target)
        sync(target.parent)
        between.replace(previous)
        sync(target.parent)
    set_journal_mode(target, other)
    set_journal_mode(previous, mode)


def set_journal_mode(path: Path, mode: str) -> None:
    """Give a file that nobody has open the journal mode that is kept in it: WAL or none."""
    with Session.open(Address(path), side=Side.TARGET) as session:
        if mode == WAL or session.one("PRAGMA journal_mode") == WAL:
            session.query(f"PRAGMA journal_mode = {WAL if mode == WAL else 'DELETE'}")


def _prepare(aside: Path, mark: Marker, *, journal_mode: str) -> None:
    with Session.open(Address(aside), side=Side.TARGET) as session:
        marker.write(session, mark)
    set_journal_mode(aside, journal_mode)


def _put_first(target: Path, aside: Path) -> None:
    """Give the target's name to a file where nothing has that name."""
    for each in companions(target):  # of a file that somebody removed without them
        each.unlink(missing_ok=True)
    try:
        target.hardlink_to(aside)  # unlike a rename it replaces nothing
    except FileExistsError:
        raise TryAgainError(
            f"the target `{target.name}` came into being during the run, so nothing is published",
            help="is it another's? if not, try again",
            code="target-in-use",
        ) from None
    except OSError:  # a file system without hard links
        aside.replace(target)
    else:
        aside.unlink()
    sync(target.parent)


def _rename(target: Path, aside: Path, *, run: str, keep_previous: bool) -> Path | None:
    """Replace the target, whose lock is held; the old one becomes the previous copy.

    Return where the old one is now, None where it is not kept.
    """
    for each in companions(target):  # SQLite would take them for the new file's
        each.unlink(missing_ok=True)
    if not keep_previous:
        aside.replace(target)
        sync(target.parent)
        return None
    expired = aside_path(target, f"{run}{EXPIRED}")
    _link(target, expired)
    try:
        aside.replace(target)
    except OSError:
        expired.unlink()
        raise
    sync(target.parent)
    try:
        expired.replace(previous_path(target))
    except OSError:  # published it is: that is not undone for the old copy's name
        return expired
    sync(target.parent)
    return previous_path(target)


def _not_kept(target: Path, old: Path) -> Iterator[Finding]:
    if old != previous_path(target):
        yield warning(
            "previous-not-kept",
            f"`{target.name}` is published, but its old content, `{old.name}`, could not take the "
            "name of the previous copy, so `masker rollback` does not find it",
            subject=old.name,
            help=f"rename it to `{previous_path(target).name}`; the next run tries it, too",
        )


def _link(path: Path, another: Path) -> None:
    try:
        another.hardlink_to(path)
    except OSError:
        raise ConfigError(
            f"the folder of `{path.name}` knows no hard links, so the old content cannot be kept",
            help="set `publish: {keep_previous: 0}`, or put the target on another file system",
            code="no-hard-links",
            subject=path.name,
        ) from None


@contextmanager
def _alone(path: Path, *, wait: float) -> Iterator[str]:
    """Hold a file so that nobody else reads or writes it; yield the journal mode that it had.

    A journal that a crash left is rolled back, and a WAL is written into the file: neither may lie
    beside a file that it does not belong to.
    """
    with _told(path):
        session = Session.open(Address(path), side=Side.TARGET, busy=max(wait, _PAUSE))
    mode = ""
    try:
        with _told(path):
            mode = session.one("PRAGMA journal_mode")
            if mode == WAL:
                _leave_wal(session, wait=wait)
            session.execute("BEGIN EXCLUSIVE")
        _wait_until_closed(path, wait=wait)
        yield mode
    except BaseException:
        session.close()
        if mode == WAL:  # as it was
            with suppress(MaskerError):
                set_journal_mode(path, WAL)
        raise
    session.close()


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Say of a lock of somebody else's what it means here."""
    try:
        yield
    except TryAgainError as failure:
        if failure.code not in _BUSY:
            raise
        raise _in_use(path) from None


def _leave_wal(session: Session, *, wait: float) -> None:
    deadline = time.monotonic() + wait
    while True:
        try:
            if session.one("PRAGMA journal_mode = DELETE") != WAL:
                return
        except TryAgainError as failure:
            if failure.code not in _BUSY:
                raise
        if time.monotonic() >= deadline:
            raise _in_use(session.address.path)
        time.sleep(_PAUSE)


def _wait_until_closed(path: Path, *, wait: float) -> None:
    """Wait until the session that holds a file is alone in having it open."""
    deadline = time.monotonic() + wait
    while others := holders(path, own=1):
        if time.monotonic() >= deadline:
            raise _in_use(path, others)
        time.sleep(_LOOK)


def _in_use(path: Path, processes: Sequence[int] = ()) -> TryAgainError:
    who = f"process {', '.join(map(str, processes))}" if processes else "another connection"
    return TryAgainError(
        f"`{path.name}` is in use by {who}, so nothing is published; its users still see the old "
        "content",
        help="stop what has it open, idle or not, or raise `publish.wait`",
        code="target-in-use",
        subject=path.name,
    )


def _carry_over(target: Path, aside: Path) -> Iterator[Finding]:
    """Give a file the rights and the owner of another."""
    old = target.stat()
    try:
        if (old.st_uid, old.st_gid) != (aside.stat().st_uid, aside.stat().st_gid):
            os.chown(aside, old.st_uid, old.st_gid)
    except PermissionError:
        yield note(
            "owner-not-carried",
            f"the new `{target.name}` belongs to whoever ran masker, not to the old file's owner",
            subject=target.name,
            help="run masker as the owner, or give the file to them",
        )
    aside.chmod(stat.S_IMODE(old.st_mode))


def _still_open(target: Path, old: Path) -> Iterator[Finding]:
    """Tell of those who opened the old file after it was last looked who has it open."""
    others = holders(old)
    if others:
        yield note(
            "target-still-open",
            f"{len(others)} processes opened the old `{target.name}` at the last moment and still "
            "have it open",
            subject=target.name,
            help=f"end them before they do harm: process {', '.join(map(str, others))}",
        )


def _umask() -> int:
    """Return the process's umask, which can only be asked for by setting it."""
    before = os.umask(0o077)
    os.umask(before)
    return before

"""What can be known to fail before anything is done: the folder, names, rights, room."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from masker.engines.sqlite.files import aside_path, free_bytes, previous_path, stuck
from masker.engines.sqlite.holders import holders
from masker.findings import Finding, Findings, error, note, warning
from masker.load.room import check_room
from masker.load.settings import TargetSettings

NAME_BYTES = 255  # of a file's name, on all usual file systems
_ROOT = 0


def preflight(settings: TargetSettings, *, run: str, expected: int | None) -> Findings:
    """Look at the target's folder and say what stands in a run's way, all at once."""
    target: Path = settings.address.path
    free = settings.disk if settings.disk is not None else free_bytes(target)
    return Findings(
        (
            *_names(target, run),
            *_owner(target),
            *stuck(target, keep_previous=settings.keep_previous),
            *_open(target),
            *check_room(expected, free, database=target.name),
        )
    )


def standing(settings: TargetSettings, *, expected: int | None) -> Findings:
    """Look at a file that is loaded itself, and say what stands in the way.

    `expected` is how many bytes come in.
    """
    target: Path = settings.address.path
    free = settings.disk if settings.disk is not None else free_bytes(target)
    return Findings((*_writable(target), *check_room(expected, free, database=target.name)))


def no_target(settings: TargetSettings) -> Finding:
    """Return the finding of a target that should have tables and does not exist."""
    return error(
        "no-target",
        f"`mode: {settings.mode}` needs the target `{settings.database}`, which does not exist",
        subject=settings.database,
        help="create it and run its migrations first",
    )


def _writable(target: Path) -> Iterator[Finding]:
    if not os.access(target, os.W_OK):
        yield error(
            "target-not-writable",
            f"the target `{target.name}` may not be written",
            subject=target.name,
            help="run as its owner, or change its rights",
        )


def _names(target: Path, run: str) -> Iterator[Finding]:
    for path in (aside_path(target, f"{run}_expired-journal"), previous_path(target)):
        if len(os.fsencode(path.name)) > NAME_BYTES:
            yield error(
                "name-too-long",
                f"`{path.name}` has more than {NAME_BYTES} bytes, which no file system takes",
                subject=target.name,
                help="give the target file a shorter name",
            )


def _open(target: Path) -> Iterator[Finding]:
    others = holders(target)
    if others:
        yield note(
            "target-open",
            f"the target `{target.name}` is open in process {', '.join(map(str, others))}; it is "
            "replaced only when nobody has it open",
            subject=target.name,
            help="stop them before the run publishes, and start them again afterwards",
        )


def _owner(target: Path) -> Iterator[Finding]:
    if not target.exists() or os.geteuid() == _ROOT:
        return
    owner = target.stat().st_uid
    if owner != os.geteuid():
        yield warning(
            "owner-not-carried",
            f"the target `{target.name}` belongs to another user (number {owner}), and only root "
            "can give the new file to them",
            subject=target.name,
            help="run as that user, or accept that the new file is yours",
        )

"""A file that a person asked for: known to be writable, written whole or not at all."""

from __future__ import annotations

import errno
import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from masker.errors import ConfigError, MaskerError, TryAgainError

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


def check_out(path: Path) -> None:
    """Raise ConfigError where a file cannot be written: better before the work than after it."""
    try:
        real = path.resolve()
        if real.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        folder = next(each for each in real.parents if each.exists())
        if not folder.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        is_file = real.is_file() or not real.exists()
        if is_file and not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except (OSError, ValueError, RuntimeError) as failure:  # a null character; a loop of links
        raise _unwritable(path, failure) from None


def write_out(path: Path, text: str) -> None:
    """Write a text as UTF-8 so that the file's name holds the old text or the new one, whole.

    A link is followed, and a file that is there keeps its rights; what is no file, such as a pipe,
    is written to. ConfigError where it cannot be written, TryAgainError where the disk is full.
    """
    try:
        real = path.resolve()
        if real.exists() and not real.is_file():
            real.write_text(text, encoding="utf-8")
            return
        real.parent.mkdir(parents=True, exist_ok=True)
        _replace(real, text)
    except OSError as failure:
        raise _unwritable(path, failure) from None


def _replace(path: Path, text: str) -> None:
    temporary = path.with_name(f".masker-{secrets.token_hex(8)}")
    try:
        with temporary.open("x", encoding="utf-8", newline="") as file:
            if path.exists():
                os.fchmod(file.fileno(), stat.S_IMODE(path.stat().st_mode))
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):  # what cannot be written may not be removable either
            temporary.unlink(missing_ok=True)
        raise


def _unwritable(path: Path, failure: Exception) -> MaskerError:
    why = getattr(failure, "strerror", None) or "no such path"
    told = f"`{path}` cannot be written: {why.lower()}"
    if getattr(failure, "errno", None) in _FULL:
        return TryAgainError(
            told, help="free some space there", code="unwritable-file", subject=str(path)
        )
    return ConfigError(
        told,
        help="make its folder writable, or name another file: --out FILE",
        code="unwritable-file",
        subject=str(path),
    )

"""Where fingerprints go that memory should not hold: one encrypted file without a name per run."""

from __future__ import annotations

import os
import secrets
import tempfile
import threading
from dataclasses import dataclass
from typing import Self

from masker.errors import TryAgainError
from masker.keys.stream import stream

_NONCE = 16


@dataclass(frozen=True, slots=True)
class Extent:
    """A stretch of the spill file; only the run's key can read it."""

    offset: int
    length: int
    nonce: bytes


class Spill:
    """An append-only file that was unlinked before the first byte was written to it.

    Worker processes of the run append to the same file, which they open through the main
    process's descriptor; where the system has no such door (`address` is empty) each has its own
    and its fingerprints travel by pipe. Bytes are encrypted under the run's key.
    """

    def __init__(self, descriptor: int, key: bytes, *, shared: bool) -> None:
        self._descriptor = descriptor
        self._key = key
        self._lock = threading.Lock()
        self.shared = shared

    @classmethod
    def create(cls, key: bytes) -> Self:
        """Create the file of a run."""
        return cls(_unnamed(), key, shared=True)

    @classmethod
    def join(cls, address: str, key: bytes) -> Self:
        """Open the main process's file in a worker, or one of its own where that cannot be."""
        if address:
            try:
                return cls(os.open(address, os.O_RDWR | os.O_APPEND), key, shared=True)
            except OSError:  # no /proc, or another user's: the pipe carries them instead
                pass
        return cls(_unnamed(), key, shared=False)

    @property
    def address(self) -> str:
        """Return the path by which a process of the same user can open the file, or nothing."""
        path = f"/proc/{os.getpid()}/fd/{self._descriptor}"
        return path if os.path.exists(path) else ""  # noqa: PTH110 - a magic link, not a path

    def append(self, content: bytes) -> Extent:
        """Encrypt and append; TryAgainError when the disk is full."""
        nonce = secrets.token_bytes(_NONCE)
        sealed = stream(content, key=self._key, nonce=nonce)
        with self._lock:
            try:
                written = os.write(self._descriptor, sealed)
                # In append mode the position after a write is the end of what this call wrote,
                # whoever else appends.
                end = os.lseek(self._descriptor, 0, os.SEEK_CUR)
            except OSError as failure:
                raise TryAgainError(
                    f"fingerprints cannot be written to the temporary folder: {failure.strerror}",
                    help="free some space there, or set TMPDIR to another disk",
                    code="spill-full",
                ) from None
        if written != len(sealed):
            raise TryAgainError(
                "fingerprints cannot be written to the temporary folder: it is full",
                help="free some space there, or set TMPDIR to another disk",
                code="spill-full",
            )
        return Extent(end - written, written, nonce)

    def read(self, extent: Extent) -> bytes:
        """Return what was appended."""
        sealed = os.pread(self._descriptor, extent.length, extent.offset)
        return stream(sealed, key=self._key, nonce=extent.nonce)

    def close(self) -> None:
        """Close the file; the system frees its space when the last process has done so."""
        with self._lock:
            if self._descriptor >= 0:
                os.close(self._descriptor)
            self._descriptor = -1


def _unnamed() -> int:
    with tempfile.TemporaryFile(prefix="masker") as file:
        path = f"/proc/self/fd/{file.fileno()}"
        try:
            return os.open(path, os.O_RDWR | os.O_APPEND)
        except OSError:  # no /proc: the same file without append mode has one writer only
            return os.dup(file.fileno())

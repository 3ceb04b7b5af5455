"""The key of one run's fingerprints: drawn at random, handed on by pipe, forgotten at the end."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Self

from masker.errors import Bug
from masker.evidence.spill import Spill

_SIZE = 32


@dataclass(frozen=True, eq=False)
class RunKey:
    """32 random bytes and the unlinked file that fingerprints may spill to.

    It is never the masking key and nothing is derived from that, so whatever is left of a
    fingerprint after the run cannot be tried against a list of names.
    """

    secret: bytes = field(repr=False)
    spill: Spill = field(repr=False)

    @classmethod
    def random(cls) -> Self:
        """Draw the key of a run, in its main process."""
        secret = secrets.token_bytes(_SIZE)
        return cls(secret, Spill.create(_derived(secret, "spill", _SIZE)))

    def export(self) -> bytes:
        """Return what a worker needs; for a pipe only, never argv, environment or a file."""
        return self.secret + self.spill.address.encode()

    @classmethod
    def from_export(cls, exported: bytes) -> Self:
        """Join a run from a worker process."""
        secret, address = exported[:_SIZE], exported[_SIZE:].decode()
        if len(secret) != _SIZE:
            raise Bug(f"a run key has {_SIZE} bytes, this one has {len(secret)}")
        return cls(secret, Spill.join(address, _derived(secret, "spill", _SIZE)))

    def seed(self, purpose: str) -> int:
        """Return a 64-bit seed for one purpose."""
        return int.from_bytes(_derived(self.secret, purpose, 8), "little")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.forget()

    def forget(self) -> None:
        """Close the spill file, which has no name: its space is free again."""
        self.spill.close()


def _derived(secret: bytes, purpose: str, size: int) -> bytes:
    return hashlib.blake2b(purpose.encode(), key=secret, digest_size=size).digest()

"""Permutations of small spaces: a keyed shuffled table, where FF1 is not allowed."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from masker.keys.ff1 import LEAST_SPACE

Table = npt.NDArray[np.uint32]

_KEPT: Final = 8  # tables, of 4 MB at most


@lru_cache(maxsize=_KEPT)
def shuffled(key: bytes, size: int, *, forward: bool = True) -> Table:
    """Return a permutation of 0..size-1, or its inverse, drawn from all by a 32-byte key.

    The places are sorted by 64 keyed bits each (the keystream of AES-256 in counter mode), which
    is a uniform shuffle. ValueError unless 1 <= size < 10^6: FF1 serves larger spaces.
    """
    if not 1 <= size < LEAST_SPACE:
        raise ValueError(f"size must lie in 1..{LEAST_SPACE - 1}, not {size}")
    stream = Cipher(algorithms.AES(key), modes.CTR(bytes(16))).encryptor().update(bytes(8 * size))
    order = np.frombuffer(stream, dtype="<u8").argsort(kind="stable")
    table = order.astype(np.uint32)
    if not forward:
        table[order] = np.arange(size, dtype=np.uint32)
    table.flags.writeable = False
    return table

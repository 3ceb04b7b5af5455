"""Lots for sampling: one number per row, by its key and a seed; the same on every engine."""

from __future__ import annotations

import binascii
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl
import polars_hash

from masker.keys import columns
from masker.keys.typed import canonical_key

Lots = npt.NDArray[np.uint64]

_CHUNK: Final = 1 << 14  # rows whose digests stay in the processor's cache
_HEX: Final = 16  # hexadecimal digits in 64 bits
_BETWEEN: Final = "\x1f"  # the unit separator of ASCII


def draw(
    key: Sequence[pl.Series], *, bases: Sequence[str], folded: Sequence[bool], seed: int
) -> Lots:
    """Return a lot for each row: the first 64 bits of HMAC-SHA256 of its key's canonical text.

    `key` are the columns of the rows' key as text, `bases` their plain type names, `folded`
    whether a column takes letters of either case for equal. The seed is no secret: who knows it
    and a key knows the lot. Equal keys and seeds give equal lots on every engine.
    """
    text = _joined(
        [
            canonical_key(values, base=base, case_insensitive=insensitive)
            for values, base, insensitive in zip(key, bases, folded, strict=True)
        ]
    )
    lots = np.empty(len(text), dtype=np.uint64)
    digest = polars_hash.col("key").chash.hmac_sha256(key=f"masker sample {seed}")
    frame = text.to_frame("key")
    for start in range(0, len(frame), _CHUNK):
        part = frame.slice(start, _CHUNK).select_seq(digest.str.slice(0, _HEX)).to_series()
        bits = binascii.unhexlify(columns.to_bytes(part, _HEX).data)
        lots[start : start + _CHUNK] = np.frombuffer(bits, dtype=">u8")
    return lots


def _joined(key: Sequence[pl.Series]) -> pl.Series:
    parts = pl.DataFrame([values.fill_null("").alias(str(n)) for n, values in enumerate(key)])
    return parts.select_seq(pl.concat_str(pl.all(), separator=_BETWEEN)).to_series()

"""The keyed function under everything: HMAC-SHA256 over a column, cut into independent numbers."""

from __future__ import annotations

import binascii
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl
import polars_hash
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from masker.keys import columns
from masker.keys.domains import DOMAINS, Exactness
from masker.keys.folding import canonical as canonical_text
from masker.keys.keyring import Keyring

Words = npt.NDArray[np.uint64]

_WORDS: Final = 4  # of 64 bits in a digest
_HEX: Final = 64  # hexadecimal digits in a digest
_MOST_BASE32: Final = 51  # characters of 5 bits in 256 bits
_BASE32: Final = b"abcdefghijklmnopqrstuvwxyz234567" * 8  # by a byte, of which five bits count
_CHUNK: Final = 1 << 14  # rows whose digests stay in the processor's cache
_REPEATS: Final = 0.6  # share of distinct values from which grouping costs more than it saves


@dataclass(frozen=True, slots=True)
class Prf:
    """Keyed numbers of a column: `words` of shape (rows, 4), big-endian cuts of one digest.

    `nulls` marks null rows; their words are zero. Words are taken from the front, `base32` from
    the end, so that a pick from `words[:, 0]` and twenty-five base32 characters are independent.
    """

    words: Words
    nulls: npt.NDArray[np.bool_]

    def base32(self, length: int) -> pl.Series:
        """Return the last 5 * `length` bits of each digest as lower-case RFC 4648 base32 text.

        Null rows are null. ValueError unless 1 <= length <= 51.
        """
        if not 1 <= length <= _MOST_BASE32:
            raise ValueError(f"length must lie in 1..{_MOST_BASE32}, not {length}")
        cells = np.empty((len(self.words), length), dtype=np.uint8)
        for start in range(0, len(cells), _CHUNK):
            _cut(self.words[start : start + _CHUNK], cells[start : start + _CHUNK])
        letters = np.frombuffer(cells.tobytes().translate(_BASE32), dtype=np.uint8)
        return columns.restore_nulls(columns.from_bytes(letters.reshape(cells.shape)), self.nulls)


def prf(
    values: pl.Series,
    *,
    keys: Keyring,
    domain: str,
    purpose: str = "prf",
    canonical: bool = False,
    distinct: bool = False,
) -> Prf:
    """Return keyed numbers for a String column: HMAC-SHA256 under the domain's subkey.

    Equal values give equal numbers in every column, table and database that shares key, domain
    and purpose. The HMAC key is the subkey in lower-case hexadecimal, the message the value in
    UTF-8. A domain listed in `DOMAINS` decides itself whether values are brought to canonical text
    first; `canonical` decides for the others. ValueError when it contradicts the list. `distinct`
    says that hardly a value occurs twice, which is otherwise looked for.
    """
    exactness = DOMAINS.get(domain)
    if canonical and exactness is Exactness.EXACT:
        raise ValueError(f"the domain `{domain}` is exact for all its columns")
    folded = canonical or exactness is Exactness.CANONICAL
    text = columns.as_text(values).rename("value")
    key = keys.subkey(purpose, domain).hex()
    nulls = text.is_null().to_numpy()
    if not distinct and _repeats(text):
        once, index = columns.distinct(text)
        words = _digests(canonical_text(once) if folded else once, key)[index]
    else:
        words = _digests(canonical_text(text) if folded else text, key)
    return Prf(words, nulls)


def _repeats(text: pl.Series) -> bool:
    few = pl.col("value").approx_n_unique() < _REPEATS * pl.len()
    return bool(text.to_frame().select_seq(few).item())


def prf_integers(numbers: Words, *, keys: Keyring, domain: str, purpose: str) -> Words:
    """Return keyed numbers for pairs of 64-bit integers: a matrix (rows, 2) for one (rows, 2).

    AES-256 of one block under the domain's subkey, some fifty times as fast as `prf`. Equal pairs
    give equal numbers, different pairs different ones: a block cipher is a permutation, and by
    fewer than some 2^64 values nobody tells it from a random function (Bellare and Rogaway,
    Eurocrypt 2006, the switching lemma).
    """
    blocks = np.ascontiguousarray(numbers, dtype=">u8")
    key = keys.subkey(f"integers {purpose}", domain)
    cipher = Cipher(algorithms.AES(key), modes.ECB())  # noqa: S305 - no chaining: rows are alone
    drawn = cipher.encryptor().update(blocks.tobytes())
    return np.frombuffer(drawn, dtype=">u8").reshape(-1, 2).astype(np.uint64)


def pick(words: npt.NDArray[np.uint64], size: int) -> npt.NDArray[np.int64]:
    """Map 64-bit words onto indices 0..size-1 by multiply-shift: floor(word * size / 2^64).

    The bias is below size / 2^64. ValueError unless 1 <= size < 2^32.
    """
    if not 1 <= size < 1 << 32:
        raise ValueError(f"size must lie in 1..2^32-1, not {size}")
    # 64 x 32 bits give 96; the product is built from two halves so that neither overflows.
    half, factor = np.uint64(32), np.uint64(size)
    low = ((words & np.uint64(0xFFFF_FFFF)) * factor) >> half
    return (((words >> half) * factor + low) >> half).astype(np.int64)


def _digests(values: pl.Series, key: str) -> Words:
    """Return HMAC-SHA256 of every value as four big-endian words; zeros where it is null."""
    words = np.empty((len(values), _WORDS), dtype=np.uint64)
    digest = polars_hash.col("value").chash.hmac_sha256(key=key)
    frame = values.fill_null("").to_frame("value")
    for start in range(0, len(frame), _CHUNK):
        text = frame.slice(start, _CHUNK).select_seq(digest).to_series()
        digests = binascii.unhexlify(columns.to_bytes(text, _HEX).data)
        words[start : start + _CHUNK] = np.frombuffer(digests, dtype=">u8").reshape(-1, _WORDS)
    if values.has_nulls():
        words[values.is_null().to_numpy()] = 0
    return words


def _cut(words: Words, cells: npt.NDArray[np.uint8]) -> None:
    """Fill a matrix with the last bits of each digest: five in the low bits of every cell."""
    length = cells.shape[1]
    columnwise = np.ascontiguousarray(words.T)
    for place in range(length):
        low = 5 * (length - 1 - place)  # where the five bits start, counted from the end
        word, shift = _WORDS - 1 - low // 64, np.uint64(low % 64)
        bits = columnwise[word] >> shift
        if low % 64 > 64 - 5:
            bits |= columnwise[word - 1] << (np.uint64(64) - shift)
        cells[:, place] = bits & np.uint64(0xFF)

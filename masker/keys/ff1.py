"""FF1 format-preserving encryption (NIST SP 800-38G), ten rounds over a whole batch at a time.

A half of a value is a list of limbs, least significant first: 64-bit integers, each below a power
of the radix that fits 32 bits. So every step - the modulus of the round function, the addition, the
number as bytes for AES - is a few array operations for any radix and length, and reducing modulo
radix^m is dropping the carry out of the top limb.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt
from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext, algorithms, modes

LEAST_SPACE: Final = 10**6
"""radix^length below which SP 800-38G revision 1 does not allow FF1."""

CHUNK: Final = 1 << 13
"""Rows to encrypt at once: their halves and blocks stay in the processor's cache."""

Numbers = npt.NDArray[np.uint64]
Numerals = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]
Half = list[Numbers]

_BLOCK: Final = 16  # bytes of an AES block
_ROUNDS: Final = 10
_LEAST_RADIX, _MOST_RADIX = 2, 1 << 16
_LEAST_LENGTH: Final = 2  # numerals: one for each half
_HALF_WORD: Final = np.uint64(32)
_LOW: Final = np.uint64(0xFFFF_FFFF)


@dataclass(frozen=True, slots=True)
class Layout:
    """How a number of `digits` numerals is cut: `bases` of its limbs, least significant first."""

    radix: int
    digits: int
    width: int  # numerals in every limb but the top one
    bases: tuple[int, ...]

    @classmethod
    def of(cls, radix: int, digits: int) -> Self:
        """Cut into as few limbs as hold 32 bits each."""
        width = 1
        while radix ** (width + 1) <= 1 << 32:
            width += 1
        full, rest = divmod(digits, width)
        bases = (radix**width,) * full + ((radix**rest,) if rest else ())
        return cls(radix, digits, width, bases)

    @property
    def size(self) -> int:
        """Return how many numbers there are: radix^digits."""
        size: int = self.radix**self.digits
        return size

    def spans(self) -> Iterator[tuple[int, int]]:
        """Yield the numerals (first, past last) of every limb, least significant limb first."""
        for end in range(self.digits, 0, -self.width):
            yield max(0, end - self.width), end


class FF1:
    """FF1 under one AES key (16, 24 or 32 bytes), radix, length and tweak, for many batches.

    ValueError unless 2 <= radix <= 2^16, length >= 2 and radix^length >= 10^6.
    """

    def __init__(self, key: bytes, *, radix: int, length: int, tweak: bytes = b"") -> None:
        if not _LEAST_RADIX <= radix <= _MOST_RADIX:
            raise ValueError(f"radix must lie in {_LEAST_RADIX}..{_MOST_RADIX}, not {radix}")
        if length < _LEAST_LENGTH or radix**length < LEAST_SPACE:
            raise ValueError(f"{radix}^{length} is below the least space of FF1, {LEAST_SPACE}")
        self._cipher = Cipher(algorithms.AES(key), modes.ECB())  # noqa: S305 - FF1's block cipher
        # Names as in the standard: the left half has u numerals, the right one v >= u.
        self.left = Layout.of(radix, length // 2)
        self.right = Layout.of(radix, length - length // 2)
        bits = (self.right.size - 1).bit_length()
        self._b = -(-bits // 8)  # bytes of a half
        self._d = 4 * -(-self._b // 4) + 4  # bytes drawn from the round function
        self._constants = [self._constant(number, tweak) for number in range(_ROUNDS)]

    def encrypt(self, numerals: Numerals) -> Numerals:
        """Encrypt rows of numerals: a matrix (rows, length) of integers below radix."""
        return self._numerals(numerals, forward=True)

    def decrypt(self, numerals: Numerals) -> Numerals:
        """Undo `encrypt`."""
        return self._numerals(numerals, forward=False)

    def halves(self, left: Half, right: Half, *, forward: bool = True) -> tuple[Half, Half]:
        """Encrypt or decrypt values that are cut into limbs already; best a few thousand at once.

        The limbs handed in are left as they are.
        """
        context = self._cipher.encryptor()
        for number in range(_ROUNDS) if forward else reversed(range(_ROUNDS)):
            # Even rounds change a number of u numerals and read one of v; odd rounds the reverse.
            read, changed = (self.left, self.right) if number % 2 else (self.right, self.left)
            if forward:
                drawn = self._draw(context, number, right, read=read, changed=changed)
                left, right = right, _add(left, drawn, changed)
            else:
                drawn = self._draw(context, number, left, read=read, changed=changed)
                left, right = _subtract(right, drawn, changed), left
        return left, right

    def _numerals(self, numerals: Numerals, *, forward: bool) -> Numerals:
        out = np.empty_like(numerals)
        middle = self.left.digits
        for start in range(0, len(numerals), CHUNK):
            rows, into = numerals[start : start + CHUNK], out[start : start + CHUNK]
            left, right = self.halves(
                _join(rows[:, :middle], self.left),
                _join(rows[:, middle:], self.right),
                forward=forward,
            )
            _split(left, self.left, into[:, :middle])
            _split(right, self.right, into[:, middle:])
        return out

    def _constant(self, number: int, tweak: bytes) -> Numbers:
        """Return what the last blocks of a round hold beside the number, as 64-bit words.

        The round function is CBC-MAC over P || Q with Q = tweak || zeros || round || number. The
        blocks before the number are the same for all rows, so they are chained once, here.
        """
        p = bytes([1, 2, 1, *self.left.radix.to_bytes(3, "big"), 10, self.left.digits % 256])
        length = self.left.digits + self.right.digits
        p += length.to_bytes(4, "big") + len(tweak).to_bytes(4, "big")
        zeros = bytes(-(len(tweak) + self._b + 1) % _BLOCK)
        q = tweak + zeros + bytes([number]) + bytes(self._b)
        varying = -(-self._b // _BLOCK) * _BLOCK
        context = self._cipher.encryptor()
        same = np.frombuffer(p + q[:-varying], dtype=">u8").reshape(-1, 2)
        chain = np.zeros(2, dtype=">u8")
        for block in same:
            chain = np.frombuffer(
                context.update((chain ^ block).astype(">u8").tobytes()), dtype=">u8"
            )
        last = np.frombuffer(q[-varying:], dtype=">u8").astype(np.uint64)
        last[:2] ^= chain.astype(np.uint64)
        return last

    def _draw(
        self, context: CipherContext, number: int, half: Half, *, read: Layout, changed: Layout
    ) -> Half:
        """Return the round function of one half, reduced to the layout of the other."""
        words = _as_words(half, read)[: -(-self._b // 8)]
        state = self._mac(context, self._constants[number], words)
        blocks = [state]
        for counter in range(1, -(-self._d // _BLOCK)):
            block = state.copy()
            block[:, 1] ^= np.uint64(counter)
            blocks.append(_aes(context, block))
        count = self._d // 4
        sides = [block[:, side] for block in blocks for side in (0, 1)]
        words = [side.astype(np.uint64) for side in sides[: -(-count // 2)]]
        return _reduce(words, count, changed)

    def _mac(self, context: CipherContext, constant: Numbers, words: list[Numbers]) -> Numbers:
        """Chain the last blocks of the CBC-MAC: those that hold the number, right-aligned."""
        filled = [np.broadcast_to(value, words[0].shape) for value in constant[: -len(words)]]
        filled += [
            word ^ value for word, value in zip(words[::-1], constant[-len(words) :], strict=True)
        ]
        state = np.empty((len(words[0]), 2), dtype=">u8")
        state[:, 0], state[:, 1] = filled[:2]
        state = _aes(context, state)
        for place in range(2, len(filled), 2):
            state[:, 0] ^= filled[place]
            state[:, 1] ^= filled[place + 1]
            state = _aes(context, state)
        return state


def _aes(context: CipherContext, blocks: Numbers) -> Numbers:
    """Encrypt 16-byte blocks: a matrix (rows, 2) of big-endian words."""
    out = np.empty(blocks.nbytes + _BLOCK - 1, dtype=np.uint8)  # as long as `update_into` asks for
    context.update_into(blocks.view(np.uint8).data, out.data)
    return out[: blocks.nbytes].view(">u8").reshape(-1, 2)


def _as_words(half: Half, layout: Layout) -> list[Numbers]:
    """Return a half in base 2^64, least significant word first; the last words may be zero."""
    if layout.size <= 1 << 64:
        total = half[-1]
        for limb, base in zip(half[-2::-1], layout.bases[-2::-1], strict=True):
            total = total * np.uint64(base) + limb
        return [total]
    words: list[Numbers] = []  # of 32 bits, so that word * base + carry fits 64
    for limb, base in zip(reversed(half), reversed(layout.bases), strict=True):
        carry = limb
        for place, word in enumerate(words):
            product = word * np.uint64(base) + carry
            words[place], carry = product & _LOW, product >> _HALF_WORD
        words.append(carry)
    words += [np.zeros_like(words[0])] * (len(words) % 2)
    return [low | (high << _HALF_WORD) for low, high in zip(words[::2], words[1::2], strict=True)]


def _reduce(words: list[Numbers], count: int, layout: Layout) -> Half:
    """Return the number made of the first `count` 32-bit words modulo the size of the layout.

    `words` are 64 bits wide, most significant first.
    """
    half: Half = []
    carry = words[0]
    for base in layout.bases:
        quotient = carry // np.uint64(base)
        half.append(carry - quotient * np.uint64(base))
        carry = quotient
    for place in range(2, count):
        word = words[place // 2]
        carry = word & _LOW if place % 2 else word >> _HALF_WORD
        for index, base in enumerate(layout.bases):
            # limb < base, so the quotient is below 2^32 and no sum leaves 64 bits
            total = (half[index] << _HALF_WORD) | carry
            carry = total // np.uint64(base)
            half[index] = total - carry * np.uint64(base)
    return half


def _add(half: Half, drawn: Half, layout: Layout) -> Half:
    """Return half + drawn modulo the size of the layout."""
    out: Half = []
    carry: Numbers | None = None
    for limb, more, base in zip(half, drawn, layout.bases, strict=True):
        total = limb + more if carry is None else limb + more + carry
        over = (total >= np.uint64(base)).astype(np.uint64)
        out.append(total - over * np.uint64(base))
        carry = over
    return out


def _subtract(half: Half, drawn: Half, layout: Layout) -> Half:
    """Return half - drawn modulo the size of the layout."""
    out: Half = []
    borrow: Numbers | None = None
    for limb, less, base in zip(half, drawn, layout.bases, strict=True):
        taken = less if borrow is None else less + borrow
        under = (limb < taken).astype(np.uint64)
        out.append(limb + under * np.uint64(base) - taken)
        borrow = under
    return out


def _join(numerals: Numerals, layout: Layout) -> Half:
    """Read numerals, most significant first, as limbs."""
    half: Half = []
    radix = np.uint32(layout.radix)
    for first, end in layout.spans():
        limb = numerals[:, first].astype(np.uint32)
        for place in range(first + 1, end):
            limb *= radix
            limb += numerals[:, place]
        half.append(limb.astype(np.uint64))
    return half


def _split(half: Half, layout: Layout, into: Numerals) -> None:
    """Write limbs as numerals, most significant first."""
    radix = np.uint32(layout.radix)
    for limb, (first, end) in zip(half, layout.spans(), strict=True):
        rest = limb.astype(np.uint32)
        for place in range(end - 1, first, -1):
            quotient = rest // radix
            into[:, place] = rest - quotient * radix
            rest = quotient
        into[:, first] = rest

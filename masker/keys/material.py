"""What a master key is: 32 random bytes, read from text; anything that is not random is refused."""

from __future__ import annotations

import base64
import binascii
import hashlib
import itertools
import re
import secrets
import string
from typing import Final

from masker.errors import ConfigError

LENGTH: Final = 32

_HEX: Final = re.compile(r"(?:[0-9a-fA-F]{2})+")
_BASE64: Final = re.compile(r"[A-Za-z0-9+/_-]+={0,2}")
_PRINTABLE: Final = frozenset(string.printable.encode())

# A random key has fewer than 16 different bytes once in 10^15 keys.
_LEAST_DISTINCT: Final = 16

# Keys that stand in standards and textbooks.
_PUBLISHED: Final = frozenset(
    bytes.fromhex(text)
    for text in (
        # NIST SP 800-38G, FF1 samples 7 to 9
        "2b7e151628aed2a6abf7158809cf4f3cef4359d8d580aa4f7f036d6f04fc6a94",
        # NIST SP 800-38A, AES-256
        "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
    )
)

# Words whose SHA-256 people paste as a key.
_WORDS: Final = (
    *("", "admin", "change-me", "change_me", "changeit", "changeme", "default", "demo", "dev"),
    *("development", "example", "key", "local", "masker", "masker_key", "MASKER_KEY"),
    *("my-secret-key", "mysecret", "none", "null", "pass", "password", "placeholder", "root"),
    *("salt", "sample", "secret", "secret-key", "secretkey", "staging", "supersecret", "test"),
    *("todo", "123456", "12345678", "0", "1"),
)
_HASHED_WORDS: Final = frozenset(
    hashlib.sha256(word.encode() + end).digest() for word in _WORDS for end in (b"", b"\n")
)

_MAKE_ONE = "make a key with `masker keys new`"


def new_text() -> str:
    """Return a new random master key as text: 64 hexadecimal digits."""
    return secrets.token_hex(LENGTH)


def decode(text: str) -> bytes:
    """Read 32 bytes written as hexadecimal or base64 (standard or URL-safe, padded or not).

    Blanks around the text are ignored. ConfigError for any other text, any other length, and for
    bytes that cannot have been drawn at random; its message never holds the text.
    """
    key = _read(text.strip())
    if len(key) != LENGTH:
        raise ConfigError(
            f"the masking key has {len(text.strip())} characters that stand for {len(key)} bytes; "
            f"it must have {LENGTH} bytes",
            help=f"{_MAKE_ONE}: {LENGTH * 2} hexadecimal digits, or base64 of {LENGTH} bytes",
            code="key-length",
        )
    reason = weakness(key)
    if reason:
        raise ConfigError(
            f"the masking key is not secret: {reason}",
            help=f"{_MAKE_ONE}; a key must be drawn at random, never typed or derived from a word",
            code="key-weak",
        )
    return key


def weakness(key: bytes) -> str:
    """Return why 32 bytes cannot be a random key, or an empty string."""
    steps = {(after - before) % 256 for before, after in itertools.pairwise(key)}
    checks = (
        (len(set(key)) == 1, "all its bytes are equal"),
        (len(steps) == 1, "its bytes count in equal steps"),
        (any(_repeats(key, period) for period in (2, 4, 8, 16)), "it repeats a pattern"),
        (_is_text(key), "it is readable text, not random bytes"),
        (len(set(key)) < _LEAST_DISTINCT, "it has too few different bytes to be random"),
        (key in _PUBLISHED, "it is printed in a public standard"),
        (key in _HASHED_WORDS, "it is the SHA-256 of a common word"),
    )
    return next((reason for found, reason in checks if found), "")


def _read(text: str) -> bytes:
    # 64 characters are hexadecimal, 43 or 44 base64, so that no 32-byte key reads both ways.
    if _HEX.fullmatch(text):
        return bytes.fromhex(text)
    if _BASE64.fullmatch(text):
        padded = text.rstrip("=").replace("-", "+").replace("_", "/")
        try:
            return base64.b64decode(padded + "=" * (-len(padded) % 4), validate=True)
        except binascii.Error:
            pass  # told below, with every other text that is not a key
    raise ConfigError(
        "the masking key is neither hexadecimal nor base64" if text else "the masking key is empty",
        help=_MAKE_ONE,
        code="key-text",
    ) from None


def _repeats(key: bytes, period: int) -> bool:
    return key == key[:period] * (LENGTH // period)


def _is_text(key: bytes) -> bool:
    words = key.rstrip(b"\0").lstrip(b"\0")
    return set(words) <= _PRINTABLE

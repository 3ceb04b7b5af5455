"""A stream cipher for bytes that one run writes and reads back itself."""

from __future__ import annotations

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes


def stream(content: bytes, *, key: bytes, nonce: bytes) -> bytes:
    """Encrypt or decrypt with AES-256 in counter mode (NIST SP 800-38A); same length.

    `key` has 32 bytes. `nonce` has 16 bytes and is used once per key; what it hides is authentic
    only where nobody else can write, so use it for unlinked files.
    """
    encryptor = Cipher(algorithms.AES(key), modes.CTR(nonce)).encryptor()
    return encryptor.update(content) + encryptor.finalize()

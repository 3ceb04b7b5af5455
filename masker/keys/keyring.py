"""The master key of a run: subkeys by HKDF, an id to show, and nothing that prints the secret."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NoReturn, Self

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from masker.errors import Bug
from masker.keys import environment, material
from masker.keys.remembered import Remembered

SCHEME: Final = 1
"""Number of the rules by which values become pseudonyms; another number, other pseudonyms."""

_SALT: Final = b"masker"
_EXPORT: Final = b"masker-keyring"


class _Secret:
    """The master key's bytes and the subkeys drawn from them; it neither prints nor pickles."""

    __slots__ = ("master", "memories", "subkeys")

    def __init__(self, master: bytes) -> None:
        self.master = master
        self.subkeys: dict[tuple[str, str], bytes] = {}
        self.memories: dict[str, Remembered] = {}

    def __repr__(self) -> str:
        return "<secret>"

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a masking key is not pickled; hand `Keyring.export()` through a pipe")


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyring:
    """A master key that makes masking repeatable.

    `id` names the key and the scheme and may be shown. `one_way` says that the key was drawn for
    this run and ends with it: nobody can repeat or undo the masking. Two keyrings are equal when
    their ids are.
    """

    id: str
    one_way: bool = field(default=False, compare=False)
    scheme: int = SCHEME
    _secret: _Secret = field(repr=False, compare=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a key written as 32 bytes in hexadecimal or base64.

        ConfigError for another length, and for a key that is a placeholder or a word.
        """
        return cls._of(material.decode(text))

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self | None:
        """Return the key named by MASKER_KEY, MASKER_KEY_FILE or MASKER_KEY_COMMAND.

        None when none is set. ConfigError when two are set, and when the one that is set is
        empty, cannot be read or holds no good key: an unreadable key never becomes a random one.
        """
        text = environment.key_text(environ)
        return None if text is None else cls.parse(text)

    @classmethod
    def ephemeral(cls) -> Self:
        """Draw a key for one run; its output is one-way and differs between runs."""
        return cls._of(secrets.token_bytes(material.LENGTH), one_way=True)

    @classmethod
    def new_text(cls) -> str:
        """Return a new random key as text, for `masker keys new`."""
        return material.new_text()

    def subkey(self, purpose: str, domain: str) -> bytes:
        """Return the 32-byte subkey of a purpose in a domain (HKDF-SHA256, RFC 5869)."""
        known = self._secret.subkeys
        name = (purpose, domain)
        if name not in known:
            known[name] = _derive(self._secret.master, self.scheme, purpose, domain)
        return known[name]

    def remembered(self, purpose: str) -> Remembered:
        """Return what a purpose made of texts so far under this key; it ends with the keyring."""
        return self._secret.memories.setdefault(purpose, Remembered())

    def export(self) -> bytes:
        """Return the key as bytes for a worker's pipe; never for a file, argv or environment."""
        return _EXPORT + bytes([self.scheme, self.one_way]) + self._secret.master

    @classmethod
    def from_export(cls, exported: bytes) -> Self:
        """Return the keyring that `export` wrote; Bug when the bytes are anything else."""
        head, master = exported[: -material.LENGTH], exported[-material.LENGTH :]
        for one_way in (False, True):
            if head == _EXPORT + bytes([SCHEME, one_way]):
                return cls._of(master, one_way=one_way)
        raise Bug("a worker was handed something that is not a masking key of this version")

    @classmethod
    def _of(cls, master: bytes, *, one_way: bool = False) -> Self:
        name = _derive(master, SCHEME, "id", "")[:8].hex()
        return cls(id=f"{SCHEME}-{name}", one_way=one_way, _secret=_Secret(master))


def _derive(master: bytes, scheme: int, purpose: str, domain: str) -> bytes:
    # Each part is preceded by its length, so that no two (purpose, domain) pairs read the same.
    parts = (str(scheme).encode(), purpose.encode(), domain.encode())
    label = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    return HKDF(algorithm=SHA256(), length=32, salt=_SALT, info=label).derive(master)

"""The ledger: one line per run, appended and chained, so that no line can be changed unseen.

Every line carries the SHA-256 of the line before it and an HMAC under a subkey of its run's key.
Editing, removing or exchanging lines breaks the chain; cutting off the last ones is seen by whoever
knows the head, which the target's marker repeats.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from masker.errors import ConfigError, TryAgainError
from masker.findings import Finding, Findings, error, note, warning
from masker.keys import Keyring

_PURPOSE, _DOMAIN = "ledger", "chain"
_GENESIS = "0" * 64
_MODE = 0o600
_HELP = "keep the ledger where only the runs can write; compare it with a backup"


def append(path: Path, facts: Mapping[str, object], *, keys: Keyring) -> str:
    """Append a run's facts and return the ledger's new head, 64 hex digits.

    The line is on disk when this returns. TryAgainError when it cannot be written.
    """
    try:
        with _locked(path) as descriptor:
            before = _content(descriptor)
            torn = bool(before) and not before.endswith(b"\n")
            lines = before.splitlines()
            entry: dict[str, object] = {
                **facts,
                "number": len(lines) + 1,
                "key": keys.id,
                "one_way": keys.one_way,
                "previous": _digest(lines[-1]) if lines else _GENESIS,
            }
            line = _text({**entry, "mac": _mac(entry, keys)})
            _write(descriptor, b"\n" * torn + line + b"\n")
            os.fsync(descriptor)
        _sync_folder(path)
    except OSError as failure:
        raise TryAgainError(
            f"the ledger `{path}` cannot be written: {failure.strerror}",
            help="make its folder writable, or name another",
            code="ledger-unwritable",
        ) from None
    return _digest(line)


def read(path: Path) -> list[dict[str, object]]:
    """Return the lines of a ledger in order, without those that are torn; nothing is verified.

    Nothing where there is no ledger; ConfigError or TryAgainError where it cannot be read.
    """
    lines = (_read(path) or b"").splitlines()
    return [entry for line in lines if (entry := _parsed(line)) is not None]


def head_of(path: Path) -> str:
    """Return the digest of the last line, or nothing where there is no ledger yet.

    ConfigError or TryAgainError where it cannot be read.
    """
    lines = (_read(path) or b"").splitlines()
    return _digest(lines[-1]) if lines else ""


def verify(path: Path, *, keys: Iterable[Keyring] = (), head: str | None = None) -> Findings:
    """Return what is wrong with a ledger.

    `keys` are those that the runs had; lines of other keys, and of keys that ended with their run,
    are checked by the chain alone and noted. `head` is what a target's marker repeats: the line it
    names must still be there. ConfigError or TryAgainError where it cannot be read.
    """
    content = _read(path)
    if content is None:
        raise ConfigError(
            f"there is no ledger `{path}`", help="name the folder that the runs write to"
        )
    lines = content.splitlines(keepends=True)
    known = {ring.id: ring for ring in keys}
    findings: list[Finding] = []
    previous = _GENESIS
    digests = set()
    for number, raw in enumerate(lines, 1):
        findings += _wrong(raw, number=number, previous=previous, known=known, name=path.name)
        previous = _digest(raw.rstrip(b"\n"))
        digests.add(previous)
    if head and head not in digests:
        findings.append(
            error(
                "ledger-truncated",
                f"the run that published the target is not in `{path.name}`: lines were removed",
                subject=path.name,
                help=_HELP,
            )
        )
    return Findings(tuple(findings))


def _wrong(
    raw: bytes, *, number: int, previous: str, known: Mapping[str, Keyring], name: str
) -> Iterator[Finding]:
    place = f"{name}:{number}"
    entry = _parsed(raw)
    if entry is None or not raw.endswith(b"\n"):
        yield warning(
            "ledger-torn",
            f"line {number} of `{name}` is not whole: a run ended while it was written",
            subject=place,
            help="look at the manifest of that run; later lines vouch for the ones before",
        )
        return
    if entry.get("previous") != previous or entry.get("number") != number:
        yield error(
            "ledger-broken",
            f"line {number} of `{name}` does not follow the line before it: "
            "a line was changed, removed or moved",
            subject=place,
            help=_HELP,
        )
    ring = known.get(str(entry.get("key")))
    mac = str(entry.pop("mac", ""))
    if ring is not None and not hmac.compare_digest(mac, _mac(entry, ring)):
        yield error(
            "ledger-forged",
            f"line {number} of `{name}` was not written with the key that it names",
            subject=place,
            help=_HELP,
        )
    if ring is None:
        why = "ended with its run" if entry.get("one_way") else "is not at hand"
        yield note(
            "ledger-unkeyed",
            f"line {number} of `{name}` is checked by the chain alone: its key {why}",
            subject=place,
        )


def _parsed(raw: bytes) -> dict[str, object] | None:
    try:
        entry = json.loads(raw)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) else None


def _text(entry: Mapping[str, object]) -> bytes:
    return json.dumps(
        entry, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=str
    ).encode()


def _mac(entry: Mapping[str, object], keys: Keyring) -> str:
    return hmac.new(keys.subkey(_PURPOSE, _DOMAIN), _text(entry), hashlib.sha256).hexdigest()


def _digest(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    """Open the ledger for appending while no other run does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, _MODE)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


def _read(path: Path) -> bytes | None:
    """Return what a ledger holds, None where there is none."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except (PermissionError, IsADirectoryError, NotADirectoryError) as failure:
        raise ConfigError(
            f"the ledger `{path}` cannot be read: {failure.strerror}",
            help="read it as a user who may, or name the folder that the runs write to",
            code="ledger-unreadable",
        ) from None
    except OSError as failure:
        raise TryAgainError(
            f"the ledger `{path}` cannot be read: {failure.strerror}",
            help="look at its disk, then try again",
            code="ledger-unreadable",
        ) from None


def _write(descriptor: int, content: bytes) -> None:
    """Write all of it: a disk that fills up takes a part and says nothing until the next part."""
    while content:
        content = content[os.write(descriptor, content) :]


def _content(descriptor: int) -> bytes:
    return os.pread(descriptor, os.fstat(descriptor).st_size, 0)


def _sync_folder(path: Path) -> None:
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)

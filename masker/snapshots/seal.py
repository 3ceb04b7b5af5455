"""The seal: hashes of all files in the manifest, the manifest's own, and a MAC under the key."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from masker.errors import ConfigError, MaskerError, TryAgainError, UnsafeError
from masker.findings import Finding, Findings, note, warning
from masker.keys import Keyring
from masker.snapshots.contents import FORMAT, MANIFEST, SEAL, Contents, StoredFile
from masker.snapshots.facts import as_facts, of_facts
from masker.snapshots.reading import changed, sealed_bytes, unread
from masker.snapshots.writing import create

KIND = "masker snapshot"
_PURPOSE, _DOMAIN = "snapshot", "seal"
_UNFINISHED = re.compile(r"\..*\.masker-[0-9a-z_]+")  # what a killed run leaves, see folder.py
_DIGEST = re.compile(r"[0-9a-f]{64}")
_KEY_ID = re.compile(r"\d+-[0-9a-f]{16}")
_BLOCK = 1 << 20
_COMPARE = "compare its seal with the one that `masker snapshot` printed: --seal"
_HELP = "name the folder that `masker snapshot` wrote"


def stored_file(folder: Path, path: Path) -> StoredFile:
    """Return a file of a folder with its size and its SHA-256."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return StoredFile(
        path=path.relative_to(folder).as_posix(),
        bytes=path.stat().st_size,
        sha256=digest.hexdigest(),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seal:
    """What stands in the seal's file: hash of the manifest, id of a key, MAC under it."""

    manifest: str
    key: str | None
    mac: str | None

    @classmethod
    def read(cls, raw: bytes) -> Self:
        """Read it; ValueError, KeyError or TypeError for what `write_seal` would not write."""
        told = json.loads(raw)
        manifest, key, mac = told["manifest"], told["key"], told["mac"]
        keyed = [] if key is None else [(key, _KEY_ID), (mac, _DIGEST)]
        if not all(form.fullmatch(text) for text, form in [(manifest, _DIGEST), *keyed]):
            raise ValueError
        return cls(manifest=manifest, key=key, mac=mac)


def write_seal(folder: Path, contents: Contents, *, keys: Keyring) -> str:
    """Write manifest and seal, and return the manifest's SHA-256.

    A key that ends with its run can vouch for nothing later: then the hash alone is the seal.
    """
    facts = {"kind": KIND, "version": FORMAT, **as_facts(contents)}
    text = (json.dumps(facts, indent=1, ensure_ascii=False, default=str) + "\n").encode()
    with create(folder / MANIFEST) as file:
        file.write(text)
    seal = hashlib.sha256(text).hexdigest()
    kept = not keys.one_way
    told = {
        "manifest": seal,
        "key": keys.id if kept else None,
        "mac": _mac(text, keys) if kept else None,
    }
    with create(folder / SEAL) as file:
        file.write((json.dumps(told, indent=1) + "\n").encode())
    return seal


def read_contents(
    folder: Path, *, keys: Keyring | None = None, seal: str | None = None
) -> tuple[Contents, Findings]:
    """Return what a sealed folder holds, once every byte of it is what was sealed.

    `keys` check that the seal was made with the key; `seal` is the SHA-256 of the manifest that
    `masker snapshot` printed. What neither of them proves is a finding: a warning where there is a
    key that could have proved it, else a note. Raises ConfigError where the folder is no snapshot
    or closed to this user and where `seal` has not the form of one, UnsafeError where anything in
    the folder was changed, added or removed, and TryAgainError where the disk fails.
    """
    wanted = None if seal is None else _named(seal)
    told = _seal(folder)
    text = _text(folder)
    if hashlib.sha256(text).hexdigest() != told.manifest:
        raise changed("the manifest is not the one that was sealed", MANIFEST)
    if wanted is not None and wanted != told.manifest:  # neither is a secret
        raise changed("its seal is not the one that you named", SEAL)
    found = Findings(tuple(_by_key(text, told, keys, named=wanted is not None)))
    contents = _contents(text)
    if wrong := [*_other_names(folder, contents), *_other_bytes(folder, contents)]:
        raise _together(wrong)
    return contents, found


def _named(seal: str) -> str:
    """Return a seal as it is written; ConfigError for what cannot be the seal of any snapshot.

    What was named may be a key by mistake, so it is not repeated.
    """
    wanted = seal.strip().lower()
    if not _DIGEST.fullmatch(wanted):
        raise ConfigError(
            "what you named as the seal is none: a seal has 64 digits, of 0 to 9 and a to f",
            help="name the whole seal that `masker snapshot` printed",
            code="no-seal",
        )
    return wanted


def _by_key(text: bytes, told: _Seal, keys: Keyring | None, *, named: bool) -> Iterator[Finding]:
    """Yield what is not proved; `named` says that the seal is the one that somebody was told."""
    if keys is not None and keys.id == told.key:
        if not hmac.compare_digest(told.mac or "", _mac(text, keys)):
            raise changed("the seal was not made with the key that it names", SEAL)
        return
    if named:
        return
    keyed = keys is not None
    if told.key is None:
        what = "no key vouches for the snapshot"
        yield _unproved("seal-without-key", what, keyed=keyed, help=_COMPARE)
    else:
        what = f"the key `{told.key}` that sealed the snapshot is not at hand"
        help = f"set MASKER_KEY_FILE to that key, or {_COMPARE}"
        yield _unproved("seal-unkeyed", what, keyed=keyed, help=help)


def _unproved(code: str, what: str, *, keyed: bool, help: str) -> Finding:
    """Return a note, or a warning where a key is at hand.

    Whoever writes a folder anew leaves the key out of its seal, or names another: that must not
    silence whoever has the key.
    """
    message = f"{what}: its hashes prove that it is whole, not who made it"
    return warning(code, message, help=help) if keyed else note(code, message, help=help)


def _mac(text: bytes, keys: Keyring) -> str:
    return hmac.new(keys.subkey(_PURPOSE, _DOMAIN), text, hashlib.sha256).hexdigest()


def _seal(folder: Path) -> _Seal:
    try:
        there = folder.is_dir() and not _UNFINISHED.fullmatch(folder.name)
    except OSError as failure:
        raise unread(failure, folder.name) from None
    if not there:
        raise ConfigError(
            f"there is no snapshot `{folder}`", help=_HELP, code="no-snapshot", subject=folder.name
        )
    raw = _beside(folder, SEAL)
    if raw is None:
        if _beside(folder, MANIFEST) is not None:
            raise changed("its seal is missing", SEAL)
        raise ConfigError(
            f"`{folder}` is no snapshot", help=_HELP, code="no-snapshot", subject=folder.name
        )
    try:
        return _Seal.read(raw)
    except (ValueError, KeyError, TypeError):
        raise changed("its seal cannot be read", SEAL) from None


def _text(folder: Path) -> bytes:
    raw = _beside(folder, MANIFEST)
    if raw is None:
        raise changed("its manifest is missing", MANIFEST)
    return raw


def _beside(folder: Path, name: str) -> bytes | None:
    """Return a file that stands beside the tables, None where there is none."""
    path = folder / name
    try:
        # Whoever reads from a pipe or a device may wait for ever.
        return path.read_bytes() if path.is_file() else None
    except OSError as failure:
        raise unread(failure, name) from None


def _contents(text: bytes) -> Contents:
    try:
        facts = json.loads(text)
        if (facts.pop("kind"), facts.pop("version")) == (KIND, FORMAT):
            return of_facts(Contents, facts)
    except (ValueError, KeyError, TypeError, AttributeError):
        pass  # told below: another version may have other fields
    raise ConfigError(
        f"the snapshot's manifest is not of version {FORMAT}",
        help="load it with the masker that made it, or make it again",
        code="no-snapshot",
        subject=MANIFEST,
    )


def _other_names(folder: Path, contents: Contents) -> Iterator[MaskerError]:
    """Yield a refusal for each file that was not sealed, link or device, and each missing file."""
    sealed = {file.path for file in contents.files} | {MANIFEST, SEAL}
    unlisted: list[OSError] = []
    for parent, folders, names in os.walk(folder, onerror=unlisted.append):
        here = Path(parent)
        for name in sorted((*folders, *names)):
            path = here / name
            shown = path.relative_to(folder).as_posix()
            try:
                mode = path.lstat().st_mode
            except OSError as failure:
                sealed.discard(shown)
                yield unread(failure, shown)
                continue
            if stat.S_ISDIR(mode):
                continue
            if not stat.S_ISREG(mode) or shown not in sealed:
                yield changed(f"`{shown}` was added", shown)
            sealed.discard(shown)
    for each in unlisted:
        yield unread(each, Path(each.filename).relative_to(folder.parent).as_posix())
    for missing in sorted(sealed):
        if not any((folder / missing).is_relative_to(above.filename) for above in unlisted):
            yield changed(f"`{missing}` is missing", missing)


def _other_bytes(folder: Path, contents: Contents) -> Iterator[MaskerError]:
    """Yield a refusal for each file that is there and whose bytes are not those of the seal."""
    for file in contents.files:
        try:
            if _is_file(folder, file.path):
                sealed_bytes(folder, file)
        except MaskerError as other:
            yield other


def _is_file(folder: Path, name: str) -> bool:
    try:
        return (folder / name).is_file()
    except OSError as failure:
        raise unread(failure, name) from None


def _together(wrong: Sequence[MaskerError]) -> MaskerError:
    """Return all that is wrong of the gravest kind: of what was not read nobody knows the rest."""
    for kind in (UnsafeError, ConfigError, TryAgainError):
        found = [each for each in wrong if isinstance(each, kind)]
        if len(found) == 1:
            return found[0]
        if found:
            return kind.from_findings(
                {finding.id: finding for each in found for finding in each.findings}.values()
            )
    return wrong[0]

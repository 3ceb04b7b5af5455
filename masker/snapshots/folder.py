"""The folder of a snapshot while it is made: hidden, private, and gone unless it is sealed."""

from __future__ import annotations

import errno
import fcntl
import glob
import os
import shutil
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from masker.catalog import TableName
from masker.errors import ConfigError, TryAgainError
from masker.findings import Finding, Findings, note, warning
from masker.keys import Keyring
from masker.snapshots.cloud import Store
from masker.snapshots.contents import DATA, Contents, StoredFile, StoredTable, folder_of
from masker.snapshots.formats import PARQUET, as_text, from_parquet
from masker.snapshots.seal import stored_file, write_seal
from masker.snapshots.upload import upload
from masker.snapshots.writing import create, writing

_INFIX = ".masker-"


class Folder:
    """A snapshot on its way. Leaving its block unsealed removes every trace of it.

    All is written into a hidden folder beside the one that was asked for, which it becomes in one
    rename; a run that was killed leaves the hidden one, and the next removes it.
    """

    def __init__(
        self, out: Path, hidden: Path, lock: int, *, run: str, store: Store | None
    ) -> None:
        self.out = out
        self.path = hidden
        self.sealed = False
        self.findings = Findings()
        self._lock = lock
        self._run = run
        self._store = store

    @classmethod
    def begin(cls, out: Path, *, run: str, store: Store | None = None) -> Self:
        """Begin a snapshot that will stand at `out`, or in a store after it stood there.

        ConfigError when something stands there already, TryAgainError where nothing can be
        written.
        """
        out = Path(os.path.abspath(out))  # noqa: PTH100 - `resolve` would follow a link at its end
        with writing(out):
            _check_free(out)
            out.parent.mkdir(parents=True, exist_ok=True)
            dropped = _drop_orphans(out)
            hidden = out.parent / f".{out.name}{_INFIX}{run}"
            hidden.mkdir(mode=0o700)
            with ExitStack() as failing:
                failing.callback(shutil.rmtree, hidden, ignore_errors=True)
                lock = _locked(hidden)
                failing.callback(os.close, lock)
                (hidden / DATA).mkdir(mode=0o700)
                failing.pop_all()
        made = cls(out, hidden, lock, run=run, store=store)
        made.findings = dropped
        return made

    @property
    def data(self) -> Path:
        """Return the folder of the tables."""
        return self.path / DATA

    def write(self, texts: Mapping[str, str]) -> None:
        """Write the files that stand beside the tables."""
        with writing(self.out):
            for name, text in texts.items():
                with create(self.path / name) as file:
                    file.write(text.encode())

    def files_of(self, tables: tuple[StoredTable, ...], *, format: str) -> tuple[StoredTable, ...]:
        """Return the tables with the files that lanes wrote, of one schema in each table."""
        found = []
        seen: set[TableName] = set()
        for table in tables:
            folder = self.data / folder_of(table.into)
            # What partitions were loaded into their root by is one set of files.
            first = table.into not in seen and folder.is_dir()
            own = sorted(folder.iterdir()) if first else []
            seen.add(table.into)
            if format == PARQUET:
                with writing(self.out):
                    _agree(own)
            paths = tuple(path.relative_to(self.path).as_posix() for path in own)
            found.append(replace(table, files=paths))
        return tuple(found)

    def stored(self) -> tuple[StoredFile, ...]:
        """Return all files with their hashes, read from the disk again."""
        with writing(self.out):
            paths = sorted(path for path in self.path.rglob("*") if path.is_file())
            return tuple(stored_file(self.path, path) for path in paths)

    def seal(self, contents: Contents, *, keys: Keyring) -> str:
        """Write manifest and seal, let everything reach the disk, and return the seal.

        The folder is still hidden. What the audit read is what is sealed: reading a file whose
        bytes are not those in `contents` fails.
        """
        with writing(self.out):
            seal = write_seal(self.path, contents, keys=keys)
            for folder in (self.path, *(p for p in self.path.rglob("*") if p.is_dir())):
                _sync(folder)
        return seal

    def publish(self) -> None:
        """Put the folder where it was asked for, in one step; ConfigError if something is there."""
        if self._store is not None:
            upload(self._store, self.path, run=self._run)
            self.sealed = True
            return
        try:
            os.rename(self.path, self.out)  # noqa: PTH104 - says what it does: in one step
        except OSError as failure:
            if failure.errno in {errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR}:
                raise _taken(self.out) from None
            raise TryAgainError(
                f"the snapshot cannot be put in place: {(failure.strerror or 'unknown').lower()}",
                help="may this user write there? nothing was left behind",
                code="snapshot-unwritable",
                subject=self.out.name,
            ) from None
        self.sealed = True
        with suppress(OSError):  # it stands there; only a power cut now could lose the new name
            _sync(self.out.parent)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        failure: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            if not self.sealed or self._store is not None:
                shutil.rmtree(self.path, ignore_errors=True)
        finally:
            os.close(self._lock)


def _check_free(out: Path) -> None:
    """Refuse a place where something stands: a snapshot is never written over."""
    if not out.exists() and not out.is_symlink():
        return
    if not out.is_dir() or out.is_symlink() or any(out.iterdir()):
        raise _taken(out)


def _taken(out: Path) -> ConfigError:
    return ConfigError(
        f"`{out}` is there already, and a snapshot is never written over",
        help="name another folder, or remove that one first",
        code="snapshot-exists",
        subject=out.name,
    )


def _drop_orphans(out: Path) -> Findings:
    """Remove what killed runs left beside `out`; a run that lives holds its folder's lock."""
    found: list[Finding] = []
    for path in sorted(out.parent.glob(f".{glob.escape(out.name)}{_INFIX}*")):
        if path.is_symlink() or not path.is_dir():
            continue
        try:
            dropped = _drop(path)
        except FileNotFoundError:
            continue  # another run has removed it
        except OSError as failure:  # such as: it is another user's
            found.append(
                warning(
                    "orphan-not-dropped",
                    f"`{path.name}`, which a run left or still writes, cannot be dropped: "
                    f"{(failure.strerror or 'unknown').lower()}",
                    subject=path.name,
                    help="its owner may remove it, where no run of masker works there",
                )
            )
            continue
        if dropped:
            found.append(
                note(
                    "orphan-dropped",
                    f"`{path.name}`, left by a killed run, is dropped",
                    subject=path.name,
                )
            )
    return Findings(tuple(found))


def _drop(path: Path) -> bool:
    """Remove a folder, if no run that lives holds it."""
    try:
        lock = _locked(path)
    except BlockingIOError:
        return False
    try:
        shutil.rmtree(path)
    finally:
        os.close(lock)
    return True


def _locked(folder: Path) -> int:
    """Lock a folder until the process ends; BlockingIOError when another one has it."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _agree(files: list[Path]) -> None:
    """Write columns as text in every file of a table where one file has them as text."""
    if len(files) < 2:  # noqa: PLR2004 - a file alone agrees with itself
        return
    schemas = [from_parquet(path.read_bytes())[0].schema for path in files]
    for path, schema in zip(files, schemas, strict=True):
        mixed = [name for name, kind in schema.items() if any(s[name] != kind for s in schemas)]
        if mixed:
            raw = as_text(path.read_bytes(), mixed)
            path.unlink()
            with create(path) as file:
                file.write(raw)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

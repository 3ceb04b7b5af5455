"""Object stores through fsspec, when it is installed: s3://, gs://, az://.

A snapshot for a store is made, audited and sealed on this machine; see upload.py for its way there.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from masker.errors import ConfigError, MaskerError, TryAgainError
from masker.snapshots.contents import SEAL
from masker.snapshots.urls import scheme_of, told

# What fsspec wants besides for the schemes that people use.
_BRINGS = {"s3": "s3fs", "gs": "gcsfs", "gcs": "gcsfs", "az": "adlfs", "abfs": "adlfs"}
_HELP = "pip install 'masker[cloud]'"
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
UPLOADING = ".masker-uploading"  # holds the mark of the upload that the prefix belongs to


@dataclass(frozen=True, slots=True)
class Store:
    """A prefix of an object store; `files` is the file system of fsspec that it lies in.

    `told` is its URL as messages have it.
    """

    told: str
    files: Any = field(repr=False)
    path: str

    @classmethod
    def of(cls, url: str) -> Store:
        """Open a store.

        ConfigError when what it takes is not installed, TryAgainError when it does not answer.
        """
        scheme, shown = scheme_of(url), told(url)
        try:
            fsspec = import_module("fsspec")
        except ModuleNotFoundError:
            raise _not_installed(scheme, "fsspec") from None
        with asking(shown):
            try:
                fsspec.get_filesystem_class(scheme)
            except ImportError:
                raise _not_installed(scheme, _BRINGS.get(scheme, "its file system")) from None
            except ValueError:
                raise ConfigError(
                    f"`{scheme}` is no kind of place that a snapshot can be written to",
                    help="name a folder, or a URL that begins with s3://, gs:// or az://",
                    code="snapshot-place",
                    subject=scheme,
                ) from None
            try:
                files, path = fsspec.core.url_to_fs(url)
            except (ValueError, TypeError):
                raise ConfigError(
                    f"`{shown}` is no URL that `{scheme}://` takes",
                    help="check its host, its port and its path",
                    code="snapshot-place",
                    subject=shown,
                ) from None
        return cls(shown, files, path.rstrip("/"))

    def check_free(self) -> None:
        """Refuse a prefix with a snapshot, or with files that no upload of masker's left."""
        with asking(self.told):
            self.check_unsealed()
            names = self.names()
            if names and UPLOADING not in names:
                raise ConfigError(
                    f"`{self.told}` holds files, and they are no snapshot's",
                    help="name an empty prefix",
                    code="snapshot-exists",
                    subject=self.told,
                )

    def check_unsealed(self) -> None:
        """Refuse a prefix with a snapshot."""
        if self.read(SEAL) is not None:
            raise ConfigError(
                f"`{self.told}` is there already, and a snapshot is never written over",
                help="name another prefix, or remove that one first",
                code="snapshot-exists",
                subject=self.told,
            )

    def download(self, folder: Path) -> None:
        """Copy everything below the prefix into a new private folder."""
        with asking(self.told):
            folder.mkdir(mode=0o700)
            names = self.names()
            if SEAL not in names or UPLOADING in names:
                raise ConfigError(
                    f"`{self.told}` is no snapshot"
                    + (", for its upload has not ended" if UPLOADING in names else ""),
                    help="name the place that `masker snapshot` wrote",
                    code="no-snapshot",
                    subject=self.told,
                )
            for name in names:
                path = folder / name
                if not path.resolve().is_relative_to(folder.resolve()):
                    raise ConfigError(
                        f"`{self.told}` holds a name that leads out of it",
                        code="no-snapshot",
                        subject=self.told,
                    )
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                self.files.get_file(f"{self.path}/{name}", str(path))

    def names(self) -> list[str]:
        """Return the names of all files below the prefix, as they are now."""
        self.files.invalidate_cache()
        if not self.files.exists(self.path):
            return []
        return [name.removeprefix(self.path).lstrip("/") for name in self.files.find(self.path)]

    def remove(self, name: str) -> None:
        """Remove one file."""
        self.files.rm_file(f"{self.path}/{name}")

    def remove_folders(self) -> None:
        """Remove the empty folders of a prefix, where its file system has any."""
        with suppress(FileNotFoundError):
            self.files.rm(self.path, recursive=True)

    def write(self, name: str, content: bytes) -> None:
        """Write one small file."""
        self.files.makedirs(self.path, exist_ok=True)
        self.files.pipe_file(f"{self.path}/{name}", content)

    def put(self, path: Path, name: str) -> None:
        """Upload one file."""
        there = f"{self.path}/{name}"
        self.files.makedirs(there.rpartition("/")[0], exist_ok=True)
        self.files.put_file(str(path), there)

    def read(self, name: str) -> bytes | None:
        """Return what a small file holds now, None where there is none."""
        there = f"{self.path}/{name}"
        self.files.invalidate_cache()
        with suppress(FileNotFoundError):  # it goes just now
            if self.files.exists(there):
                return bytes(self.files.cat_file(there))
        return None


@contextmanager
def asking(shown: str) -> Iterator[None]:
    """Tell what a store answers; its own words may hold a URL with a password, so none is told."""
    try:
        yield
    except MaskerError:
        raise
    except Exception as failure:  # noqa: BLE001 - every store has errors of its own
        if isinstance(failure, OSError) and failure.errno in _FULL:
            raise TryAgainError(
                f"there is no room for the snapshot of `{shown}`",
                help="it takes its whole size in TMPDIR, too; nothing was left behind",
                code="snapshot-unwritable",
                subject=shown,
            ) from None
        raise TryAgainError(
            f"the store of `{shown}` cannot be used: {type(failure).__name__}",
            help="are its credentials set, and may they write there?",
            code="store-unreachable",
            subject=shown,
        ) from None


def _not_installed(scheme: str, what: str) -> ConfigError:
    return ConfigError(
        f"`{scheme}://` needs {what}, which is not installed",
        help=_HELP,
        code="not-installed",
        subject=scheme,
    )

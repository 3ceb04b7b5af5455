"""Object stores through fsspec, when it is installed: s3://, gs://, az://.

A store knows no rename of a folder. So a snapshot is made, audited and sealed on this machine, and
its seal is the last that is uploaded: what lies there without one is no snapshot.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from masker.errors import ConfigError, MaskerError, TryAgainError
from masker.snapshots.contents import SEAL

_SCHEME = re.compile(r"^([a-z][a-z0-9+.-]*)://", re.IGNORECASE)
# What fsspec wants besides for the schemes that people use.
_BRINGS = {"s3": "s3fs", "gs": "gcsfs", "gcs": "gcsfs", "az": "adlfs", "abfs": "adlfs"}
_HELP = "pip install 'masker[cloud]'"


def is_url(text: str) -> bool:
    """Tell whether a place is named by a URL, and not by a path."""
    return bool(_SCHEME.match(text))


@dataclass(frozen=True, slots=True)
class Store:
    """A prefix of an object store; `files` is the file system of fsspec that it lies in."""

    url: str
    files: Any
    path: str

    @classmethod
    def of(cls, url: str) -> Store:
        """Open a store; ConfigError when what it takes is not installed."""
        scheme = url.partition(":")[0].lower()
        try:
            fsspec = import_module("fsspec")
        except ModuleNotFoundError:
            raise _not_installed(scheme, "fsspec") from None
        try:
            files, path = fsspec.core.url_to_fs(url)
        except ImportError:
            raise _not_installed(scheme, _BRINGS.get(scheme, "its file system")) from None
        except ValueError:
            raise ConfigError(
                f"`{scheme}` is no kind of place that a snapshot can be written to",
                help="name a folder, or a URL that begins with s3://, gs:// or az://",
                code="snapshot-place",
                subject=scheme,
            ) from None
        return cls(url, files, path.rstrip("/"))

    def check_free(self) -> None:
        """Refuse a prefix with a snapshot, and remove what a killed upload left there."""
        with self._asking():
            if self.files.exists(f"{self.path}/{SEAL}"):
                raise ConfigError(
                    f"`{self.url}` is there already, and a snapshot is never written over",
                    help="name another prefix, or remove that one first",
                    code="snapshot-exists",
                    subject=self.url,
                )
            if self.files.exists(self.path) and self.files.find(self.path):
                self._check_ours()
                self.files.rm(self.path, recursive=True)

    def _check_ours(self) -> None:
        """Refuse a prefix with files that no upload of masker's left."""
        names = {name.removeprefix(self.path).lstrip("/") for name in self.files.find(self.path)}
        if _UPLOADING not in names:
            raise ConfigError(
                f"`{self.url}` holds files, and they are no snapshot's",
                help="name an empty prefix",
                code="snapshot-exists",
                subject=self.url,
            )

    def upload(self, folder: Path) -> None:
        """Upload a sealed folder, its seal last; what was uploaded when it fails is removed."""
        paths = sorted(path for path in folder.rglob("*") if path.is_file())
        try:
            with self._asking():
                self.files.makedirs(self.path, exist_ok=True)
                self.files.pipe_file(f"{self.path}/{_UPLOADING}", b"")
                for path in paths:
                    name = path.relative_to(folder).as_posix()
                    if name != SEAL:
                        self._put(path, name)
                self._put(folder / SEAL, SEAL)
                self.files.rm_file(f"{self.path}/{_UPLOADING}")
        except BaseException:
            with suppress(Exception):  # what failed first is told; without a seal it is nothing
                self.files.rm(self.path, recursive=True)
            raise

    def _put(self, path: Path, name: str) -> None:
        there = f"{self.path}/{name}"
        self.files.makedirs(there.rpartition("/")[0], exist_ok=True)
        self.files.put_file(str(path), there)

    def download(self, folder: Path) -> None:
        """Copy everything below the prefix into a new private folder."""
        folder.mkdir(mode=0o700)
        with self._asking():
            if not self.files.exists(f"{self.path}/{SEAL}"):
                raise ConfigError(
                    f"`{self.url}` is no snapshot",
                    help="name the place that `masker snapshot` wrote",
                    code="no-snapshot",
                    subject=self.url,
                )
            for name in self.files.find(self.path):
                path = folder / name.removeprefix(self.path).lstrip("/")
                if not path.resolve().is_relative_to(folder.resolve()):
                    raise ConfigError(
                        f"`{self.url}` holds a name that leads out of it",
                        code="no-snapshot",
                        subject=self.url,
                    )
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                self.files.get_file(name, str(path))

    @contextmanager
    def _asking(self) -> Iterator[None]:
        try:
            yield
        except MaskerError:
            raise
        except Exception as failure:  # noqa: BLE001 - every store has errors of its own
            raise TryAgainError(
                f"the store of `{self.url}` cannot be used: {type(failure).__name__}",
                help="are its credentials set, and may they write there?",
                code="store-unreachable",
                subject=self.url,
            ) from None


_UPLOADING = ".masker-uploading"


def _not_installed(scheme: str, what: str) -> ConfigError:
    return ConfigError(
        f"`{scheme}://` needs {what}, which is not installed",
        help=_HELP,
        code="not-installed",
        subject=scheme,
    )

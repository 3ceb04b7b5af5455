"""Where a snapshot stands: a folder of this machine, or a prefix of an object store."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from masker.errors import ConfigError
from masker.snapshots.cloud import Store
from masker.snapshots.folder import Folder
from masker.snapshots.urls import is_url, scheme_of, told
from masker.snapshots.writing import writing

_SPARE = Path("TMPDIR")  # as messages name it


@dataclass(frozen=True, slots=True)
class Place:
    """A folder, or a URL such as s3://bucket/name.

    Its text is for messages and records: a URL without what brings somebody in. `written` is the
    URL with it.
    """

    name: str
    folder: Path | None
    written: str = field(default="", repr=False)

    @classmethod
    def of(cls, written: str | Path) -> Place:
        """Read what people write; ConfigError where that is neither a path nor one URL."""
        text = str(written)
        if not is_url(text):
            return cls(text, Path(text))
        if not scheme_of(text):
            raise ConfigError(
                "the place of the snapshot is neither a folder nor one URL",
                help="name a folder, or a URL that begins with s3://, gs:// or az://",
                code="snapshot-place",
            )
        return cls(told(text), None, text.rstrip("/"))

    def __str__(self) -> str:
        return self.name

    @contextmanager
    def begin(self, *, run: str) -> Iterator[Folder]:
        """Begin a snapshot there; one for a store is made in a private folder of this machine."""
        if self.folder is not None:
            with Folder.begin(self.folder, run=run) as made:
                yield made
            return
        store = Store.of(self.written)
        store.check_free()
        with writing(_SPARE):
            # The same name for the same place, so that the next call finds what a killed one left.
            name = f"masker-snapshot-{hashlib.sha256(self.name.encode()).hexdigest()[:16]}"
            spare = Path(tempfile.gettempdir()) / name
        with Folder.begin(spare, run=run, store=store) as made:
            yield made

    @contextmanager
    def fetched(self) -> Iterator[Path]:
        """Give the folder, which for a store is a private copy that ends with the block."""
        if self.folder is not None:
            yield Path(os.path.abspath(self.folder))  # noqa: PTH100 - links stay links
            return
        store = Store.of(self.written)
        with writing(_SPARE):
            spare = tempfile.TemporaryDirectory(prefix="masker-snapshot-")
        with spare as private:
            folder = Path(private) / "snapshot"
            store.download(folder)
            yield folder

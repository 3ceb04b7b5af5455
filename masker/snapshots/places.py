"""Where a snapshot stands: a folder of this machine, or a prefix of an object store."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from masker.snapshots.cloud import Store, is_url
from masker.snapshots.folder import Folder


@dataclass(frozen=True, slots=True)
class Place:
    """A folder, or a URL such as s3://bucket/name."""

    name: str
    folder: Path | None

    @classmethod
    def of(cls, written: str | Path) -> Place:
        """Read what people write."""
        text = str(written)
        return cls(text.rstrip("/"), None) if is_url(text) else cls(text, Path(text))

    def __str__(self) -> str:
        return self.name

    @contextmanager
    def begin(self, *, run: str) -> Iterator[Folder]:
        """Begin a snapshot there; one for a store is made in a private folder of this machine."""
        if self.folder is not None:
            with Folder.begin(self.folder, run=run) as made:
                yield made
            return
        store = Store.of(self.name)
        store.check_free()
        # The same name for the same URL, so that the next call finds what a killed one left.
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
        store = Store.of(self.name)
        with tempfile.TemporaryDirectory(prefix="masker-snapshot-") as spare:
            folder = Path(spare) / "snapshot"
            store.download(folder)
            yield folder

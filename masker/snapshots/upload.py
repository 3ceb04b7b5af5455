"""A sealed folder on its way into a store, which knows no rename: the seal is uploaded last.

Of several uploads to one prefix at most one ends well. Each marks the prefix as its own and then
looks for a seal; each puts its seal there and then looks for its mark. So of two at one time the
one sees the other, and whoever has lost the mark gives up.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from masker.errors import TryAgainError
from masker.snapshots.cloud import UPLOADING, Store, asking
from masker.snapshots.contents import DATA, SEAL


def upload(store: Store, folder: Path, *, run: str) -> None:
    """Upload a sealed folder whole, or leave nothing of it.

    Raises ConfigError when a snapshot is there already, TryAgainError when the store fails or
    another upload takes the prefix over.
    """
    way = _Upload(store, folder, run=run)
    try:
        with asking(store.told):
            way.claim()
            way.put()
            way.end()
    except BaseException:
        with suppress(Exception):  # what failed first is told; without a seal it is nothing
            way.withdraw()
        raise


class _Upload:
    def __init__(self, store: Store, folder: Path, *, run: str) -> None:
        self._store = store
        self._folder = folder
        self._mark = f"{run} {secrets.token_hex(8)}".encode()
        self._claimed = False
        self._begun: list[str] = []

    def claim(self) -> None:
        """Mark the prefix as this upload's, and remove what another left that did not end."""
        self._store.check_free()
        left = self._store.names()
        self._claimed = True
        self._store.write(UPLOADING, self._mark)
        self._store.check_unsealed()
        for name in left:
            if name != UPLOADING:
                self._store.remove(name)

    def put(self) -> None:
        """Upload every file, the seal last."""
        names = [
            path.relative_to(self._folder).as_posix()
            for path in self._folder.rglob("*")
            if path.is_file()
        ]
        for name in sorted(names, key=lambda each: (each == SEAL, each)):
            self._check_ours()
            if name == SEAL:
                self._store.check_unsealed()
            self._begun.append(name)
            self._store.put(self._folder / name, name)

    def end(self) -> None:
        """Take the mark away, which makes it a snapshot."""
        self._check_ours()
        self._store.remove(UPLOADING)

    def _check_ours(self) -> None:
        if not self._marked():
            raise TryAgainError(
                f"another run uploads to `{self._store.told}`, and took it over",
                help="wait until that one ends, or name another prefix",
                code="snapshot-taken",
                subject=self._store.told,
            )

    def withdraw(self) -> None:
        """Remove what this upload put there, its seal first, and nothing that is another's."""
        if not self._claimed:
            return
        for name in self._own():
            with suppress(Exception):  # what stays is no snapshot; the next upload removes it
                self._store.remove(name)
        rest = set(self._store.names())
        # Beside a seal the mark would spoil a snapshot; beside other remains the next one needs it.
        if (rest == {UPLOADING} or SEAL in rest) and self._marked():
            self._store.remove(UPLOADING)
            rest.discard(UPLOADING)
        if not rest:
            self._store.remove_folders()

    def _marked(self) -> bool:
        return self._store.read(UPLOADING) == self._mark

    def _own(self) -> Sequence[str]:
        """Return the names of what this upload put there and no other wrote over."""
        begun = self._begun[::-1]
        seal = self._store.read(SEAL)
        sealed = seal == (self._folder / SEAL).read_bytes()
        if self._marked() or (self._store.read(UPLOADING) is None and (sealed or seal is None)):
            return begun
        # Files of rows bear a name of their own in every upload, the others the same in all.
        rows = [name for name in begun if name.startswith(f"{DATA}/")]
        return [SEAL, *rows] if sealed else rows

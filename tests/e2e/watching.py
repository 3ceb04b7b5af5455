"""Look for secrets while a program runs: files, unlinked files that are open, argv, environments."""

import base64
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.world import children, command

_PAUSE = 0.05


def disguises(secret: str | bytes) -> tuple[bytes, ...]:
    """Return the forms in which a secret would be written by mistake."""
    raw = secret.encode() if isinstance(secret, str) else secret
    forms = {raw, raw.hex().encode(), base64.b64encode(raw).rstrip(b"="), repr(raw)[2:-1].encode()}
    return tuple(sorted({form.lower() for form in forms}))


class Watcher:
    """Everything that was seen with a secret in it: `found` names places, never a content."""

    def __init__(self, folder: Path, secrets: Iterable[str | bytes]):
        self._folder = folder
        self._forms = [form for secret in secrets for form in disguises(secret)]
        self.found: set[str] = set()
        self.looked = 0
        self.processes: set[str] = set()

    def holds(self, content: bytes) -> bool:
        low = content.lower()
        return any(form in low for form in self._forms)

    def look_at_files(self) -> None:
        for path in self._folder.rglob("*"):
            if path.is_file():
                self._look(path, str(path))

    def look_at_processes(self, pid: int) -> None:
        """Look at what a process and its children have open, and how the children were called."""
        crew = children(pid)
        try:
            itself = command(pid)
        except OSError:  # it has ended
            return
        for one in (pid, *crew):
            home = Path(f"/proc/{one}")
            for entry in _listed(home / "fd"):
                if "(deleted)" in _link(entry):
                    self._look(entry, f"unlinked file of {crew.get(one, 'masker')}")
        for one, line in crew.items():
            if line == itself:  # forked a moment ago and not yet another program
                continue
            self.processes.add(line)
            for name in ("cmdline", "environ"):
                self._look(Path(f"/proc/{one}/{name}"), f"{name} of {line}")

    def _look(self, path: Path, name: str) -> None:
        try:
            content = path.read_bytes()
        except OSError:  # it has gone meanwhile
            return
        self.looked += 1
        if self.holds(content):
            self.found.add(name)


@contextmanager
def watched(watcher: Watcher, pid: int) -> Iterator[Watcher]:
    """Look again and again while the block runs, and once more at its end."""
    over = threading.Event()

    def look() -> None:
        while not over.wait(_PAUSE):
            watcher.look_at_files()
            watcher.look_at_processes(pid)

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield watcher
    finally:
        over.set()
        thread.join()
        watcher.look_at_files()


def _listed(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _link(path: Path) -> str:
    try:
        return str(path.readlink())
    except OSError:
        return ""

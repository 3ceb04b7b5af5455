"""Who has a file open, as far as the system lets one know.

Whoever has read a file before its name was given to another may do harm at the next read: SQLite
looks for a journal by the name, finds the new file's, takes it for a crash's, plays it back into
the old file and removes it. https://www.sqlite.org/howtocorrupt.html, "Unlinking or renaming a
database file while in use"
"""

from __future__ import annotations

import os
from collections import Counter
from contextlib import suppress
from pathlib import Path

_PROCESSES = Path("/proc")


def holders(path: Path, *, own: int = 0) -> tuple[int, ...]:
    """Return the processes that have a file open, in order; those of other users only for root.

    This process counts where it has the file open more than `own` times. Nobody is found on a
    system without /proc.
    """
    if not path.exists():
        return ()
    facts = path.stat()
    found: Counter[int] = Counter()
    for process in _PROCESSES.glob("[0-9]*"):
        with suppress(OSError):  # of another user, or gone meanwhile
            for link in (process / "fd").iterdir():
                with suppress(OSError):
                    if os.path.samestat(link.stat(), facts):
                        found[int(process.name)] += 1
    found[os.getpid()] -= own
    return tuple(sorted(process for process, times in found.items() if times > 0))

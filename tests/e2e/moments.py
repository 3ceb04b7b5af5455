"""Call `masker` and strike it at an exact moment: `python -m tests.e2e.moments HOW MOMENT …`.

Production code has no hook for this: functions are wrapped from outside. HOW is `kill` (SIGKILL),
`interrupt` (Ctrl-C), `stop` (SIGSTOP), after which a test does its worst and sends SIGCONT, or
`none` for what changes masker without ending it.
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import psycopg

from masker.audit.target import Reading
from masker.cli.app import run_command_line
from masker.cli.screen import Screen
from masker.engines.postgres import build, databases
from masker.engines.sqlite import build as sqlite_build
from masker.engines.sqlite import publish as sqlite_publish
from masker.evidence import run_key
from masker.ledger import ledger, manifest
from masker.load.postgres import publish, swap
from masker.pipelines.record import Record
from masker.snapshots.folder import Folder
from masker.transformers import registry
from tests.e2e.world import BUILDING, RUN_KEY

Strike = Callable[[], None]


def wrap(
    owner: Any,
    name: str,
    *,
    before: Strike | None = None,
    after: Strike | None = None,
    turn: int = 1,
) -> None:
    """Strike before or after the `turn`-th call of a function."""
    original = getattr(owner, name)
    calls = 0

    def wrapped(*args: Any, **options: Any) -> Any:
        nonlocal calls
        calls += 1
        if before and calls == turn:
            before()
        result = original(*args, **options)
        if after and calls == turn:
            after()
        return result

    setattr(owner, name, wrapped)


def rename_waits(strike: Strike) -> None:
    """Strike when the rename waits in the server and nobody's session has been ended yet."""

    def instead(second: Any, publisher: int, names: list[str], over: Any) -> None:
        del names
        query = "SELECT query FROM pg_catalog.pg_stat_activity WHERE pid = %s AND state = 'active'"
        while not over.is_set():
            if "RENAME" in str(second.one(query, [publisher])):
                time.sleep(0.3)  # well inside the five seconds for which the server waits
                strike()
            time.sleep(0.01)

    publish._end_sessions = instead


def index_builds(strike: Strike) -> None:
    """Strike while the server builds an index that takes its time."""

    def look() -> None:
        with psycopg.connect(os.environ["TARGET_URL"], autocommit=True) as session:
            while not session.execute(BUILDING).fetchone()[0]:
                time.sleep(0.01)
        strike()

    wrap(build, "run_after", before=threading.Thread(target=look, daemon=True).start)


def known_run_key(strike: Strike) -> None:
    """Let the run's own key be one that a test can look for."""
    del strike
    run_key.secrets = SimpleNamespace(token_bytes=lambda size: RUN_KEY[:size])


def lie(strike: Strike) -> None:
    """Let `scramble` leave every value as it is, in workers as well."""
    del strike
    registry.BUILT_IN = {**registry.BUILT_IN, "scramble": "tests.e2e.liars:ScrambleNothing"}


def once_and_in_the_cleaning_up(strike: Strike) -> None:
    """Strike while rows move, and again when what was begun is about to be removed."""
    wrap(Screen, "moved", before=strike)
    for owner in (Folder, swap.Swap):
        wrap(owner, "__exit__", before=strike)


SIGNS = {
    "kill": signal.SIGKILL,
    "stop": signal.SIGSTOP,
    "interrupt": signal.SIGINT,
    "terminate": signal.SIGTERM,
    "hang up": signal.SIGHUP,
    "none": 0,
}
MOMENTS: dict[str, Callable[[Strike], None]] = {
    "copy": lambda strike: wrap(Screen, "moved", before=strike),
    "twice": once_and_in_the_cleaning_up,
    "schema": lambda strike: wrap(build, "run_before", after=strike),
    "unmarked": lambda strike: wrap(databases, "set_comment", before=strike),
    "index": index_builds,
    "audit": lambda strike: wrap(Reading, "_table", before=strike, turn=2),
    "folder": lambda strike: wrap(Folder, "publish", before=strike),
    "seal": lambda strike: wrap(ledger, "append", before=strike),
    "rename": rename_waits,
    "renamed": lambda strike: wrap(databases, "rename", after=strike, turn=2),
    "file-made": lambda strike: wrap(sqlite_build, "create", after=strike),
    "file-finished": lambda strike: wrap(sqlite_build, "finish", after=strike),
    "file-linked": lambda strike: wrap(sqlite_publish, "_link", after=strike),
    "file-replaced": lambda strike: wrap(sqlite_publish, "sync", before=strike, turn=2),
    "file-kept": lambda strike: wrap(sqlite_publish, "sync", after=strike, turn=3),
    "committed": lambda strike: wrap(swap, "put_in_place", after=strike),
    "manifest": lambda strike: wrap(Record, "published", before=strike),
    "known-run-key": known_run_key,
    "lie": lie,
    "ledger": lambda strike: wrap(manifest, "write", after=strike, turn=2),
}

if __name__ == "__main__":
    sign = SIGNS[sys.argv[1]]
    MOMENTS[sys.argv[2]](lambda: os.kill(os.getpid(), sign))
    sys.exit(run_command_line(sys.argv[3:]))

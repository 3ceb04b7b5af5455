"""Exchange databases by name in one transaction, however eagerly clients reconnect.

The transaction holds the server's lock on the database while a second session ends the sessions
that are in the way; nobody new gets in meanwhile. Before the commit everybody sees the old
database, after it the new one; a crash leaves one of the two, whole.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from masker.engines.marker import PREVIOUS, PUBLISHED, Marker
from masker.engines.postgres import databases
from masker.engines.postgres.marker import join, part
from masker.engines.postgres.session import Session, Side
from masker.errors import ConfigError, MaskerError, TryAgainError
from masker.load.postgres.locks import aside_name, previous_name

TRIES = 5
_IN_USE = "55006"
_AGAIN = frozenset({_IN_USE, "55P03", "40P01"})
_PAUSE = 0.05
# Only sessions of a database that the publishing backend has locked already.
_IN_THE_WAY = """
SELECT a.pid FROM pg_catalog.pg_stat_activity a
  JOIN pg_catalog.pg_locks l
    ON l.locktype = 'object' AND l.classid = 'pg_catalog.pg_database'::pg_catalog.regclass
   AND l.objid = a.datid AND l.mode = 'AccessExclusiveLock' AND l.granted AND l.pid = %s
 WHERE a.datname = ANY (%s) AND a.pid <> l.pid
"""
_SESSIONS = """
SELECT count(*) FROM pg_catalog.pg_stat_activity
 WHERE datname = ANY (%s) AND pid <> pg_catalog.pg_backend_pid()
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """How sessions that are in the way are treated: ended, or waited for, `wait` seconds."""

    maintenance: Session
    terminate: bool
    wait: float

    def run(self, work: Callable[[], None], *, busy: Sequence[str], own: Sequence[str]) -> None:
        """Run `work`, which renames databases, in one transaction.

        `busy` are databases that people use, `own` those that only masker does. TryAgainError
        when sessions stay in the way; then nothing has changed.
        """
        deadline = time.monotonic() + self.wait
        tried = 0
        while True:
            if not self.terminate:
                self._wait_until_idle(busy, deadline)
            try:
                with self._ending([*own, *(busy if self.terminate else ())]):
                    self._transaction(work)
            except MaskerError as failure:
                tried += 1
                again = tried < TRIES if self.terminate else time.monotonic() < deadline
                if failure.sqlstate not in _AGAIN:
                    raise
                if not again:
                    raise self._in_use(busy) from None
            else:
                return

    def _transaction(self, work: Callable[[], None]) -> None:
        with self.maintenance.transaction():
            limit = max(1, round(self.wait * 1000))
            self.maintenance.execute(f"SET LOCAL lock_timeout = {limit}")
            work()

    def _wait_until_idle(self, busy: Sequence[str], deadline: float) -> None:
        while self.maintenance.one(_SESSIONS, [list(busy)]):
            if time.monotonic() >= deadline:
                raise self._in_use(busy)
            time.sleep(_PAUSE)

    def _in_use(self, busy: Sequence[str]) -> TryAgainError:
        count = self.maintenance.one(_SESSIONS, [list(busy)])
        sessions = f"{count} {'session' if count == 1 else 'sessions'}"
        return TryAgainError(
            f"`{busy[0] if busy else 'the target'}` is in use by {sessions}, so nothing is "
            "published; its users still see the old content",
            help="close them (sessions of a superuser cannot be ended by another role)"
            if self.terminate
            else "close them, raise `publish.wait`, or set `publish.terminate: true`",
            code="target-in-use",
        )

    @contextmanager
    def _ending(self, names: Sequence[str]) -> Iterator[None]:
        """End the sessions of locked databases from a second session while the block runs."""
        over = threading.Event()
        publisher = self.maintenance.one("SELECT pg_catalog.pg_backend_pid()")
        with Session.open(self.maintenance.address, side=Side.TARGET) as second:
            thread = threading.Thread(
                target=_end_sessions,
                args=(second, publisher, list(names), over),
                name="masker-publish",
                daemon=True,
            )
            thread.start()
            try:
                yield
            finally:
                over.set()
                thread.join()


def put_in_place(
    exchange: Exchange,
    *,
    target: str,
    aside: str,
    like: databases.Database,
    skip: frozenset[str],
    mark: Marker,
    replaces: bool,
) -> str | None:
    """Put the database `aside` in the target's place; return the name of one to drop, if any.

    In the same transaction the new database takes the old one's rights, limits, settings, owner
    and comment (less the statements in `skip`, whose refusal was accepted) and the marker, and
    a copy that was kept before makes room for the next.
    """
    session = exchange.maintenance
    previous = previous_name(target)
    expired = aside_name(target, f"{mark.run}_expired")
    held = databases.read(session, previous) is not None

    def work() -> None:
        for statement in databases.carry_over(like, aside):
            if statement.sql not in skip:
                session.execute(statement.sql)
        text = part(like.comment)[0] if replaces else ""
        databases.set_comment(session, aside, join(text, mark))
        if replaces:
            if held:
                databases.rename(session, previous, expired)
            databases.rename(session, target, previous)
            _restate(session, previous, target, PREVIOUS)
        databases.rename(session, aside, target)

    busy = [name for name, there in ((target, replaces), (previous, held)) if there]
    exchange.run(work, busy=busy, own=[aside])
    return expired if replaces and held else None


def put_back(exchange: Exchange, *, target: str) -> None:
    """Exchange the target and its previous copy, in one transaction; ConfigError without one."""
    session = exchange.maintenance
    previous, between = previous_name(target), aside_name(target, "rollback")
    for name in (target, previous):
        if databases.read(session, name) is None:
            raise ConfigError(
                f"there is no database `{name}`, so there is nothing to roll back",
                help="a run keeps the copy that it replaces unless `keep_previous: 0`",
                code="no-previous",
                subject=name,
            )

    def work() -> None:
        databases.rename(session, target, between)
        databases.rename(session, previous, target)
        databases.rename(session, between, previous)
        _restate(session, target, target, PUBLISHED)
        _restate(session, previous, target, PREVIOUS)

    exchange.run(work, busy=[target, previous], own=[])


def took_place(session: Session, *, target: str, run: str) -> bool:
    """Tell whether a run's end was committed before something, such as Ctrl-C, cut its word off.

    False where the server is gone, too: the next run reads the marker and tells it.
    """
    with suppress(MaskerError):
        session.rollback()
        found = databases.read(session, target)
        mark = part(found.comment)[1] if found else None
        return mark is not None and mark.run == run
    return False


def _restate(session: Session, name: str, target: str, state: str) -> None:
    """Write a database's new state into its marker; one without a marker gets it."""
    found = databases.read(session, name)
    text, mark = part(found.comment if found else None)
    facts = Marker(
        target=target,
        run=mark.run if mark else "",
        state=state,
        ledger=mark.ledger if mark else "",
    )
    databases.set_comment(session, name, join(text, facts))


def _end_sessions(second: Session, publisher: int, names: list[str], over: threading.Event) -> None:
    try:
        while not over.wait(_PAUSE):
            for (pid,) in second.query(_IN_THE_WAY, [publisher, names]):
                with suppress(ConfigError):  # a superuser's session: the rename will say so
                    second.query("SELECT pg_catalog.pg_terminate_backend(%s)", [pid])
    except MaskerError:  # the server is gone, which the publishing session tells
        return

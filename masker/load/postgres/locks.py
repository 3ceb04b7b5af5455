"""One run per target, and no remains of killed ones."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from masker.engines.marker import PUBLISHED, SHARED
from masker.engines.postgres import databases, marker
from masker.engines.postgres.address import Address
from masker.engines.postgres.session import Session, Side
from masker.errors import ConfigError, MaskerError, TryAgainError
from masker.findings import Finding, Findings, note, warning
from masker.load.postgres.guard import occupied

MAINTENANCE = ("postgres", "template1")
_INFIX = "_masker_"
_LIKE = """
SELECT datname, pg_catalog.shobj_description(oid, 'pg_database'), datallowconn
  FROM pg_catalog.pg_database WHERE pg_catalog.starts_with(datname, %s) ORDER BY 1
"""
# An advisory lock of one number belongs to one database; all of the server's are seen from each.
_HELD = """
SELECT EXISTS (
  SELECT FROM pg_catalog.pg_locks
   WHERE locktype = 'advisory' AND objsubid = 1 AND granted
     AND (classid::bigint << 32) | objid::bigint = %s
     AND pid <> pg_catalog.pg_backend_pid())
"""


def aside_name(target: str, run: str) -> str:
    """Return the name of the database that a run loads."""
    return f"{target}{_INFIX}{run}"


def previous_name(target: str) -> str:
    """Return the name under which the target's former content is kept for a rollback."""
    return f"{target}{_INFIX}previous"


def open_maintenance(address: Address) -> Session:
    """Connect to a database of the target's server from which others are created and renamed."""
    failures: list[MaskerError] = []
    for name in MAINTENANCE:
        try:
            return Session.open(address.at(name), side=Side.TARGET)
        except ConfigError as failure:
            failures.append(failure)
    raise failures[0]


@contextmanager
def run_lock(maintenance: Session, target: str) -> Iterator[None]:
    """Hold the target for this run; TryAgainError when another run has it.

    The other one may hold it from another maintenance database, so whoever has the lock looks for a
    second holder: of two that come at once at least one sees the other, perhaps both. The server
    gives the lock back when this session ends, in whatever way.
    """
    digest = hashlib.sha256(f"masker:run:{target}".encode()).digest()
    number = int.from_bytes(digest[:8], "big", signed=True)
    if not maintenance.one("SELECT pg_catalog.pg_try_advisory_lock(%s)", [number]):
        raise _taken(target)
    try:
        if maintenance.one(_HELD, [number]):
            raise _taken(target)
        yield
    finally:
        if not maintenance.closed:
            with suppress(MaskerError):  # the session's end gives it back as well
                maintenance.query("SELECT pg_catalog.pg_advisory_unlock(%s)", [number])


def _taken(target: str) -> TryAgainError:
    return TryAgainError(
        f"another run of masker works on the target `{target}`",
        help="wait until it ends, then try again",
        code="target-locked",
        subject=target,
    )


def drop_orphans(maintenance: Session, target: str) -> Findings:
    """Drop what killed runs left beside the target; call it under the target's run lock.

    Dropped is a database named after the target that is marked as loading for it or as an older
    copy of it, or that is unmarked and holds no relation (killed before it could be marked).
    """
    found: list[Finding] = []
    keep = {target, previous_name(target)}
    for name, comment, open_ in maintenance.query(_LIKE, [f"{target}{_INFIX}"]):
        if name in keep:
            continue
        mark = marker.part(comment)[1]
        if mark is not None and mark.target != target:
            continue  # of a target whose own name begins like this
        # What was published and bears such a name now, a person has renamed.
        known = mark is not None and mark.state not in {PUBLISHED, SHARED}
        if not known and (mark is not None or not open_ or not _empty(maintenance, name)):
            found.append(
                note(
                    "unknown-database",
                    f"the database `{name}` is named like a remainder of a run, but is none; "
                    "it stays",
                    subject=name,
                    help="drop it if it is nobody's",
                )
            )
            continue
        found.append(_drop(maintenance, name))
    return Findings(tuple(found))


def _drop(maintenance: Session, name: str) -> Finding:
    try:
        databases.drop(maintenance, name)
    except MaskerError as failure:
        if not failure.sqlstate:
            raise
        return warning(
            "orphan-not-dropped",
            f"`{name}`, left by a killed run, cannot be dropped: {failure.message}",
            subject=name,
            help="drop it by hand: its logical replication slots first, if it has any",
        )
    return note("orphan-dropped", f"`{name}`, left by a killed run, is dropped", subject=name)


def _empty(maintenance: Session, name: str) -> bool:
    with Session.open(maintenance.address.at(name), side=Side.TARGET) as session:
        return not occupied(session)

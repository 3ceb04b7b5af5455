"""Which live server a session speaks to, by the server's own word; a URL never decides."""

from __future__ import annotations

import enum
import secrets
from dataclasses import dataclass

from masker.engines.postgres.session import Session

_FACTS = """
SELECT pg_catalog.pg_postmaster_start_time()::text, pg_catalog.inet_server_port(),
       (SELECT setting FROM pg_catalog.pg_settings WHERE name = 'port'),
       (SELECT setting FROM pg_catalog.pg_settings WHERE name = 'data_directory')
"""
_MAY_KNOW = "SELECT pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE')"
_SEEN = """
SELECT EXISTS (SELECT FROM pg_catalog.pg_locks
 WHERE locktype = 'advisory' AND objsubid = 1
   AND classid::bigint = %s AND objid::bigint = %s)
"""


class Kinship(enum.Enum):
    """How two servers are related."""

    SAME = "same live server"
    COPY = "same system identifier, another live server"
    OTHER = "another server"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What a server says of itself; None where the role may not read it."""

    system: str | None
    started: str
    port: str | None
    data_directory: str | None


def identify(session: Session) -> Identity:
    """Ask a server who it is."""
    started, _, port, directory = session.query(_FACTS)[0]
    return Identity(system=_system(session), started=started, port=port, data_directory=directory)


def kinship(source: Session, target: Session) -> Kinship:
    """Tell how two servers are related.

    The same live server is one with the same system identifier, start, port and data directory
    (as far as both may be read), or one whose pg_locks show a random lock taken on the other.
    """
    found = kinship_to(identify(source), target)
    return Kinship.SAME if found is not Kinship.SAME and _sees_lock(source, target) else found


def kinship_to(source: Identity, target: Session) -> Kinship:
    """Tell how a server is related to one that is known by what it said of itself.

    A server that was started again since is taken for a copy.
    """
    other = identify(target)
    if (
        source.started == other.started
        and _agree(source.system, other.system)
        and _agree(source.port, other.port)
        and _agree(source.data_directory, other.data_directory)
    ):
        return Kinship.SAME
    if source.system is not None and source.system == other.system:
        return Kinship.COPY
    return Kinship.OTHER


def _agree(one: str | None, other: str | None) -> bool:
    return one is None or other is None or one == other


def _sees_lock(source: Session, target: Session) -> bool:
    number = secrets.randbits(63)
    target.query("SELECT pg_catalog.pg_advisory_lock(%s)", [number])
    try:
        return bool(source.one(_SEEN, [number >> 32, number & 0xFFFFFFFF]))
    finally:
        target.query("SELECT pg_catalog.pg_advisory_unlock(%s)", [number])


def _system(session: Session) -> str | None:
    """Return the system identifier; None where the role may not call pg_control_system().

    The right is asked for first: a refusal would end the transaction of a session that has one.
    """
    if not session.one(_MAY_KNOW):
        return None
    return str(session.one("SELECT system_identifier FROM pg_catalog.pg_control_system()"))

"""The guard of PostgreSQL: refuse a target that is the source, or may be somebody's production."""

from __future__ import annotations

import time

from masker.engines.postgres import marker
from masker.engines.postgres.ddl import PostgresDdl
from masker.engines.postgres.identity import Kinship, kinship, kinship_to
from masker.engines.postgres.session import Session, Side
from masker.errors import Bug
from masker.findings import Finding, Findings, error
from masker.load.guard import is_masked, production_name, unmarked_target, weighed
from masker.load.settings import SWAP

REPLAY_SECONDS = 3.0  # a standby's usual lag, and some
_COMMENT = """
SELECT pg_catalog.shobj_description(oid, 'pg_database')
  FROM pg_catalog.pg_database WHERE datname = current_database()
"""
_EXISTS = "SELECT true FROM pg_catalog.pg_database WHERE datname = %s"
_PASSED = "SELECT %s::pg_lsn BETWEEN %s::pg_lsn AND pg_catalog.pg_current_wal_insert_lsn()"
# A relation that no extension brought: somebody's own.
_OCCUPIED = """
SELECT EXISTS (
  SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
     AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%'
     AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e'
                        AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass))
"""


def guard(
    *,
    source: Session | PostgresDdl,
    target: Session,
    database: str,
    allow: frozenset[str],
    mode: str = SWAP,
) -> Findings:
    """Say what makes a target unsafe; whoever calls refuses on `blocking`, with UnsafeError.

    `source` is a session on it, or what a snapshot keeps of its server. `target` is a session on
    the target's server: in the target database `database` itself where it exists, else in the
    maintenance database; `mode` is how it is loaded. What `allow` names is a note, the rest an
    error.
    """
    found = [
        *_kinship(source, target, database),
        *_production_name(target, database),
        *_unmarked(target, database, mode),
    ]
    return weighed(found, allow)


def occupied(session: Session) -> bool:
    """Tell whether the session's database holds a relation of its own."""
    return bool(session.one(_OCCUPIED))


def follows(source: Session, database: str) -> bool:
    """Tell whether a database that was just created on the target shows up in a standby source.

    Then the source replays the target's log: the target is production's primary.
    """
    with Session.open(source.address, side=Side.SOURCE) as fresh:  # outside the snapshot
        if not fresh.one("SELECT pg_catalog.pg_is_in_recovery()"):
            return False
        deadline = time.monotonic() + REPLAY_SECONDS
        while time.monotonic() < deadline:
            if fresh.one(_EXISTS, [database]):
                return True
            time.sleep(0.1)
    return False


def replays(source: Session, target: Session) -> bool:
    """Tell whether a source replays what is written to the log of the target's server just now.

    Then the target is production's primary. Two places in the log hold what the standby must pass.
    """
    with Session.open(source.address, side=Side.SOURCE) as fresh:  # outside the snapshot
        if not fresh.one("SELECT pg_catalog.pg_is_in_recovery()"):
            return False
        least = target.one("SELECT pg_catalog.pg_logical_emit_message(true, 'masker', '')::text")
        deadline = time.monotonic() + REPLAY_SECONDS
        while time.monotonic() < deadline:
            at = fresh.one("SELECT pg_catalog.pg_last_wal_replay_lsn()::text")
            if target.one(_PASSED, [at, least]):
                return True
            time.sleep(0.1)
    return False


def _kinship(source: Session | PostgresDdl, target: Session, database: str) -> list[Finding]:
    if isinstance(source, PostgresDdl):
        kin, origin = kinship_to(source.identity, target), source.database.name
    else:
        kin, origin = kinship(source, target), str(source.one("SELECT current_database()"))
    here = str(target.one("SELECT current_database()"))
    # `here` counts, too: a pooler may give a database another name than the server does.
    if kin is Kinship.SAME and origin in (here, database):
        return [
            error(
                "same-database",
                f"source and target are one database, `{origin}` of the same live server",
                subject=origin,
                help="name another database in `target.url`; nothing allows this",
            )
        ]
    if kin is Kinship.SAME:
        return [
            error(
                "same-server",
                f"the target `{database}` lives in the same live server as the source `{origin}`",
                subject=database,
                help="use a server of its own for the target, or write "
                "`allow: [same-server]` under `target:`",
            )
        ]
    if kin is Kinship.COPY:
        return [
            error(
                "shared-identity",
                f"the target's server of `{database}` has the source's system identifier: one is a "
                "standby or a copy of the other",
                subject=database,
                help="make sure that the target is a copy and not the primary of the source, then "
                "write `allow: [shared-identity]` under `target:`",
            )
        ]
    return []


def _production_name(target: Session, database: str) -> list[Finding]:
    address = target.address
    cluster = str(target.one("SELECT pg_catalog.current_setting('cluster_name', true)") or "")
    here = str(target.one("SELECT current_database()"))
    return production_name([database, here, address.host, address.user, cluster], database=database)


def _unmarked(target: Session, database: str, mode: str) -> list[Finding]:
    if str(target.one("SELECT current_database()")) != database:
        if not target.one(_EXISTS, [database]):
            return []
        raise Bug(f"the guard must look into the database `{database}`, and was not let in")
    if not occupied(target):
        return []
    if is_masked(marker.part(target.one(_COMMENT))[1], mode=mode):
        return []
    return [unmarked_target(database, mode=mode)]

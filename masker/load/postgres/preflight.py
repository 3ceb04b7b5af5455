"""What can be known to fail before anything is done: rights, names, room, replication."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from masker.engines.postgres.databases import NAME_BYTES, same_locale
from masker.engines.postgres.databases import read as read_database
from masker.engines.postgres.session import Session, quote
from masker.findings import Finding, Findings, error, warning
from masker.load.postgres.locks import aside_name, previous_name
from masker.load.room import check_room
from masker.load.settings import TargetSettings

_LOOPBACK = frozenset({"", "localhost", "127.0.0.1", "::1"})
_ROLE = """
SELECT rolsuper, rolcreatedb OR rolsuper, rolname,
       rolsuper OR pg_catalog.pg_has_role('pg_signal_backend', 'USAGE')
  FROM pg_catalog.pg_roles WHERE rolname = current_user
"""
_OWNED = """
SELECT pg_catalog.pg_has_role(datdba, 'USAGE'), pg_catalog.pg_get_userbyid(datdba)
  FROM pg_catalog.pg_database WHERE datname = %s
"""
_REPLICATION = """
SELECT 'logical replication slot', slot_name::text FROM pg_catalog.pg_replication_slots
 WHERE database = %s
UNION ALL SELECT 'subscription', s.subname::text FROM pg_catalog.pg_subscription s
  JOIN pg_catalog.pg_database d ON d.oid = s.subdbid WHERE d.datname = %s
UNION ALL SELECT 'prepared transaction of', owner::text FROM pg_catalog.pg_prepared_xacts
 WHERE database = %s
"""
_DIRECTORY = "SELECT setting FROM pg_catalog.pg_settings WHERE name = 'data_directory'"


def preflight(
    maintenance: Session,
    *,
    settings: TargetSettings,
    run: str,
    source_version: int,
    expected: int | None,
) -> Findings:
    """Look at the target's server and say what stands in a run's way, all at once.

    `source_version` is the source server's number (180001); `expected` the size of the new
    database in bytes, None when nobody knows.
    """
    free = settings.disk if settings.disk is not None else _free(maintenance)
    return Findings(
        (
            *_names(settings.database, run),
            *_rights(maintenance, settings),
            *_replication(maintenance, settings.database),
            *_version(maintenance, settings.database, source_version),
            *_template(maintenance, settings),
            *_pooler(maintenance),
            *check_room(expected, free, database=settings.database),
        )
    )


def standing(
    maintenance: Session, *, settings: TargetSettings, source_version: int, expected: int | None
) -> Findings:
    """Look at the server of a target that is loaded itself, and say what stands in the way.

    `source_version` and `expected` are as of `preflight`.
    """
    free = settings.disk if settings.disk is not None else _free(maintenance)
    return Findings(
        (
            *_version(maintenance, settings.database, source_version),
            *_pooler(maintenance),
            *check_room(expected, free, database=settings.database),
        )
    )


def no_target(settings: TargetSettings) -> Finding:
    """Return the finding of a target that should have tables and does not exist."""
    return error(
        "no-target",
        f"`mode: {settings.mode}` needs the target `{settings.database}`, which does not exist",
        subject=settings.database,
        help="create it and run its migrations first",
    )


def _names(target: str, run: str) -> Iterator[Finding]:
    for name in (aside_name(target, f"{run}_expired"), previous_name(target)):
        if len(name.encode()) > NAME_BYTES:
            yield error(
                "name-too-long",
                f"`{name}` has more than {NAME_BYTES} bytes, which PostgreSQL would cut off",
                subject=target,
                help="give the target database a shorter name",
            )


def _rights(session: Session, settings: TargetSettings) -> Iterator[Finding]:
    _, creates, role, signals = session.query(_ROLE)[0]
    if not creates:
        yield error(
            "no-createdb",
            f"the role `{role}` may not create databases, so none can be loaded beside the target",
            subject=role,
            help=f"ALTER ROLE {quote(role)} CREATEDB",
        )
    if settings.terminate and not signals:
        yield error(
            "no-signal-right",
            f"the role `{role}` may not end other roles' sessions on the target",
            subject=role,
            help=f"GRANT pg_signal_backend TO {quote(role)}, or set `publish.terminate: false`",
        )
    owned = session.query(_OWNED, [settings.database])
    if owned and not owned[0][0]:
        yield error(
            "not-owner",
            f"the target `{settings.database}` belongs to `{owned[0][1]}`, and `{role}` is no "
            "member of it, so it cannot be renamed",
            subject=settings.database,
            help=f"GRANT {quote(owned[0][1])} TO {quote(role)}, or make it the owner",
        )


def _replication(session: Session, target: str) -> Iterator[Finding]:
    for kind, name in session.query(_REPLICATION, [target] * 3):
        code = kind.removesuffix(" of").replace(" ", "-")
        yield error(
            code,
            f"the target `{target}` has a {kind} `{name}`, which would stay with the old content",
            subject=name,
            help="end it before the target is exchanged, and create it again afterwards",
        )


def _version(session: Session, target: str, source_version: int) -> Iterator[Finding]:
    if session.version // 10000 < source_version // 10000:
        yield warning(
            "older-target",
            f"the target's server is PostgreSQL {session.version // 10000}, older than the "
            f"source's {source_version // 10000}: it may not know all of its schema",
            subject=target,
            help="use a target of the same version",
        )


def _template(session: Session, settings: TargetSettings) -> Iterator[Finding]:
    if settings.template is None:
        return
    template = read_database(session, settings.template)
    old = read_database(session, settings.database)
    if template is None:
        yield error(
            "no-template",
            f"there is no database `{settings.template}` to serve as `target.template`",
            subject=settings.template,
            help="create it with the extensions that the source uses, without tables",
        )
    elif old is not None and not same_locale(template, old):
        yield error(
            "template-locale",
            f"the template `{settings.template}` and the target `{settings.database}` differ in "
            "encoding or locale, so text would sort differently",
            subject=settings.template,
            help="create the template with the target's encoding and locale",
        )


def _pooler(session: Session) -> Iterator[Finding]:
    told = session.raw.info.backend_pid
    if session.one("SELECT pg_catalog.pg_backend_pid()") != told:
        yield error(
            "pooled-target",
            "the target's URL leads to a connection pooler, where sessions are not one's own",
            subject=session.address.host,
            help="name the server itself in `target.url`",
        )


def _free(session: Session) -> int | None:
    """Return the free bytes where the server keeps its files, None when that is elsewhere."""
    directory = session.one(_DIRECTORY)
    host = session.address.host
    if directory is None or (host not in _LOOPBACK and not host.startswith("/")):
        return None
    try:
        return shutil.disk_usage(Path(str(directory))).free
    except OSError:  # another container's directory behind a loopback port
        return None

"""Where a target's definition comes from: a source that is there, or a snapshot of one."""

from __future__ import annotations

from masker.engines.ddl import Origin
from masker.engines.postgres import databases
from masker.engines.postgres.ddl import PostgresDdl
from masker.engines.postgres.session import Session
from masker.engines.postgres.source import PostgresSource
from masker.errors import Bug


def of_origin(origin: Origin) -> PostgresSource | PostgresDdl:
    """Return an origin as the one of this engine that it is."""
    if not isinstance(origin, PostgresSource | PostgresDdl):
        raise Bug("PostgreSQL was given a source of another engine")
    return origin


def known(origin: Origin) -> Session | PostgresDdl:
    """Return what can say of the source's server who it is and of which version."""
    found = of_origin(origin)
    return found.session if isinstance(found, PostgresSource) else found


def database_of(origin: PostgresSource | PostgresDdl) -> databases.Database:
    """Return how the source's database stores and compares text."""
    if isinstance(origin, PostgresDdl):
        return origin.database
    session = origin.session
    found = databases.read(session, str(session.one("SELECT current_database()")))
    if found is None:
        raise Bug("the source's database is not in its own catalog")
    return found

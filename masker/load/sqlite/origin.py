"""Where a target's definition comes from: a source that is there, or a snapshot of one."""

from __future__ import annotations

from pathlib import Path

from masker.engines.ddl import Origin
from masker.engines.sqlite.build import Schema, read_schema
from masker.engines.sqlite.ddl import SqliteDdl
from masker.engines.sqlite.source import SqliteSource
from masker.errors import Bug


def schema_of(origin: Origin) -> Schema:
    """Return the definitions that a new file is made of."""
    found = _of_origin(origin)
    return found.made if isinstance(found, SqliteDdl) else read_schema(found.session)


def known_place(origin: Origin) -> Path | str:
    """Return where the source is, or the digest of it that a snapshot keeps."""
    found = _of_origin(origin)
    return found.place if isinstance(found, SqliteDdl) else found.address.path


def _of_origin(origin: Origin) -> SqliteSource | SqliteDdl:
    if not isinstance(origin, SqliteSource | SqliteDdl):
        raise Bug("SQLite was given a source of another engine")
    return origin

"""Masker's marker: a table of SQLite's own kind, which says whose data lies in a file.

A table whose name begins with `sqlite_` belongs to no application: tools do not list it, nobody
drops or alters it by mistake, and VACUUM, ANALYZE and backups keep it. So the marker travels with
the content of a file, and a file of somebody else that comes under the same name has none.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from masker.engines import marker as words
from masker.engines.marker import Marker
from masker.engines.sqlite.address import Address
from masker.engines.sqlite.files import PREVIOUS, run_of
from masker.engines.sqlite.session import Session, Side
from masker.errors import MaskerError

TABLE = "sqlite_masker"
# The header's application id while a file is being loaded: `mask` in ASCII. Even where a killed
# run left a file that is no database, its first hundred bytes say this.
LOADING_ID = int.from_bytes(b"mask", "big")
_MAGIC = b"SQLite format 3\0"
_ID_AT = 68  # https://www.sqlite.org/fileformat.html, "The Database Header"
_THERE = f"SELECT 1 FROM sqlite_schema WHERE name = '{TABLE}'"


def read_marker(path: Path) -> Marker | None:
    """Return a file's marker, None where it has none or is not there."""
    if not path.exists():
        return None
    with Session.open(Address(path), side=Side.TARGET, mode="ro") as session:
        found = read(session)
    if found is not None and run_of(path)[1] == PREVIOUS:
        return replace(found, state=words.PREVIOUS)  # being moved aside does not change a file
    return found


def read(session: Session) -> Marker | None:
    """Return the marker of the file that a session has open."""
    if session.one(_THERE) is None:
        return None
    text = session.one(f"SELECT +marker FROM {TABLE}")
    return Marker.parse(text) if isinstance(text, str) else None


def write(session: Session, mark: Marker) -> None:
    """Put a marker into the file that a session has open, in place of the one before."""
    if session.one(_THERE) is None:
        # Only so does SQLite let one make such a table.
        session.query("PRAGMA writable_schema = ON")
        session.execute(f"CREATE TABLE {TABLE} (marker TEXT)")
        session.query("PRAGMA writable_schema = OFF")
    session.execute(f"DELETE FROM {TABLE}")
    session.execute(f"INSERT INTO {TABLE} VALUES (?)", [str(mark)])


def took_place(path: Path, *, run: str) -> bool:
    """Tell whether a run's end was committed before something, such as Ctrl-C, cut its word off.

    False where the file cannot be read, too: the next run reads the marker and tells it.
    """
    with suppress(MaskerError):
        mark = read_marker(path)
        return mark is not None and mark.run == run
    return False


def is_loading(path: Path) -> bool:
    """Tell whether a run was loading this file, be it a database or no more."""
    with path.open("rb") as file:
        header = file.read(_ID_AT + 4)
    return not header or (
        header.startswith(_MAGIC) and int.from_bytes(header[_ID_AT:], "big") == LOADING_ID
    )

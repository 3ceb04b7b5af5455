"""Masker's marker: a row of sqlite_sequence, which says whose data lies in a file.

SQLite's own table of AUTOINCREMENT belongs to no application, is listed by none, and survives
VACUUM; a row whose name is no table's says nothing to SQLite. So the marker travels with the file,
and a file of somebody else that comes under its name has none.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from masker.engines import marker as words
from masker.engines.marker import Marker
from masker.engines.sqlite.address import Address
from masker.engines.sqlite.files import PREVIOUS, run_of
from masker.engines.sqlite.session import Session, Side, quote

NAME = "masker: marker"
# The header's application id while a file is being loaded: `mask` in ASCII. Even where a killed
# run left a file that is no database, its first hundred bytes say this.
LOADING_ID = int.from_bytes(b"mask", "big")
_MAGIC = b"SQLite format 3\0"
_ID_AT = 68  # https://www.sqlite.org/fileformat.html, "The Database Header"
_SEQUENCE = "sqlite_sequence"
_THERE = "SELECT 1 FROM sqlite_schema WHERE name = ?"
_MAKER = "masker_makes_sqlite_sequence"


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
    if session.one(_THERE, [_SEQUENCE]) is None:
        return None
    text = session.one(f"SELECT seq FROM {_SEQUENCE} WHERE name = ?", [NAME])
    return Marker.parse(text) if isinstance(text, str) else None


def write(session: Session, mark: Marker) -> None:
    """Put a marker into the file that a session has open, in place of the one before."""
    if session.one(_THERE, [_SEQUENCE]) is None:
        # SQLite makes the table with the first AUTOINCREMENT, and keeps it.
        session.execute(f"CREATE TABLE {quote(_MAKER)} (id INTEGER PRIMARY KEY AUTOINCREMENT)")
        session.execute(f"DROP TABLE {quote(_MAKER)}")
    session.execute(f"DELETE FROM {_SEQUENCE} WHERE name = ?", [NAME])
    session.execute(f"INSERT INTO {_SEQUENCE} (name, seq) VALUES (?, ?)", [NAME, str(mark)])


def is_loading(path: Path) -> bool:
    """Tell whether a run was loading this file, be it a database or no more."""
    with path.open("rb") as file:
        header = file.read(_ID_AT + 4)
    return not header or (
        header.startswith(_MAGIC) and int.from_bytes(header[_ID_AT:], "big") == LOADING_ID
    )

"""Masker's marker in PostgreSQL: the last line of a database's comment."""

from __future__ import annotations

from masker.engines.marker import Marker

PREFIX = "masker: "
# The whole comment of the database that a session is connected to.
COMMENT = """
SELECT pg_catalog.shobj_description(oid, 'pg_database')
  FROM pg_catalog.pg_database WHERE datname = current_database()
"""


def part(comment: str | None) -> tuple[str, Marker | None]:
    """Part a comment into its own text and the marker, None where there is none."""
    text, _, last = (comment or "").rpartition("\n")
    if not last.startswith(PREFIX):
        return comment or "", None
    mark = Marker.parse(last.removeprefix(PREFIX))
    return (comment or "", None) if mark is None else (text, mark)


def join(text: str, marker: Marker) -> str:
    """Return a comment with the marker as its last line."""
    line = f"{PREFIX}{marker}"
    return f"{text}\n{line}" if text else line

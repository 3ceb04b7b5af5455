"""The statements of `after`: a file of SQL that sets up staging, read beside the pipeline."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from masker.errors import ConfigError
from masker.findings import Finding, Position, error
from masker.rules.document import read_text
from masker.rules.places import Places

_KEY = "after"


@dataclass(frozen=True, slots=True, kw_only=True)
class Statements:
    """SQL that runs on the new data before it is published; `file` is as the pipeline names it."""

    file: str
    text: str = field(repr=False)

    @property
    def digest(self) -> str:
        """Return what changes when the file does: a few digits of its SHA-256."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:12]


def read_statements(
    written: object, places: Places, folder: Path
) -> tuple[Statements | None, tuple[Finding, ...]]:
    """Read the file that `after` names, relative to `folder`, and say what is wrong with it.

    `written` is the pipeline's plain content.
    """
    named = written.get(_KEY) if isinstance(written, dict) else None
    if not isinstance(named, str):
        return None, ()  # none, or told by its form
    path = (folder / named).expanduser()
    try:
        text = read_text(path)
    except ConfigError as failure:
        # Not its text: somebody may have written a whole command here, password included.
        wrong = error(
            failure.code,
            "the file that `after` names cannot be read as UTF-8 text",
            subject=_KEY,
            at=places.value(_KEY),
            help="write the path of a file of SQL, relative to this file; check that it is there",
        )
        return None, (wrong,)
    return Statements(file=named, text=text), tuple(_complaints(named, text, str(path), places))


def _complaints(named: str, text: str, path: str, places: Places) -> Iterator[Finding]:
    if not text.strip():
        yield error(
            "bad-after",
            f"`{named}` holds no statement",
            subject=named,
            at=places.value(_KEY),
            help="take `after` out, or write the statements",
        )
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith("\\"):
            yield error(
                "bad-after",
                "a line that begins with a backslash is a command of psql, not of the server",
                subject=f"{named}:{number}",
                at=Position(path, number, 1),
                help="write it in SQL: `after` is run by masker, not by psql",
            )

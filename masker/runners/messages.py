"""What a worker process tells its parent."""

from __future__ import annotations

from dataclasses import dataclass

from masker.catalog import TableName
from masker.errors import MaskerError
from masker.evidence import Evidence
from masker.extract import Range


@dataclass(frozen=True, slots=True)
class Moved:
    """Rows and bytes of one batch that was written."""

    table: TableName
    rows: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Finished:
    """A range is written whole."""

    part: Range


@dataclass(frozen=True, slots=True)
class Sealed:
    """A worker's evidence; its last message."""

    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Failed:
    """What stopped a worker; its last message."""

    failure: MaskerError

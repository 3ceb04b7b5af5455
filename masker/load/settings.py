"""What a pipeline says of its target, as far as loading and publishing need it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

SWAP, REPLACE, APPEND, UPSERT = "swap", "replace", "append", "upsert"
DELETE, TRUNCATE = "delete", "truncate"


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetSettings:
    """Where and how to load.

    `address` is the engine's own; `mode` says how new data takes the place of old, `clear` how
    tables are emptied where it is `replace`; `allow` names what the guard lets pass; `template` an
    empty template database with extensions that the loading role may not create; `keep_schema` is
    `schema: keep`. `wait` is in seconds, `disk` the target's free space in bytes where it is
    declared; `tools` the folder of pg_dump.
    """

    engine: str
    address: Any
    mode: str = SWAP
    clear: str = DELETE
    allow: frozenset[str] = frozenset()
    template: str | None = None
    keep_schema: bool = False
    terminate: bool = True
    wait: float = 60.0
    keep_previous: bool = True
    workers: int = 4
    disk: int | None = None
    tools: Path | None = None

    @property
    def swaps(self) -> bool:
        """Tell whether a new database takes the target's place, else rows go into the target."""
        return self.mode == SWAP

    @property
    def database(self) -> str:
        """Return the target's name."""
        name: str = self.address.database
        return name

"""Who looks on while a run goes on: a screen, a log, a test, or nobody."""

from __future__ import annotations

from typing import Protocol

from masker.catalog import TableName
from masker.plan.model import Plan


class Watch(Protocol):
    """Told what happens, in order; never a value. Whatever it raises ends the run."""

    def phase(self, name: str) -> None:
        """Hear that a phase begins, such as `plan`, `load` or `audit`."""
        ...

    def planned(self, plan: Plan) -> None:
        """Hear what will be done."""
        ...

    def moved(self, table: TableName, rows: int, size: int) -> None:
        """Hear that rows of a table arrived in the new database; `size` is in bytes."""
        ...


class Nobody:
    """Look away."""

    def phase(self, name: str) -> None:
        """Hear nothing."""

    def planned(self, plan: Plan) -> None:
        """Hear nothing."""

    def moved(self, table: TableName, rows: int, size: int) -> None:
        """Hear nothing."""

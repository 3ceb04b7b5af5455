"""Keep non-production databases full of data that looks like production and belongs to nobody.

`masker.run("pipeline.yaml")` refreshes a target; `masker.Masker(...)` masks frames. Both raise
`MaskerError`s, whose `exit_code` says what the caller should do.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from masker.errors import (
        Bug,
        CollisionError,
        ConfigError,
        DataError,
        Interrupted,
        LeakError,
        MaskerError,
        TryAgainError,
        UnsafeError,
    )
    from masker.findings import Finding, Findings
    from masker.pipelines.frames import Masker
    from masker.pipelines.record import Run
    from masker.pipelines.run import run

__all__ = [
    "Bug",
    "CollisionError",
    "ConfigError",
    "DataError",
    "Finding",
    "Findings",
    "Interrupted",
    "LeakError",
    "Masker",
    "MaskerError",
    "Run",
    "TryAgainError",
    "UnsafeError",
    "run",
]
_ELSEWHERE = {
    "Finding": "findings",
    "Findings": "findings",
    "Masker": "pipelines.frames",
    "Run": "pipelines.record",
    "run": "pipelines.run",
}


def __getattr__(name: str) -> object:
    """Load a public name when it is first used, so that `import masker` is quick."""
    if name not in __all__:
        raise AttributeError(f"module `masker` has no attribute `{name}`")
    return getattr(importlib.import_module(f"masker.{_ELSEWHERE.get(name, 'errors')}"), name)


def __dir__() -> list[str]:
    return __all__

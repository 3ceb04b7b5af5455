"""Keep non-production databases full of data that looks like production and belongs to nobody.

`masker.run("pipeline.yaml")` refreshes a target, `masker.scan(url)` says where personal data is,
and a `masker.Masker` masks frames, rows, values, and tables inside a transaction of the caller's.
All raise `MaskerError`s, whose `exit_code` says what the caller should do.
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
    from masker.pipelines.load import Loaded, load_snapshot
    from masker.pipelines.masker import Masker
    from masker.pipelines.record import Run
    from masker.pipelines.run import run
    from masker.pipelines.scan import Scan, scan
    from masker.pipelines.snapshot import Snapshot, snapshot
    from masker.pipelines.table import MaskedColumn, MaskedTable

__all__ = [
    "Bug",
    "CollisionError",
    "ConfigError",
    "DataError",
    "Finding",
    "Findings",
    "Interrupted",
    "LeakError",
    "Loaded",
    "MaskedColumn",
    "MaskedTable",
    "Masker",
    "MaskerError",
    "Run",
    "Scan",
    "Snapshot",
    "TryAgainError",
    "UnsafeError",
    "load_snapshot",
    "run",
    "scan",
    "snapshot",
]
_ELSEWHERE = {
    "Finding": "findings",
    "Findings": "findings",
    "Loaded": "pipelines.load",
    "MaskedColumn": "pipelines.table",
    "MaskedTable": "pipelines.table",
    "Masker": "pipelines.masker",
    "Run": "pipelines.record",
    "Scan": "pipelines.scan",
    "Snapshot": "pipelines.snapshot",
    "load_snapshot": "pipelines.load",
    "run": "pipelines.run",
    "scan": "pipelines.scan",
    "snapshot": "pipelines.snapshot",
}


def __getattr__(name: str) -> object:
    """Load a public name when it is first used, so that `import masker` is quick."""
    if name not in __all__:
        raise AttributeError(f"module `masker` has no attribute `{name}`")
    return getattr(importlib.import_module(f"masker.{_ELSEWHERE.get(name, 'errors')}"), name)


def __dir__() -> list[str]:
    return __all__

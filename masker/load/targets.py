"""The engines that can be loaded; one is loaded itself when a target names it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from importlib import import_module

from masker.load.settings import TargetSettings
from masker.load.target import Target

# Each module has a function `hold(settings)`.
TARGETS = {
    "postgres": "masker.load.postgres.target",
    "sqlite": "masker.load.sqlite.target",
}


def hold(settings: TargetSettings) -> AbstractContextManager[Target]:
    """Hold a target for one run; TryAgainError when another run has it."""
    held: AbstractContextManager[Target] = import_module(TARGETS[settings.engine]).hold(settings)
    return held

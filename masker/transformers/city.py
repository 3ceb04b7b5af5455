"""Names of cities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from masker.transformers.pooled import Pooled


@dataclass(frozen=True)
class City(Pooled):
    """Replaces names of cities."""

    name: ClassVar[str] = "city"
    sentence: ClassVar[str] = "Replaces names of cities by others of the locale."
    default_domain: ClassVar[str] = "city"

    def providers(self) -> tuple[str, ...]:
        """Return Faker's `city`."""
        return ("city",)

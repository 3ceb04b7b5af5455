"""Names of companies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from masker.transformers.pooled import Pooled


@dataclass(frozen=True)
class Company(Pooled):
    """Replaces names of companies."""

    name: ClassVar[str] = "company"
    sentence: ClassVar[str] = "Replaces names of companies by made-up ones of the locale."
    default_domain: ClassVar[str] = "company"

    def providers(self) -> tuple[str, ...]:
        """Return Faker's `company`."""
        return ("company",)

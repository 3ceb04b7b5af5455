"""Any Faker provider, by pool."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from masker.transformers.base import Param
from masker.transformers.pooled import LOCALE, Pooled


@dataclass(frozen=True, kw_only=True)
class Fake(Pooled):
    """Replaces values by what a Faker provider makes."""

    name: ClassVar[str] = "fake"
    sentence: ClassVar[str] = "Replaces values by what a Faker provider makes, in any locale."
    default_domain: ClassVar[str] = "fake"
    params: ClassVar[tuple[Param, ...]] = (
        Param(
            name="provider",
            type="text",
            default=None,
            meaning="the name of a Faker provider, such as `job` or `country`",
        ),
        LOCALE,
    )
    provider: str

    def providers(self) -> tuple[str, ...]:
        """Return the one provider that the parameter names."""
        return (self.provider,)

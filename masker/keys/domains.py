"""Which domains are exact and which canonical: it belongs to the domain, never to the column."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from types import MappingProxyType


class Exactness(enum.StrEnum):
    """What counts as equal in a domain, for all its columns, databases and nights."""

    EXACT = "exact"  # equal bytes
    CANONICAL = "canonical"  # equal after NFC, trimming and casefolding


DOMAINS: Mapping[str, Exactness] = MappingProxyType(
    {
        "email": Exactness.EXACT,
        "name": Exactness.CANONICAL,
    }
)


def exactness(domain: str) -> Exactness:
    """Return what counts as equal in a domain; a domain that is not listed is exact."""
    return DOMAINS.get(domain, Exactness.EXACT)

"""Prove after the load that the target is whole and holds no source value that was masked."""

from masker.audit.audit import Audit, audit
from masker.audit.places import Figure

__all__ = ["Audit", "Figure", "audit"]

"""What masking leaves for the audit: counts, digests and keyed fingerprints, never a value."""

from masker.evidence.collector import Collector
from masker.evidence.evidence import ColumnEvidence, Evidence
from masker.evidence.run_key import RunKey

__all__ = ["Collector", "ColumnEvidence", "Evidence", "RunKey"]

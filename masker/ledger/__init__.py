"""What is left of a run: a manifest of its own, and one line in the ledger of all runs."""

from masker.ledger.history import (
    FAILED,
    LEDGER,
    MISSED,
    OUTCOMES,
    PUBLISHED,
    PUBLISHING,
    REFUSED,
    ROLLED_BACK,
    ROLLING_BACK,
    SKIPPED,
    Entry,
    chosen,
    history,
)
from masker.ledger.ledger import append, head_of, verify
from masker.ledger.manifest import Manifest, column_facts, read, write

__all__ = [
    "FAILED",
    "LEDGER",
    "MISSED",
    "OUTCOMES",
    "PUBLISHED",
    "PUBLISHING",
    "REFUSED",
    "ROLLED_BACK",
    "ROLLING_BACK",
    "SKIPPED",
    "Entry",
    "Manifest",
    "append",
    "chosen",
    "column_facts",
    "head_of",
    "history",
    "read",
    "verify",
    "write",
]

"""What a mode does to the readers of a target."""

from __future__ import annotations

SWAPS = frozenset({"swap", "snapshot"})  # a new database or folder; nothing that is there changes
_READERS = {
    ("replace", "delete"): "rows are deleted and loaded again in one transaction: readers see the "
    "old rows until it commits, or wait where foreign keys are dropped meanwhile",
    ("replace", "truncate"): "tables are truncated and loaded again in one transaction: nobody can "
    "read them until it commits",
    ("append", ""): "rows are added in one transaction: readers see none of them until it commits, "
    "or wait where foreign keys are dropped meanwhile",
    ("upsert", ""): "rows are added or overwritten in one transaction: readers see the old ones "
    "until it commits, or wait where foreign keys are dropped meanwhile",
}
_FILE = (
    "everything happens in one transaction on the file: readers see the old rows until it "
    "commits, or wait where the file is not in WAL mode"
)


def readers(mode: str, *, clear: str, engine: str) -> str:
    """Say what readers of the target see while rows are loaded; nothing where they see no change.

    `clear` is how `replace` empties tables.
    """
    if mode in SWAPS:
        return ""
    if engine == "sqlite":
        return _FILE
    return _READERS[mode, clear if mode == "replace" else ""]

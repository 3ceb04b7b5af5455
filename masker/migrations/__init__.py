"""Alembic operations: `import masker.migrations` gives `op.mask_table` and `op.copy_masked`."""

from masker.migrations.autogenerate import overlook_marker
from masker.migrations.operations import CopyMasked, MaskTable, OfflineError

__all__ = ["CopyMasked", "MaskTable", "OfflineError", "overlook_marker"]

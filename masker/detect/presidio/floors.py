"""The scores below which a finding says nothing."""

from __future__ import annotations

FLOOR = 0.5  # of a finding by form alone; a checksum that fits gives 1.0, a word before it 0.35
WEAK = 0.3  # below the floor alone, above it behind a word of the context

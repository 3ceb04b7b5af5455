"""Blocks of COPY text of some columns, and their frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from masker.engines.engine import Decode
from masker.engines.postgres import copytext


@dataclass(frozen=True, slots=True)
class CopyText:
    """Blocks of COPY text; with `marked` a mark stands before each row, which parses faster."""

    names: tuple[str, ...]
    marked: bool

    def count(self, block: bytes) -> int:
        """Return the number of rows in a block."""
        return block.count(b"\n")

    def parse(self, block: bytes) -> tuple[pl.DataFrame, Decode | None]:
        """Return a block as a frame, and the decoder where its values hold escapes."""
        frame = copytext.parse(block, self.names, marked=self.marked)
        return frame, copytext.decode if copytext.has_escapes(block, frame) else None

    def render(self, frame: pl.DataFrame, *, plain: Sequence[str]) -> bytes:
        """Return a frame as COPY text without marks."""
        return copytext.render(frame, plain=plain)

"""Blocks of rows as sqlite3 gives them, and their frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from masker.catalog import Column
from masker.engines.engine import Decode
from masker.engines.sqlite.fetch import Row
from masker.engines.sqlite.types import has_numbers
from masker.engines.sqlite.values import from_text, to_text

Block = list[Row]


@dataclass(frozen=True, slots=True)
class Values:
    """Blocks of rows of these columns; every value keeps the class that it is stored in."""

    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Return the columns' names, in order."""
        return tuple(column.name for column in self.columns)

    def count(self, block: Block) -> int:
        """Return the number of rows in a block."""
        return len(block)

    def parse(self, block: Block) -> tuple[pl.DataFrame, Decode | None]:
        """Return a block as a frame of Python objects, and what makes plain text of a column."""
        if not self.columns:
            return pl.DataFrame(height=len(block)), None
        values = zip(*block, strict=True) if block else [()] * len(self.columns)
        frame = pl.DataFrame(
            [
                pl.Series(column.name, list(each), dtype=pl.Object)
                for column, each in zip(self.columns, values, strict=True)
            ]
        )
        return frame, self._plain

    def _plain(self, values: pl.Series) -> pl.Series:
        if values.dtype == pl.String:
            return values
        kind = next(c.type.kind for c in self.columns if c.name == values.name)
        return to_text(values.name, values.to_list(), kind)

    def render(self, frame: pl.DataFrame, *, plain: Sequence[str]) -> Block:
        """Return a frame as a block; plain values are stored as their column's kind wants it."""
        if not frame.width:
            return [()] * frame.height
        known = {column.name: column.type for column in self.columns}
        columns = [
            from_text(values, known[values.name].kind, numbers=has_numbers(known[values.name]))
            if values.name in plain
            else values.to_list()
            for values in frame
        ]
        return list(zip(*columns, strict=True))

"""Blocks as frames of plain values: for whoever reads without writing back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import polars as pl

from masker.engines.engine import Block, Codec


def plain(blocks: Iterable[Block], codec: Codec) -> Iterator[pl.DataFrame]:
    """Yield blocks as frames whose columns are all plain Strings."""
    for block in blocks:
        frame, decode = codec.parse(block)
        yield frame if decode is None else frame.with_columns(decode(values) for values in frame)

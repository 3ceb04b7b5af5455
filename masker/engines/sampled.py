"""What a scan is shown of a table: some random rows of it, as text."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from masker.catalog import Kind

CHARACTERS = 2000  # of each value; what is personal in a text shows at its beginning, too
LONG = 1_000_000  # bytes; a text is read to `CHARACTERS`, a document not at all
DOCUMENTS = frozenset({Kind.JSON, Kind.XML, Kind.OTHER, Kind.COMPOSITE, Kind.ARRAY})
READABLE = DOCUMENTS | {Kind.TEXT, Kind.INTEGER, Kind.DECIMAL}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampled:
    """Rows of a table as plain text, one String column per column, in no order.

    `whole`: these are all rows there are. `long` and `broken` name columns that hold very long
    values, and bytes that are no text.
    """

    rows: pl.DataFrame
    whole: bool
    long: frozenset[str]
    broken: frozenset[str]

"""A part of one table, as a lane reads it in one go."""

from __future__ import annotations

from dataclasses import dataclass, field

from masker.catalog import TableName
from masker.engines.rows import Ids


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A range of one table's blocks, `low` included, `high` not; None is an open end.

    `where` is a predicate in SQL that rows must fulfil besides. With `ids` it is those rows only,
    by the numbers that the engine's `Rows` gives them. Blocks mean nothing to an engine that reads
    every table in one go.
    """

    table: TableName
    low: int | None = None
    high: int | None = None
    where: str | None = None
    ids: Ids | None = field(default=None, compare=False, repr=False)

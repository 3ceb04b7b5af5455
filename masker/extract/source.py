"""One lane's view of the source: an outlet in the run's snapshot, tables in ranges."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Self

import polars as pl

from masker.catalog import Column, TableName
from masker.engines.engine import Block, Codec, Engine, Outlet, Reader
from masker.engines.part import Part
from masker.engines.plain import plain
from masker.engines.registry import engine_named
from masker.engines.rows import Ids
from masker.extract.pace import Pace
from masker.plan.model import Plan, Step
from masker.rules.policy import Treatment

Range = Part
_SHARES = 4  # ranges a worker gets of a table, so that none waits long for the last one


class Extract:
    """Read ranges of tables, all as of one snapshot."""

    def __init__(self, outlet: Outlet, *, pace: Pace) -> None:
        self._outlet = outlet
        self._pace = pace
        self._stop = threading.Event()

    @classmethod
    def open(cls, reader: Reader, *, pace: Pace) -> Self:
        """Open a lane's own view of the source."""
        return cls(reader.open(), pace=pace)

    def read(self, part: Range, codec: Codec, *, batch_bytes: int) -> Iterator[Block]:
        """Yield a range's rows in blocks, no faster than the pace allows."""
        return self._pace.keep(
            self._outlet.read(
                part, codec, batch_bytes=batch_bytes, max_duration=self._pace.max_duration
            ),
            count=codec.count,
            stop=self._stop,
        )

    def frames(
        self, part: Range, columns: Sequence[Column], *, engine: Engine, batch_bytes: int
    ) -> Iterator[pl.DataFrame]:
        """Yield a range's rows as frames of plain Strings."""
        codec = engine.codec(columns)
        return plain(self.read(part, codec, batch_bytes=batch_bytes), codec)

    def cancel(self) -> None:
        """Ask the source to stop what it sends, and wait no more; safe from another thread."""
        self._stop.set()
        self._outlet.cancel()

    def close(self) -> None:
        """Close the outlet."""
        self._outlet.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def ranges(
    plan: Plan, *, workers: int, kept: Mapping[TableName, Ids | None] | None = None
) -> list[Range]:
    """Return the ranges of all loaded tables, those of the largest tables first.

    Of a table in `kept` with numbers only those rows are read. The order decides only how evenly
    workers end: foreign keys are built after the load.
    """
    engine = engine_named(plan.catalog.engine)
    steps = [step for step in plan.steps if step.treatment is Treatment.LOAD]
    largest_first: Iterable[Step] = sorted(steps, key=lambda step: -step.pages)
    count = workers * _SHARES if workers > 1 else 1
    return [part for step in largest_first for part in _ranges(engine, step, count, kept or {})]


def _ranges(
    engine: Engine, step: Step, count: int, kept: Mapping[TableName, Ids | None]
) -> Iterable[Range]:
    ids = kept.get(step.table)
    if ids is None:
        return engine.parts(step.table, pages=step.pages, count=count, where=step.where)
    # The table's own condition chose among them already, and parents come whatever it says.
    return engine.parts_by_number(step.table, ids, count=count)

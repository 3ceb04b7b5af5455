"""One lane: an outlet of the source, an inlet of the target, and the masking between them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Self

import polars as pl

from masker.catalog import TableName
from masker.engines.engine import Block, Codec, Decode, Reader, Write, Writer
from masker.engines.registry import engine_named
from masker.evidence import Collector, Evidence, RunKey
from masker.extract import Extract, Pace, Range
from masker.keys import Keyring
from masker.mask import BatchMasker, MaskedBatch
from masker.plan.model import Plan, Step
from masker.runners.road import move
from masker.survey import KnownPrints, KnownValues

BATCH_BYTES = 5 << 20
_Parsed = tuple[pl.DataFrame, Decode | None]  # a block's rows, and what makes values plain


@dataclass(frozen=True, kw_only=True)
class Journey:
    """What every lane of a run shares. It holds secrets, so it travels by pipe only."""

    plan: Plan
    keys: bytes = field(repr=False)  # Keyring.export()
    run_key: bytes = field(repr=False)  # RunKey.export()
    reader: Reader
    writer: Writer
    batch_bytes: int = BATCH_BYTES
    pace: Pace = field(default_factory=Pace)
    known: KnownPrints | None = None  # of the values that texts may name


class Lane:
    """Move ranges one after another; what was seen on the way is evidence at the end."""

    def __init__(self, journey: Journey) -> None:
        self._journey = journey
        self._engine = engine_named(journey.plan.catalog.engine)
        self._keys = Keyring.from_export(journey.keys)
        with ExitStack() as opened:
            run_key = opened.enter_context(RunKey.from_export(journey.run_key))
            self._collector = Collector(journey.plan, run_key)
            self._known = KnownValues(journey.known, run_key) if journey.known else None
            self._extract = opened.enter_context(Extract.open(journey.reader, pace=journey.pace))
            self._inlet = opened.enter_context(journey.writer.open())
            self._opened = opened.pop_all()
        self._maskers: dict[TableName, BatchMasker] = {}

    def run(self, part: Range, *, moved: Callable[[int, int], None]) -> None:
        """Move one range; `moved` is told rows and bytes of every batch written."""
        step = self._journey.plan.step(part.table)
        codec = self._engine.codec(
            [column.column for column in step.moved], passed_on=not step.masked
        )
        blocks = self._extract.read(part, codec, batch_bytes=self._journey.batch_bytes)
        cancel = self._extract.cancel
        with self._inlet.load(step.into, [column.name for column in step.moved]) as write:
            if not step.masked:
                count = self._counting(step, codec, write)
                move(blocks, (), count, moved=moved, cancel=cancel)
                return
            move(
                map(codec.parse, blocks),
                (self._masking(step), self._watching(step)),
                self._writing(step, codec, write),
                moved=moved,
                cancel=cancel,
            )

    def _counting(
        self, step: Step, codec: Codec, write: Write
    ) -> Callable[[Block], tuple[int, int]]:
        """Return what a table without masked columns needs: its rows are counted, no more."""

        def count(block: Block) -> tuple[int, int]:
            rows = codec.count(block)
            self._collector.count(table=step.into, rows=rows)
            return rows, write(block)

        return count

    def _masking(self, step: Step) -> Callable[[_Parsed], MaskedBatch]:
        masker = self._maskers.get(step.table)
        if masker is None:
            masker = BatchMasker(step, keys=self._keys, known=self._known)
            self._maskers[step.table] = masker

        def mask(parsed: _Parsed) -> MaskedBatch:
            frame, decode = parsed
            return masker(frame, decode=decode)

        return mask

    def _watching(self, step: Step) -> Callable[[MaskedBatch], pl.DataFrame]:
        """Return what takes evidence; source values go no further than here."""

        def watch(batch: MaskedBatch) -> pl.DataFrame:
            self._collector.count(table=step.into, rows=batch.frame.height)
            for each in batch.changes:
                self._collector.see(
                    table=step.into,
                    column=each.column,
                    original=each.original,
                    masked=each.masked,
                )
            return batch.frame

        return watch

    def _writing(
        self, step: Step, codec: Codec, write: Write
    ) -> Callable[[pl.DataFrame], tuple[int, int]]:
        plain = [column.name for column in step.masked]

        def render(frame: pl.DataFrame) -> tuple[int, int]:
            return frame.height, write(codec.render(frame, plain=plain))

        return render

    def seal(self) -> Evidence:
        """Return the evidence of everything this lane moved."""
        return self._collector.seal()

    def close(self) -> None:
        """Close both ends and forget the run's key."""
        self._opened.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

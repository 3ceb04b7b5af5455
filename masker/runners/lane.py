"""One lane: a session on the source, one on the target, and the masking between them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Self

import polars as pl

from masker.catalog import TableName
from masker.engines.postgres import copytext
from masker.engines.postgres.address import Address
from masker.engines.postgres.session import Session
from masker.evidence import Collector, Evidence, RunKey
from masker.extract import Extract, Pace, Range
from masker.keys import Keyring
from masker.load.writer import Writer, copy_sql
from masker.mask import BatchMasker, MaskedBatch
from masker.plan.model import Plan, Step
from masker.runners.road import move
from masker.survey import KnownPrints, KnownValues

BATCH_BYTES = 5 << 20
Write = Callable[[bytes], None]
_Parsed = tuple[pl.DataFrame, bool]  # a block's rows, and whether its values hold escapes


@dataclass(frozen=True, kw_only=True)
class Journey:
    """What every lane of a run shares. It holds secrets, so it travels by pipe only."""

    plan: Plan
    keys: bytes = field(repr=False)  # Keyring.export()
    run_key: bytes = field(repr=False)  # RunKey.export()
    source: Address
    writer: Writer
    snapshot: str
    batch_bytes: int = BATCH_BYTES
    pace: Pace = field(default_factory=Pace)
    encoding: str | None = None  # the true one of a SQL_ASCII source
    known: KnownPrints | None = None  # of the values that texts may name


class Lane:
    """Move ranges one after another; what was seen on the way is evidence at the end."""

    def __init__(self, journey: Journey) -> None:
        self._journey = journey
        self._keys = Keyring.from_export(journey.keys)
        with ExitStack() as opened:
            run_key = opened.enter_context(RunKey.from_export(journey.run_key))
            self._collector = Collector(journey.plan, run_key)
            self._known = KnownValues(journey.known, run_key) if journey.known else None
            self._extract = opened.enter_context(
                Extract.join(
                    journey.source, journey.snapshot, pace=journey.pace, encoding=journey.encoding
                )
            )
            self._target: Session = opened.enter_context(journey.writer.open())
            self._opened = opened.pop_all()
        self._maskers: dict[TableName, BatchMasker] = {}

    def run(self, part: Range, *, moved: Callable[[int, int], None]) -> None:
        """Move one range; `moved` is told rows and bytes of every batch written."""
        step = self._journey.plan.step(part.table)
        names = [column.name for column in step.moved]
        blocks = self._extract.read(
            part, names, batch_bytes=self._journey.batch_bytes, marked=bool(step.masked)
        )
        cancel = self._extract.cancel
        with self._target.copy_in(copy_sql(step), what=f"loading `{step.into}`") as write:
            if not step.masked:
                count = self._counting(step, write)
                move(blocks, (), count, moved=moved, cancel=cancel)
                return
            move(
                (_parsed(block, names) for block in blocks),
                (self._masking(step), self._watching(step)),
                self._writing(step, write),
                moved=moved,
                cancel=cancel,
            )

    def _counting(self, step: Step, write: Write) -> Callable[[bytes], tuple[int, int]]:
        """Return what a table without masked columns needs: its rows are counted, no more."""

        def count(block: bytes) -> tuple[int, int]:
            rows = block.count(b"\n")
            self._collector.count(table=step.into, rows=rows)
            write(block)
            return rows, len(block)

        return count

    def _masking(self, step: Step) -> Callable[[_Parsed], MaskedBatch]:
        masker = self._maskers.get(step.table)
        if masker is None:
            masker = BatchMasker(step, keys=self._keys, known=self._known)
            self._maskers[step.table] = masker

        def mask(parsed: _Parsed) -> MaskedBatch:
            frame, escapes = parsed
            return masker(frame, decode=copytext.decode if escapes else None)

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

    def _writing(self, step: Step, write: Write) -> Callable[[pl.DataFrame], tuple[int, int]]:
        plain = [column.name for column in step.masked]

        def render(frame: pl.DataFrame) -> tuple[int, int]:
            block = copytext.render(frame, plain=plain)
            write(block)
            return frame.height, len(block)

        return render

    def seal(self) -> Evidence:
        """Return the evidence of everything this lane moved."""
        return self._collector.seal()

    def close(self) -> None:
        """Close both sessions and forget the run's key."""
        self._opened.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _parsed(block: bytes, names: Sequence[str]) -> _Parsed:
    frame = copytext.parse(block, names, marked=True)
    return frame, copytext.has_escapes(block, frame)

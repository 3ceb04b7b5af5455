"""Read the target once and search, digest and count it on the way."""

from __future__ import annotations

import enum
import queue
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass

import polars as pl

from masker.audit.columns import place_name, planned
from masker.audit.gate import Gate
from masker.audit.places import Ground, Spot
from masker.audit.search import is_searched
from masker.audit.second_look import SecondLook
from masker.catalog import Catalog, Column, Kind, Table, TableName, View
from masker.engines.engine import Loaded
from masker.evidence.collector import digest, roots
from masker.evidence.digest import Digest
from masker.evidence.evidence import Place
from masker.plan.model import ColumnPlan, Plan
from masker.plan.ways import is_open, open_texts


class Stage(enum.Enum):
    """What a reading is for, where the pipeline's own statements change what was loaded."""

    WHOLE = enum.auto()  # everything at once: nothing changes it
    ARRIVED = enum.auto()  # the masked columns, before the statements
    AMENDED = enum.auto()  # everything, after the statements


@dataclass(frozen=True, slots=True)
class _Looked:
    """One column of the target on its way through the audit."""

    column: Column
    plan: ColumnPlan | None
    ground: Ground
    place: Place
    spot: int | None
    open_spot: int | None = None  # of its texts that were masked in place


class Reading:
    """Reads every table and materialised view of the target, several at a time.

    `rows` are counted per table and `digests` made per masked column, those of partitions under
    their root.
    """

    def __init__(
        self, plan: Plan, *, catalog: Catalog, gate: Gate, stage: Stage = Stage.WHOLE
    ) -> None:
        self._plan = plan
        self._stage = stage
        self._catalog = catalog
        self._gate = gate
        self._search = gate.search
        self._fingerprint = gate.fingerprint
        self._roots = roots(plan)
        self._spots: dict[Place, int] = {}
        self._open_spots: dict[Place, int] = {}
        self.second_look = SecondLook(plan)
        self._lock = threading.Lock()
        self.rows: dict[TableName, int] = {}
        self.digests: dict[Place, Digest] = {}

    def read(self, target: Callable[[], AbstractContextManager[Loaded]], *, workers: int) -> None:
        """Read everything once, with one session per worker."""
        work: queue.SimpleQueue[Table | View] = queue.SimpleQueue()
        # Rows of an extension's own tables came with the extension, not from the source.
        tables = [one for one in self._catalog.tables if one.holds_rows and not one.extension]
        for table in sorted(tables, key=lambda one: -(one.bytes or 0)):
            work.put(table)
        for view in self._catalog.views if self._stage is not Stage.ARRIVED else ():
            if view.materialised and view.populated:
                work.put(view)

        def serve() -> None:
            with target() as loaded:
                while True:
                    try:
                        one = work.get_nowait()
                    except queue.Empty:
                        return
                    if isinstance(one, Table):
                        self._table(loaded, one)
                    else:
                        self._view(loaded, one.name)

        with ThreadPoolExecutor(workers) as pool:
            for done in [pool.submit(serve) for _ in range(workers)]:
                done.result()

    def _table(self, loaded: Loaded, table: Table) -> None:
        root = self._roots.get(table.name, table.name)
        looked = [
            one
            for column in table.columns
            if (one := self._looked(table, root, column)) is not None
        ]
        rows = 0
        if looked:
            for frame in loaded.frames(table.name, [one.column for one in looked]):
                rows += frame.height
                for one in looked:
                    self._see(one, frame[one.column.name])
        else:
            rows = loaded.count(table.name)
        with self._lock:
            self.rows[root] = self.rows.get(root, 0) + rows

    def _looked(self, table: Table, root: TableName, column: Column) -> _Looked | None:
        plan = planned(self._plan, table.name, column.name)
        place = (root, column.name)
        ground = self._ground(column, plan)
        if self._stage is Stage.ARRIVED and ground is not Ground.MASKED:
            return None
        if not is_searched(column.type.kind):
            return _Looked(column, plan, ground, place, None) if ground is Ground.MASKED else None
        with self._lock:
            if place not in self._spots:
                self._spots[place] = self._search.add(
                    Spot(subject=place_name(place), ground=ground, place=place, column=plan)
                )
                if plan is not None and is_open(plan) and ground is not Ground.AMENDED:
                    spot = Spot(subject=place_name(place), ground=Ground.OPEN, place=place)
                    self._open_spots[place] = self._search.add(spot)
            return _Looked(
                column, plan, ground, place, self._spots[place], self._open_spots.get(place)
            )

    def _ground(self, column: Column, plan: ColumnPlan | None) -> Ground:
        if plan is not None and plan.masked:
            return Ground.AMENDED if self._stage is Stage.AMENDED else Ground.MASKED
        if column.generated or (plan is not None and plan.recomputed):
            return Ground.MIXED
        return Ground.KEPT

    def _see(self, one: _Looked, values: pl.Series) -> None:
        if one.ground is Ground.MASKED and one.plan is not None:
            here = digest(values, one.plan, self._fingerprint)
            with self._lock:
                self.digests[one.place] = self.digests.get(one.place, Digest()) + here
        if one.ground is Ground.KEPT and one.plan is not None:
            self.second_look.see(one.place, one.plan, values)
        if one.spot is None:
            return
        # Masked numbers are for the digests; only texts hold what another column should hide.
        masked = one.ground in {Ground.MASKED, Ground.AMENDED}
        if masked and one.column.type.kind in (Kind.INTEGER, Kind.DECIMAL):
            return
        if one.open_spot is not None and one.plan is not None:
            values, texts = open_texts(one.plan, values)
            self._search.look(texts, spot=one.open_spot)
        self._search.look(values, spot=one.spot, kind=one.column.type.kind)
        self._gate.sample(one.spot, values)

    def _view(self, loaded: Loaded, name: TableName) -> None:
        with self._lock:
            spot = self._search.add(Spot(subject=str(name), ground=Ground.MIXED))
        for frame in loaded.view(name):
            for values in frame:
                self._search.look(values, spot=spot)

"""Read the target once and search, digest and count it on the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import polars as pl

from masker.audit.columns import chance_of, place_name, planned
from masker.audit.gate import Gate
from masker.audit.places import Ground, Spot
from masker.audit.search import is_searched
from masker.catalog import Catalog, Column, Kind, Table, TableName
from masker.engines.postgres import copytext
from masker.engines.postgres.read import Part, read
from masker.engines.postgres.session import Session, quote
from masker.evidence.collector import digest, roots
from masker.evidence.digest import Digest
from masker.evidence.evidence import Place
from masker.evidence.forms import folded
from masker.plan.model import ColumnPlan, Plan

_BATCH_BYTES = 4 << 20
_SAMPLE = 20_000  # fakes of several words kept per column


@dataclass(frozen=True, slots=True)
class _Looked:
    """One column of the target on its way through the audit."""

    column: Column
    plan: ColumnPlan | None
    ground: Ground
    place: Place
    spot: int | None


@dataclass(slots=True)
class Target:
    """What reading the target gave: rows per table and digests per masked column."""

    rows: dict[TableName, int] = field(default_factory=dict)
    digests: dict[Place, Digest] = field(default_factory=dict)


class Reading:
    """Reads every table and materialised view of the target through one session."""

    def __init__(
        self,
        session: Session,
        *,
        plan: Plan,
        catalog: Catalog,
        gate: Gate,
    ) -> None:
        self._session = session
        self._plan = plan
        self._catalog = catalog
        self._search = gate.search
        self._fingerprint = gate.fingerprint
        self._roots = roots(plan)
        self._spots: dict[tuple[Place, Ground], int] = {}
        self.target = Target()

    def read(self) -> Target:
        """Read everything once."""
        for table in self._catalog.tables:
            if table.holds_rows and table.extension is None:
                self._table(table)
        for view in self._catalog.views:
            if view.materialised and view.populated:
                self._view(view.name)
        return self.target

    def _table(self, table: Table) -> None:
        root = self._roots.get(table.name, table.name)
        looked = [
            one
            for column in table.columns
            if (one := self._looked(table, root, column)) is not None
        ]
        rows = 0
        if looked:
            for frame in self._frames(table, [one.column for one in looked]):
                rows += frame.height
                for one in looked:
                    self._see(one, copytext.decode(frame[one.column.name]))
        else:
            rows = self._session.one(f"SELECT count(*) FROM ONLY {_sql(table.name)}")
        self.target.rows[root] = self.target.rows.get(root, 0) + rows

    def _looked(self, table: Table, root: TableName, column: Column) -> _Looked | None:
        plan = planned(self._plan, table.name, column.name)
        place = (root, column.name)
        if plan is not None and plan.masked:
            ground = Ground.MASKED
        elif column.generated or (plan is not None and plan.recomputed):
            ground = Ground.MIXED
        else:
            ground = Ground.KEPT
        spot = None
        if is_searched(column.type.kind):
            spot = self._spots.get((place, ground))
            if spot is None:
                spot = self._search.add(
                    Spot(subject=place_name(place), ground=ground, place=place, column=plan)
                )
                self._spots[place, ground] = spot
        elif ground is not Ground.MASKED:
            return None
        return _Looked(column, plan, ground, place, spot)

    def _see(self, one: _Looked, values: pl.Series) -> None:
        if one.ground is Ground.MASKED and one.plan is not None:
            so_far = self.target.digests.get(one.place, Digest())
            self.target.digests[one.place] = so_far + digest(values, one.plan, self._fingerprint)
        if one.spot is None:
            return
        # Masked numbers are for the digests; only texts hold what another column should hide.
        if one.ground is Ground.MASKED and one.column.type.kind in (Kind.INTEGER, Kind.DECIMAL):
            return
        self._search.look(values, spot=one.spot, kind=one.column.type.kind)
        if one.ground is Ground.MASKED and one.plan is not None and chance_of(one.plan) == "pool":
            self._sample(self._search.spots[one.spot], values)

    def _sample(self, spot: Spot, values: pl.Series) -> None:
        room = _SAMPLE - len(spot.sample)
        if room > 0:
            whole = folded(values.drop_nulls().unique().head(room))
            spot.sample.update(whole.filter(whole.str.contains(" ", literal=True)))

    def _frames(self, table: Table, columns: list[Column]) -> Iterator[pl.DataFrame]:
        names = [column.name for column in columns]
        # COPY of a table leaves generated columns out; a query does not.
        computed = any(column.generated for column in columns)
        part = Part(table=table.name, where="true" if computed else None)
        for block in read(self._session, part, names, batch_bytes=_BATCH_BYTES):
            yield copytext.parse(block, names)

    def _view(self, name: TableName) -> None:
        spot = self._search.add(Spot(subject=str(name), ground=Ground.MIXED))
        names = [
            row[0]
            for row in self._session.query(
                "SELECT attname FROM pg_catalog.pg_attribute "
                "WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
                [_sql(name)],
            )
        ]
        part = Part(table=name, where="true")
        for block in read(self._session, part, names, batch_bytes=_BATCH_BYTES):
            frame = copytext.parse(block, names)
            for column in names:
                self._search.look(copytext.decode(frame[column]), spot=spot)


def _sql(name: TableName) -> str:
    return quote(name.schema, name.name)

"""The rows with which a subset begins: by predicate, share, number, newest and stratum."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from masker.catalog import TableName
from masker.engines.rows import NO_IDS, Batch, Ids
from masker.rules.subset import RootRule
from masker.subset.closure import Frame

_SPACE = 2.0**64
_FEW = 1 << 18  # keys held beyond what is wanted before they are sorted out
Positions = npt.NDArray[np.float64]


def root_rows(frame: Frame, root: RootRule) -> Iterator[Batch]:
    """Yield the rows of a root. Reads the key of each row that meets its condition, once."""
    if root.newest is not None:
        by, count = root.newest
        key = frame.lots.key(root.table)
        yield from frame.rows.newest(root.table, by, count, key=key, where=root.where)
    elif root.stratify:
        yield from ladder(frame, root).first(_wanted(root))
    elif root.sample is None and root.rows is None:
        yield from frame.rows.scan(root.table, where=root.where)
    elif not frame.lots.key(root.table):
        yield from ladder(frame, root).first(_wanted(root))
    else:
        yield from frame.rows.find(root.table, _drawn(frame, root))


@dataclass(frozen=True, slots=True)
class _Wanted:
    share: float | None
    rows: int | None


def _wanted(root: RootRule) -> _Wanted:
    return _Wanted(root.sample, root.rows)


def _drawn(frame: Frame, root: RootRule) -> pl.DataFrame:
    """Return the keys that a share or a number of lots keeps: the first ones."""
    key = frame.lots.key(root.table)
    below = None if root.sample is None else _bound(root.sample)
    parts: list[pl.DataFrame] = []
    held = 0
    for keys in frame.rows.keys(root.table, key, where=root.where):
        lots = pl.Series("", frame.lots.of_keys(root.table, keys, seed=root.seed))
        part = keys.select(pl.all().name.prefix("k")).with_columns(lots.alias("lot"))
        if below is not None:
            part = part.filter(pl.col("lot") <= below)
        parts.append(part)
        held += part.height
        if root.rows is not None and held > root.rows + _FEW:
            parts = [_first(parts, root.rows)]
            held = parts[0].height
    if not parts:
        return pl.DataFrame(schema=dict.fromkeys(key, pl.String))
    chosen = pl.concat(parts) if root.rows is None else _first(parts, root.rows)
    return chosen.drop("lot").rename({f"k{name}": name for name in key})


def _first(parts: list[pl.DataFrame], count: int) -> pl.DataFrame:
    every = pl.concat(parts)
    # Equal lots of different keys are as rare as two equal numbers of 64 bits.
    return every.sort("lot", *(name for name in every.columns if name != "lot")).head(count)


def _bound(share: float) -> int:
    """Return the greatest lot of a share; 1 is every lot."""
    return min(int(share * _SPACE), 2**64 - 1) - (0 if share >= 1 else 1)


@dataclass(frozen=True, slots=True)
class Ladder:
    """A root's rows in the order in which a growing share takes them in.

    `positions` rise from 0 to 1: a share takes the rows below it. `tables` and `ids` say which
    rows these are.
    """

    names: tuple[TableName, ...]
    positions: Positions
    tables: npt.NDArray[np.int32]
    ids: Ids
    strata: npt.NDArray[np.int64] | None = None

    def first(self, wanted: _Wanted) -> Iterator[Batch]:
        """Yield the rows of a share, or so many rows, from every stratum alike."""
        if wanted.share is not None:
            yield from self.between(0.0, wanted.share)
            return
        yield from self._batches(slice(0, wanted.rows))

    def between(self, low: float, high: float) -> Iterator[Batch]:
        """Yield the rows that a share of `high` takes in and one of `low` does not."""
        yield from self._batches(slice(self.reach(low), self.reach(high)))

    def reach(self, share: float) -> int:
        """Return how many rows a share takes in."""
        if share >= 1:
            return len(self.ids)
        return int(np.searchsorted(self.positions, share, side="left"))

    def _batches(self, part: slice) -> Iterator[Batch]:
        tables, ids = self.tables[part], self.ids[part]
        for number, name in enumerate(self.names):
            mine = ids[tables == number]
            if len(mine):
                yield Batch(table=name, ids=mine)


def ladder(frame: Frame, root: RootRule) -> Ladder:
    """Read every row's key once and put the rows in the order of their lots.

    With strata a row's position is its place among the rows of its stratum, so that each stratum
    gives at least one row to every share, and those of `rows` come from all strata in turn.
    """
    key = frame.lots.key(root.table)
    wanted = tuple(dict.fromkeys((*key, *root.stratify)))
    names: dict[TableName, int] = {}
    lots: list[npt.NDArray[np.uint64]] = []
    tables: list[npt.NDArray[np.int32]] = []
    ids: list[Ids] = []
    strata: list[npt.NDArray[np.int64]] = []
    for batch in frame.rows.scan(root.table, wanted, where=root.where):
        place = names.setdefault(batch.table, len(names))
        keys = None if batch.values is None else batch.values.select(key)
        lots.append(frame.lots.of_rows(root.table, batch.ids, keys, seed=root.seed))
        tables.append(np.full(len(batch.ids), place, dtype=np.int32))
        ids.append(batch.ids)
        if root.stratify and batch.values is not None:
            strata.append(_strata(batch.values.select(root.stratify)))
    if not ids:
        return Ladder((), np.empty(0), np.empty(0, dtype=np.int32), NO_IDS)
    lot, table, number = np.concatenate(lots), np.concatenate(tables), np.concatenate(ids)
    if not strata:
        order = np.lexsort((number, lot))
        return Ladder(tuple(names), lot[order] / _SPACE, table[order], number[order])
    stratum = np.concatenate(strata)
    position, rank = _places(stratum, lot, number)
    # The first of all strata, then the second of all: that `rows` takes of each what it can.
    order = np.lexsort((lot, rank)) if root.rows is not None else np.lexsort((lot, position))
    return Ladder(tuple(names), position[order], table[order], number[order], stratum[order])


def _strata(values: pl.DataFrame) -> npt.NDArray[np.int64]:
    """Return a number per row that is the same for equal values: a hash that stays in this run."""
    hashes = values.hash_rows(seed=1)
    return hashes.to_numpy().view(np.int64)


def _places(
    stratum: npt.NDArray[np.int64], lot: npt.NDArray[np.uint64], ids: Ids
) -> tuple[Positions, npt.NDArray[np.int64]]:
    """Return each row's place in its stratum, as a share of the stratum and as a rank from 0."""
    order = np.lexsort((ids, lot, stratum))
    here = stratum[order]
    first = np.flatnonzero(np.concatenate([[True], here[1:] != here[:-1]]))
    sizes = np.diff(np.append(first, len(here)))
    rank = np.empty(len(here), dtype=np.int64)
    rank[order] = np.arange(len(here)) - np.repeat(first, sizes)
    size = np.empty(len(here), dtype=np.int64)
    size[order] = np.repeat(sizes, sizes)
    return rank / size, rank

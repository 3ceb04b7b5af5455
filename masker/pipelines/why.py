"""Why a row of the source is in a subset, or is not: the chain of keys that leads to it."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import polars as pl

from masker.catalog import Table, TableName
from masker.engines.rows import Ids
from masker.errors import ConfigError
from masker.pipelines.planning import key_of, opened, planned, refuse
from masker.plan.model import Plan
from masker.rules.patterns import Tables
from masker.rules.policy import Treatment
from masker.subset.choose import Kept
from masker.subset.numbers import contains
from masker.subset.why import chain, kept_out

_HELP = "write table and key: `orders:1234`, or `order_items:1234,2` for a key of two columns"


def why(
    path: Path, row: str, *, environ: Mapping[str, str], roots: Sequence[str] = ()
) -> tuple[str, ...]:
    """Return in lines why `row`, such as `orders:1234`, is kept by a pipeline's subset or is not.

    The keys of rows on the way are told, so these lines are for the person who asked, not for a
    log. ConfigError where the row's table or key cannot be read.
    """
    pipeline = opened(path, environ, roots=roots)
    with planned(pipeline, keys=key_of(pipeline, environ), trace=True) as ready:
        refuse(ready.plan.findings)
        if ready.subset is None:
            raise ConfigError(
                f"`{path}` has no subset: every row is kept",
                help='give it a section `subset`, or name a root: --root "customers sample 5%"',
                code="no-subset",
            )
        return tuple(_lines(ready.plan, ready.subset, row))


def _lines(plan: Plan, kept: Kept, row: str) -> Iterator[str]:
    written, colon, key = row.partition(":")
    table = _table(plan, written)
    if not colon or not key:
        raise _unreadable("it names no key")
    frame = kept.closure.frame
    if not frame.loaded.intersection(frame.holders.tables(table.name)):
        treatment = next(
            (step.treatment.value for step in plan.steps if step.table == table.name),
            Treatment.EXCLUDE.value,
        )
        yield f"{row} is not kept: `{table.name}` is `{treatment}` under `tables`"
        return
    found = _rows(kept, table, key)
    if not found:
        yield f"{row} is not there: no row of `{table.name}` has this key"
    for holder, id in found:
        closure = kept.closure
        ids = kept.rows.get(holder)
        if ids is not None and not contains(ids, _one(id))[0]:
            yield f"{row} is not kept:"
            reasons = kept_out(closure, holder, id) or ("no root leads to it",)
            yield from (f"  {reason}" for reason in reasons)
            continue
        yield f"{row} is kept:"
        for reason in chain(closure, holder, id):
            yield f"  {_named(kept, reason.table, _one(reason.id))}  {reason.text}"


def _one(id: int) -> Ids:
    return np.array([id], dtype=np.int64)


def _table(plan: Plan, written: str) -> Table:
    hits = Tables(plan.catalog.tables).named(written)
    if len(hits) == 1:
        return hits[0]
    if hits:
        raise _unreadable(f"`{written}` is the name of {len(hits)} tables; write the schema too")
    known = [name for t in plan.catalog.tables for name in (t.name.name, str(t.name))]
    near = difflib.get_close_matches(written, known, n=1)
    hint = f"; did you mean `{near[0]}`?" if near else ""
    raise _unreadable(f"the source has no table `{written}`{hint}")


def _rows(kept: Kept, table: Table, key: str) -> list[tuple[TableName, int]]:
    frame = kept.closure.frame
    columns = frame.lots.key(table.name)
    values = key.split(",") if len(columns) > 1 else [key]
    if not columns:
        raise _unreadable(f"`{table.name}` has no key by which a row can be named")
    if len(values) != len(columns):
        raise _unreadable(f"the key of `{table.name}` has {len(columns)} columns")
    keys = pl.DataFrame({name: [value] for name, value in zip(columns, values, strict=True)})
    batches = list(frame.rows.find(table.name, keys))
    return [(batch.table, int(id)) for batch in batches for id in batch.ids]


def _named(kept: Kept, table: TableName, ids: Ids) -> str:
    frame = kept.closure.frame
    columns = frame.lots.key(table)
    if columns:
        for batch in list(frame.rows.read(table, ids, columns)):
            if batch.values is not None and batch.values.height:
                return f"{table}:{','.join(batch.values.row(0))}"
    return str(table)


def _unreadable(reason: str) -> ConfigError:
    return ConfigError(f"the row cannot be looked up: {reason}", help=_HELP, code="bad-row")

"""A few rows of one table as a run would write them; nothing is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from masker.catalog import TableName
from masker.engines.registry import engine_named
from masker.errors import ConfigError, UnsafeError
from masker.extract import Extract
from masker.findings import Findings
from masker.keys import Keyring
from masker.mask import BatchMasker
from masker.pipelines.planning import Planned, key_of, pace_of, planned
from masker.pipelines.source_only import opened_to_read
from masker.plan.model import ColumnPlan, Plan, Step
from masker.plan.partitions import root_of
from masker.rules.pipeline import Pipeline
from masker.rules.places import closest
from masker.rules.policy import Ruling, Treatment

_BLOCK = 1 << 16  # bytes: a preview reads no more of a table than one small block
_READING = frozenset({"no-select", "row-security", "encoding", "unlogged-on-standby"})


@dataclass(frozen=True, kw_only=True)
class Preview:
    """Rows of one table, as plain Strings.

    `masked` are columns whose values are changed, `withheld` those on which nobody has decided, or
    whose verdict a run would refuse: they are in neither frame. `before` holds the source's own
    rows, None unless asked for.
    """

    table: TableName
    uses: Mapping[str, str]  # by column, in the table's order
    masked: frozenset[str]
    withheld: tuple[str, ...]
    after: pl.DataFrame = field(repr=False)
    before: pl.DataFrame | None = field(default=None, repr=False)


def preview(
    pipeline: str | Path | Pipeline,
    table: str,
    *,
    rows: int = 10,
    before: bool = False,
    keys: Keyring | None = None,
    environ: Mapping[str, str],
) -> Preview:
    """Mask the first rows of a table and return them; no target is touched.

    `table` may leave out the schema. `before` adds the source's own rows: they are personal data,
    so whoever asks for them must know where they go. ConfigError when there is no such table.
    """
    made = opened_to_read(pipeline, environ).model_copy(update={"subset": None})
    ring = keys or key_of(made, environ)
    with planned(made, keys=ring, target="preview") as ready:
        step = _step(ready.plan, table)
        _check_readable(ready.plan, step)
        wrong = {finding.subject for finding in ready.plan.findings.blocking}
        shown = [
            column
            for column in step.moved
            if column.masked or column.ruling is Ruling.KEEP
            if f"{step.table}.{column.name}" not in wrong
        ]
        source = _first(ready, step, rows)
        masked = BatchMasker(_only(step, shown), keys=ready.keys)(source, decode=None)
    names = [column.name for column in shown]
    return Preview(
        table=step.table,
        uses={column.name: column.use for column in shown},
        masked=frozenset(column.name for column in shown if column.masked),
        withheld=tuple(
            column.name for column in step.columns if column.moved and column not in shown
        ),
        after=masked.frame.select(names),
        before=source.select(names) if before else None,
    )


def _only(step: Step, shown: Sequence[ColumnPlan]) -> Step:
    """Return a step that masks these columns alone; the others are read, since masks may ask."""
    return replace(
        step,
        columns=tuple(
            column if column in shown else replace(column, branches=()) for column in step.columns
        ),
    )


def _first(ready: Planned, step: Step, rows: int) -> pl.DataFrame:
    engine = engine_named(ready.plan.catalog.engine)
    (part, *_) = engine.parts(step.table, pages=step.pages, count=1, where=step.where)
    columns = [column.column for column in step.moved]
    reader = ready.source.reader(encoding=ready.pipeline.source.encoding)
    with Extract.open(reader, pace=pace_of(ready.pipeline, began=ready.began)) as extract:
        frames = extract.frames(part, columns, engine=engine, batch_bytes=_BLOCK)
        for frame in frames:
            extract.cancel()  # one block is all
            return frame.head(rows)
    return pl.DataFrame(schema={column.name: pl.String for column in columns})


def _step(plan: Plan, written: str) -> Step:
    """Return the step of a table; of a partitioned one that of its largest partition."""
    found: dict[TableName, list[Step]] = {}
    for step in plan.steps:
        if step.treatment is Treatment.LOAD:
            root = root_of(plan.catalog, plan.catalog.table(step.table)).name
            for name in {root, step.table}:
                found.setdefault(name, []).append(step)
    named = [name for name in found if written in {name.name, str(name)}]
    if len(named) == 1:
        return max(found[named[0]], key=lambda step: step.pages)
    if named:
        listed = ", ".join(f"`{name}`" for name in named)
        raise ConfigError(
            f"`{written}` is the name of {len(named)} tables: {listed}",
            help=f"write the schema too, such as `{named[0]}`",
            code="ambiguous-table",
            subject=written,
        )
    known = [spelled for name in found for spelled in (name.name, str(name))]
    raise ConfigError(
        f"no table `{written}` is loaded",
        help=closest(written, known, otherwise="`masker plan` lists the tables"),
        code="unknown-table",
        subject=written,
    )


def _check_readable(plan: Plan, step: Step) -> None:
    """Raise what keeps this table from being read; what else a run would refuse may wait."""
    subjects = (str(step.table), f"{step.table}.")
    wrong = [
        finding
        for finding in plan.findings.blocking
        if finding.code in _READING and finding.subject.startswith(subjects)
    ]
    if wrong:
        raise UnsafeError.from_findings(Findings(tuple(wrong)))

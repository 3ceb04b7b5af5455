"""Mask a table where it lies, through a caller's connection and inside the caller's transaction."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

import polars as pl

from masker.audit.chance import ABOVE_CHANCE, poisson_tail
from masker.catalog import Catalog, Column, TableName
from masker.engines.in_place import InPlace
from masker.errors import ConfigError, LeakError, UnsafeError
from masker.findings import Finding, Findings, error, note
from masker.keys import Keyring
from masker.mask import BatchMasker
from masker.mask import batch as masking
from masker.pipelines.planning import refuse
from masker.pipelines.table_guard import (
    SAME_DATABASE,
    refuse_again,
    refuse_fakes,
    refuse_filled,
    refuse_production,
)
from masker.pipelines.table_links import misspelt
from masker.pipelines.table_plan import TablePlan, plan_copy, plan_table
from masker.pipelines.written import Written
from masker.plan.model import ColumnPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskedColumn:
    """What happened to one column: its verdict, why, and in how many rows its value changed.

    `unparsed` counts values that the transformer could not read and scrambled instead.
    """

    name: str
    verdict: str
    why: str
    changed: int = 0
    unparsed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskedTable:
    """What was done: rows of the table, its columns, rows of tables that follow; no value.

    Nothing is committed: that is the caller's to do.
    """

    table: str
    rows: int
    columns: tuple[MaskedColumn, ...]
    followed: Mapping[str, int]
    findings: Findings
    key_id: str

    def __str__(self) -> str:
        followed = [f"{rows:,} of {name}" for name, rows in self.followed.items() if rows]
        if not self.rows and not followed:
            return f"{self.table}: no rows to mask"
        refer = "refers" if sum(self.followed.values()) == 1 else "refer"
        to = f"{refer} to it" if self.rows == 1 else f"{refer} to them"
        beside = f", with {' and '.join(followed)} that {to}" if followed else ""
        masked = [each.name for each in self.columns if each.changed]
        what = f"masked ({', '.join(masked)})" if masked else "with nothing to mask"
        rows = "1 row" if self.rows == 1 else f"{self.rows:,} rows"
        return f"{self.table}: {rows} {what}{beside}"

    def as_json(self) -> dict[str, object]:
        """Return it as a JSON object."""
        return {
            "table": self.table,
            "rows": self.rows,
            "key_id": self.key_id,
            "columns": [
                {
                    "column": each.name,
                    "verdict": each.verdict,
                    "why": each.why,
                    "changed": each.changed,
                    "unparsed": each.unparsed,
                }
                for each in self.columns
            ],
            "followed": dict(self.followed),
            "findings": [finding.as_json() for finding in self.findings],
        }


@dataclass(slots=True)
class _Seen:
    """What was seen of a column while it was masked."""

    changed: int = 0
    equal: int = 0
    chance: float = 0.0
    unparsed: int = 0


@dataclass(slots=True)
class _Watch:
    """Counts, by table and column, what masking changed."""

    columns: dict[tuple[str, str], _Seen] = field(default_factory=dict)

    def see(self, table: str, change: masking.Change, taken: pl.Series | None) -> None:
        seen = self.columns.setdefault((table, change.column.name), _Seen())
        before, after = change.original, change.masked.values
        frame = pl.DataFrame({"before": before, "after": after})
        if taken is not None:
            frame = frame.filter(taken)
        differs = frame["before"].ne_missing(frame["after"])
        there = frame["before"].is_not_null() & (frame["before"].str.strip_chars() != "")
        seen.changed += int(differs.sum())
        seen.equal += int((there & ~differs).sum())
        seen.chance += change.masked.chance
        seen.unparsed += change.masked.unparsed


def mask_in_place(
    place: InPlace,
    written: str,
    *,
    rules: Written,
    keys: Keyring,
    where: str | None = None,
    again: bool = False,
    ddl: bool = True,
    allow: frozenset[str] = frozenset(),
) -> MaskedTable:
    """Mask a table and every foreign key that refers to its keys; all of it happens or nothing."""
    guarded = refuse_production(place, rules, allow)
    place.refuse_frozen()
    table = place.find(written)
    if not again:
        refuse_again(place, table)
        refuse_filled(place, table)
    catalog = place.catalog()
    plan = plan_table(rules.pipeline, catalog, table, keys=keys)
    _refuse_misspelt(rules, plan, catalog, table)
    refuse(rules.told(plan.findings) + tuple(place.obstacles(plan.changes, ddl=ddl)))
    watch, counts = _Watch(), {}
    with place.whole():
        _refuse_condition(place, table, where)
        if plan.changes:
            place.choose(plan.changes, where=where, ddl=ddl)
            if not again:  # another caller may have masked it until the tables were ours
                refuse_again(place, table)
            _lay_aside(place, plan, keys=keys, watch=watch)
            _refuse_unmasked(plan, watch)
            counts = place.write(plan.changes, ddl=ddl)
            place.restart(plan.sequences)
        place.mark(table, _marker(keys, partly=where is not None))
    return MaskedTable(
        table=str(table),
        rows=counts.get(table, 0),
        columns=tuple(_told(plan, str(table), watch)),
        followed={str(name): rows for name, rows in counts.items() if name != table},
        findings=rules.told(plan.findings) + guarded,
        key_id=keys.id,
    )


def copy_masked(
    source: InPlace,
    target: InPlace,
    written: str,
    into: str,
    *,
    rules: Written,
    keys: Keyring,
    where: str | None = None,
    again: bool = False,
    allow: frozenset[str] = frozenset(),
) -> MaskedTable:
    """Add masked rows of a table to another one, by the columns that both have."""
    guarded = refuse_production(target, rules, allow)
    target.refuse_frozen()
    table, there = source.find(written), target.find(into)
    if table == there and target.is_same(source):
        raise UnsafeError(
            f"`{table}` would be copied into itself",
            help="name another table, or mask it where it lies",
            code=SAME_DATABASE,
            subject=str(table),
        )
    if not again:
        refuse_again(target, there)
        refuse_filled(source, table)
    catalog = source.catalog()
    plan = plan_copy(rules.pipeline, catalog, table, keys=keys)
    if not again:
        refuse_fakes(source, table, plan.leads)
    _refuse_misspelt(rules, plan, catalog, table)
    refuse(rules.told(plan.findings))
    known = {column.name: column for column in target.catalog().table(there).columns}
    both = [
        column for column in plan.columns
        if column.moved and column.name in known and not known[column.name].generated
    ]  # fmt: skip
    missed = tuple(_one_side(plan, known, both, source=str(table), target=str(there)))
    watch = _Watch()
    change, step = plan.changes[0], plan.steps[table]
    masked = BatchMasker(step, keys=keys)
    kept = {column.name for column in step.moved} - {column.name for column in step.masked}
    stored = kept if type(source) is type(target) else ()  # another engine takes text alone

    def plain(values: pl.Series) -> pl.Series:
        return source.plain(values, change.table.column(values.name))

    def batches() -> Generator[pl.DataFrame]:
        reading = source.read(change.table, change.reads, where=where, stored=stored)
        with closing(reading) as frames:
            for rows in frames:
                made = masked(rows, decode=plain)
                for each in made.changes:
                    watch.see(str(table), each, None)
                yield made.frame.select(column.name for column in both)

    with source.whole() if source is target else _both(source, target):
        _refuse_condition(source, table, where)
        target.hold(there)
        if not again:  # another caller may have filled it until it was ours
            refuse_again(target, there)
        with closing(batches()) as made:
            count = target.insert(there, [known[column.name] for column in both], made)
        if not again:  # what was marked while it was read was masked before
            refuse_fakes(source, table, plan.leads)
        _refuse_unmasked(plan, watch)
        target.mark(there, _marker(keys, partly=True))
    return MaskedTable(
        table=str(there),
        rows=count,
        columns=tuple(
            each for each in _told(plan, str(table), watch) if each.name in {c.name for c in both}
        ),
        followed={},
        findings=rules.told(plan.findings) + guarded + missed,
        key_id=keys.id,
    )


def _refuse_misspelt(rules: Written, plan: TablePlan, catalog: Catalog, table: TableName) -> None:
    """Raise ConfigError where columns have no verdict because rules misspell their table."""
    if any(finding.code == "uncovered" for finding in plan.findings.blocking):
        told = rules.told(misspelt(rules.pipeline, catalog, table))
        if told.blocking:
            raise ConfigError.from_findings(told)


def _refuse_condition(place: InPlace, table: TableName, where: str | None) -> None:
    """Raise ConfigError for a condition that the engine does not take for the table."""
    wrong = None if where is None else place.complaint(table, where)
    if wrong is not None:
        raise ConfigError(
            f"`where` is no condition on `{table}`: {wrong}",
            help="write what may follow WHERE in SQL, with texts in single quotes",
            code="bad-predicate",
            subject=str(table),
        )


def _marker(keys: Keyring, *, partly: bool) -> str:
    return json.dumps({"masked": "partly" if partly else "whole", "key": keys.id})


def _lay_aside(place: InPlace, plan: TablePlan, *, keys: Keyring, watch: _Watch) -> None:
    """Mask every row that changes and lay its values aside; nothing of the caller's changes yet."""
    for change in plan.changes:
        masker = BatchMasker(plan.steps[change.table.name], keys=keys)
        share_of = {name: at for at, share in enumerate(change.shares) for name in share.columns}
        with closing(place.rows(change)) as batches:
            for rows in batches:
                made = masker(rows.frame)
                for each in made.changes:
                    taken = rows.takes[share_of[each.column.name]]
                    watch.see(str(change.table.name), each, taken)
                place.keep(change, rows, made.frame)


def _refuse_unmasked(plan: TablePlan, watch: _Watch) -> None:
    """Raise LeakError where a transformer that never gives a value back gave some back."""
    found = []
    for step in plan.steps.values():
        for column in step.masked:
            seen = watch.columns.get((str(step.table), column.name))
            if seen is None or not seen.equal or not _never_equal(column):
                continue
            if poisson_tail(seen.equal, seen.chance) < ABOVE_CHANCE:
                subject = f"{step.table}.{column.name}"
                found.append(
                    error(
                        "leak",
                        f"`{column.use}` left {seen.equal} values of `{subject}` as they were",
                        subject=subject,
                        help="the transformer does not mask every value: nothing was changed",
                    )
                )
    if found:
        raise LeakError.from_findings(found)


def _never_equal(column: ColumnPlan) -> bool:
    return all(
        branch.transformer is not None and branch.transformer.promises().never_equal
        for branch in column.branches
    )


def _told(plan: TablePlan, table: str, watch: _Watch) -> Iterator[MaskedColumn]:
    for column in plan.columns:
        seen = watch.columns.get((table, column.name), _Seen())
        yield MaskedColumn(
            name=column.name,
            verdict=column.use,
            why=column.reason,
            changed=seen.changed,
            unparsed=seen.unparsed,
        )


def _one_side(
    plan: TablePlan,
    known: Mapping[str, Column],
    both: list[ColumnPlan],
    *,
    source: str,
    target: str,
) -> Iterator[Finding]:
    """Yield a note for each column that only one of the two tables has; ConfigError for none."""
    names = {column.name for column in both}
    if not names:
        raise ConfigError(
            f"`{source}` and `{target}` have no column in common",
            help="columns are copied by name",
            code="nothing-to-copy",
            subject=target,
        )
    for column in plan.columns:
        if column.name not in names:
            yield note(
                "one-side",
                f"`{column.name}` of `{source}` is not copied: `{target}` does not take it",
                subject=f"{source}.{column.name}",
            )
    for name in known:
        if name not in names and not known[name].generated:
            yield note(
                "one-side",
                f"`{name}` of `{target}` keeps its default: `{source}` does not give it",
                subject=f"{target}.{name}",
            )


@contextmanager
def _both(source: InPlace, target: InPlace) -> Iterator[None]:
    with source.whole(), target.whole():
        yield

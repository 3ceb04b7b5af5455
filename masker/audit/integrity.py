"""Checks 1 and 3: every row arrived, every constraint holds, what was written is what is there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from masker.audit.columns import place_name
from masker.catalog import Catalog, TableName
from masker.engines.engine import Loaded
from masker.evidence.collector import roots
from masker.evidence.digest import Digest
from masker.evidence.evidence import Evidence, Place
from masker.findings import Finding, error
from masker.plan.constraints import invalid, unmet
from masker.plan.model import Plan
from masker.rules.policy import Treatment


def check_rows_arrived(found: Mapping[TableName, int], evidence: Evidence) -> Iterator[Finding]:
    """Yield an error for every table (of partitions the root) with another number of rows."""
    for table in sorted({*found, *evidence.rows}):
        here, sent = found.get(table, 0), evidence.rows.get(table, 0)
        if here != sent:
            yield error(
                "row-count",
                f"`{table}` holds {here} rows in the target, and {sent} were written",
                subject=str(table),
                help="does a trigger, a rule or another session write there? it was not published",
            )


def check_kept(plan: Plan, evidence: Evidence) -> Iterator[Finding]:
    """Yield an error for every table of a subset of which other rows moved than were kept."""
    above = roots(plan)
    wanted: dict[TableName, int] = {}
    counted: set[TableName] = set()
    for step in plan.steps:
        if step.treatment is Treatment.LOAD:
            table = above.get(step.into, step.into)
            wanted[table] = wanted.get(table, 0) + (step.kept or 0)
            if step.kept is None:
                counted.add(table)  # all rows, and nobody knows beforehand how many
    for table in sorted(set(wanted) - counted):
        moved = evidence.rows.get(table, 0)
        if moved != wanted[table]:
            yield error(
                "row-count",
                f"{moved} rows of `{table}` were read, and the subset keeps {wanted[table]}",
                subject=str(table),
                help="nothing was published; please report it",
            )


def check_digests(found: Mapping[Place, Digest], evidence: Evidence) -> Iterator[Finding]:
    """Yield an error for every masked column whose values are not those that were written."""
    for place, seen in sorted(evidence.columns.items()):
        if found.get(place, Digest()) != seen.written:
            name = place_name(place)
            yield error(
                "not-as-masked",
                f"the values of `{name}` in the target are not those that masking wrote",
                subject=name,
                help="does a trigger, a rule or another session change it? it was not published",
            )


def check_constraints(loaded: Loaded, plan: Plan, catalog: Catalog) -> Iterator[Finding]:
    """Yield an error for every key, foreign key and check that is missing or not valid."""
    yield from unmet(plan, catalog)
    for what, name, broken in loaded.broken():
        yield invalid(what, broken, name)

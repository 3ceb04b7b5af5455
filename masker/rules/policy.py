"""A policy: one verdict for every column and every table of a catalog, each with its reason."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

from masker.catalog import TableName
from masker.findings import Findings, Position
from masker.transformers.base import Transformer


class Ruling(enum.StrEnum):
    """What happens to one column."""

    KEEP = "keep"
    MASK = "mask"
    REVIEW = "review"  # a person must decide; counts as uncovered
    UNCOVERED = "uncovered"
    GENERATED = "generated"  # the target's server computes it; never moved


class Treatment(enum.StrEnum):
    """What happens to one table."""

    LOAD = "load"
    EMPTY = "empty"  # created without rows
    EXCLUDE = "exclude"  # not created in the target


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What happens to one column, and why.

    `domain` overrides the transformer's default domain. `when` is a condition on the original row
    in SQL; rows that do not meet it go to `otherwise`, which is never absent when `when` is set.
    `position` is the line of the rule that decided; `reason` says it in words.
    """

    ruling: Ruling
    reason: str
    use: str = ""
    transformer: Transformer | None = None
    domain: str | None = None
    locale: str | None = None
    length: int | None = None  # of the shortest column that shares the key; its own counts too
    when: str | None = None
    otherwise: Verdict | None = None
    position: Position | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TableVerdict:
    """What happens to one table; `where` is a SQL predicate on its rows, None for all."""

    treatment: Treatment = Treatment.LOAD
    where: str | None = None
    position: Position | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """All verdicts for one catalog, and what is wrong with them.

    `columns` has an entry for every column of every table of the catalog, `tables` for every
    table. `findings` hold what resolving the rules found: uncovered columns, globs that match
    nothing, verdicts that contradict each other along a foreign key.
    """

    columns: Mapping[tuple[TableName, str], Verdict]
    tables: Mapping[TableName, TableVerdict]
    findings: Findings = field(default_factory=Findings)

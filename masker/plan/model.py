"""A plan: what will be done to every table and column. Pure data, explainable, fingerprinted."""

from __future__ import annotations

from dataclasses import dataclass, field

from masker.catalog import Catalog, Column, TableName
from masker.findings import Findings
from masker.rules.policy import Ruling, Treatment
from masker.rules.subset import SubsetRules
from masker.transformers.base import Site, Transformer, Uniqueness, Way


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """A transformer for the rows that meet `when` (None: for all that are left)."""

    transformer: Transformer | None  # None keeps the value
    site: Site
    when: str | None = None


@dataclass(frozen=True, slots=True)
class Fold:
    """Masked values outside [low, high) are reflected at the ends; None is open.

    `low` and `high` are dates or timestamps in the canonical text of the column's kind.
    """

    low: str | None
    high: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnPlan:
    """What happens to one column.

    `moved` columns travel with the rows; generated and recomputed ones do not. A masked column
    has at least one branch. `unique` lists the unique keys it belongs to.
    """

    column: Column
    ruling: Ruling
    use: str
    reason: str
    moved: bool = True
    branches: tuple[Branch, ...] = ()
    uniqueness: Uniqueness = Uniqueness.NONE
    unique: tuple[str, ...] = ()
    fold: Fold | None = None

    @property
    def name(self) -> str:
        """Return the column's name."""
        return self.column.name

    @property
    def masked(self) -> bool:
        """Tell whether values of the column are changed on the way."""
        return self.moved and bool(self.branches)

    @property
    def recomputed(self) -> bool:
        """Tell whether the target computes the column again after the load."""
        return self.ruling is Ruling.MASK and not self.moved

    @property
    def needs(self) -> tuple[str, ...]:
        """Return other columns of the row whose original values masking reads."""
        return tuple(
            dict.fromkeys(
                name
                for branch in self.branches
                if branch.transformer is not None
                for name in branch.transformer.needs()
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One table that holds rows, on its way.

    `into` is the table that COPY loads: the table itself, or its partitioned root when a masked
    partition key may move rows between partitions. `rows` and `bytes` are estimates. `kept` is the
    exact number of rows that a subset keeps, None where all are moved.
    """

    table: TableName
    into: TableName
    treatment: Treatment
    columns: tuple[ColumnPlan, ...]
    where: str | None = None
    rows: int | None = None
    bytes: int | None = None
    pages: int = 0
    kept: int | None = None

    @property
    def expected(self) -> int | None:
        """Return how many rows will be moved, as far as is known."""
        return self.rows if self.kept is None else self.kept

    @property
    def moved(self) -> tuple[ColumnPlan, ...]:
        """Return the columns that travel, in the table's order."""
        return tuple(column for column in self.columns if column.moved)

    @property
    def masked(self) -> tuple[ColumnPlan, ...]:
        """Return the columns whose values are changed on the way."""
        return tuple(column for column in self.columns if column.masked)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a run will do, before it does anything.

    `steps` are in loading order, the largest first within what foreign keys allow. `fingerprint`
    is a digest of everything that decides the outcome, except the key itself and estimates.
    """

    pipeline: str
    source: str
    target: str
    mode: str
    clear: str = ""  # how the mode `replace` empties tables: `delete` or `truncate`
    catalog: Catalog
    steps: tuple[Step, ...]
    findings: Findings
    key_id: str
    one_way: bool
    locale: str
    pools: tuple[tuple[str, str], ...] = ()  # (Faker pool, digest of its content)
    sequences: tuple[tuple[TableName, int | None, bool], ...] = ()  # (name, last_value, is_called)
    workers: int = 1
    ways: tuple[Way, ...] = field(default=(), repr=False)  # of columns whose values texts may name
    subset: SubsetRules | None = None
    after: str | None = None  # the file of statements that run before the audit, and its digest
    share: float | None = None  # that a subset's budget solved for
    fingerprint: str = ""
    notes: tuple[str, ...] = field(default_factory=tuple)

    def step(self, table: TableName) -> Step:
        """Return the step of a table; KeyError when the plan has none."""
        for step in self.steps:
            if step.table == table:
                return step
        raise KeyError(str(table))

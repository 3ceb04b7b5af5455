"""What loading into the target file itself needs: its tables, and keys to find rows by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from masker.catalog import Catalog, Kind, Table, TableName
from masker.engines.fit import Present, compare
from masker.engines.sqlite.catalog import read_catalog
from masker.engines.sqlite.open_transaction import key_of
from masker.engines.sqlite.session import Session
from masker.findings import Finding, Findings, Severity, error, warning
from masker.load.settings import REPLACE, UPSERT
from masker.plan.constraints import unmet
from masker.plan.model import Plan, Step
from masker.rules.policy import Treatment


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What the target has for a plan: `tables` take its rows, `keys` find those that are there."""

    tables: tuple[TableName, ...]
    keys: dict[TableName, tuple[str, ...]]
    findings: tuple[Finding, ...]

    @classmethod
    def look(cls, session: Session, plan: Plan, *, mode: str) -> Ground:
        """Look at the target; `findings` say all that would make the run fail, at once."""
        catalog = read_catalog(session)
        loaded = [step for step in plan.steps if step.treatment is Treatment.LOAD]
        moved = {step.into: [column.name for column in step.moved] for step in loaded}
        computed = [
            (step.into, column.name)
            for step in loaded
            for column in step.columns
            if column.recomputed
        ]
        found = [*_computed(loaded), *compare(_present(catalog), moved, computed=computed)]
        # Whether a foreign key holds is a matter of rows here: it is looked at after them.
        found += [one for one in unmet(plan, catalog) if one.code == "constraint-missing"]
        touched = loaded
        if mode == REPLACE:
            touched = [step for step in plan.steps if step.treatment is not Treatment.EXCLUDE]
        keys: dict[TableName, tuple[str, ...]] = {}
        if mode == UPSERT:
            keys = dict(_keys(catalog, moved))
            found += _without_key(catalog, moved, keys)
            found += _one_way(plan, loaded, keys)
        return cls(
            tables=tuple(step.into for step in touched if step.into in catalog),
            keys=keys,
            findings=tuple(found),
        )

    @property
    def blocking(self) -> Findings:
        """Return the errors alone."""
        return Findings(tuple(one for one in self.findings if one.severity is Severity.ERROR))


def _present(catalog: Catalog) -> dict[TableName, dict[str, Present]]:
    return {
        table.name: {
            column.name: Present(
                column.generated,
                not column.nullable and column.default is None and not _numbers(table, column.name),
            )
            for column in table.columns
        }
        for table in catalog.tables
    }


def _numbers(table: Table, name: str) -> bool:
    """Tell whether SQLite gives a number where a row brings none: the column is the rowid."""
    key = table.primary_key
    integer = table.column(name).type.kind is Kind.INTEGER
    return key is not None and key.columns == (name,) and integer


def _computed(loaded: Sequence[Step]) -> Iterator[Finding]:
    for step in loaded:
        for column in step.columns:
            if column.recomputed:
                subject = f"{step.table}.{column.name}"
                yield error(
                    "recompute-without-trigger",
                    f"`{subject}` is to be recomputed, and triggers are off while rows are loaded",
                    subject=subject,
                    help="make it a generated column, or give it a transformer",
                )


def _keys(
    catalog: Catalog, moved: Mapping[TableName, Sequence[str]]
) -> Iterator[tuple[TableName, tuple[str, ...]]]:
    for name, columns in moved.items():
        key = key_of(catalog.table(name), columns) if name in catalog else None
        if key is not None:
            yield name, key


def _without_key(
    catalog: Catalog,
    moved: Mapping[TableName, Sequence[str]],
    keys: Mapping[TableName, Sequence[str]],
) -> Iterator[Finding]:
    for name in moved:
        if name in catalog and name not in keys:
            yield error(
                "no-upsert-key",
                f"`{name}` has no key by which a row could be found again: no primary key, no "
                "unique key without nulls",
                subject=str(name),
                help="add one in the target, exclude the table, or use another mode",
            )


def _one_way(
    plan: Plan, loaded: Sequence[Step], keys: Mapping[TableName, Sequence[str]]
) -> Iterator[Finding]:
    for step in loaded if plan.one_way else ():
        masked = sorted({column.name for column in step.masked} & set(keys.get(step.into, ())))
        if masked:
            yield warning(
                "key-never-again",
                f"`{step.into}` is upserted by `{', '.join(masked)}`, which is masked with a key "
                "that ends with this run: no later run finds these rows again",
                subject=str(step.into),
                help="set MASKER_KEY, or keep the column",
            )

"""Plans of one table, made of what each test says about its columns."""

from collections.abc import Callable, Iterator

import pytest

from masker.catalog import Catalog, Column, Kind, Table, TableName, Type
from masker.evidence import RunKey
from masker.findings import Findings
from masker.plan.model import Branch, ColumnPlan, Plan, Step
from masker.rules.policy import Ruling, Treatment
from masker.transformers.base import Site, Transformer

TABLE = TableName("public", "people")


@pytest.fixture
def run_key() -> Iterator[RunKey]:
    key = RunKey.random()
    yield key
    key.forget()


@pytest.fixture(scope="session")
def column_plan() -> Callable[..., ColumnPlan]:
    def make(
        name: str, *transformers: Transformer | None, kind: Kind = Kind.TEXT, base: str = "text"
    ) -> ColumnPlan:
        masked = bool(transformers)
        return ColumnPlan(
            column=Column(name=name, type=Type(name=base, base=base, kind=kind)),
            ruling=Ruling.MASK if masked else Ruling.KEEP,
            use=next((one.name for one in transformers if one), "keep"),
            reason="a test",
            branches=tuple(Branch(transformer=one, site=Site(kind=kind)) for one in transformers),
        )

    return make


@pytest.fixture(scope="session")
def plan_of() -> Callable[..., Plan]:
    def make(*columns: ColumnPlan, partitions: tuple[str, ...] = ()) -> Plan:
        names = [TableName("public", name) for name in partitions] or [TABLE]
        tables = [Table(name=TABLE, columns=tuple(one.column for one in columns))]
        tables += [
            Table(name=name, columns=tables[0].columns, parent=TABLE, bound="FOR VALUES IN (1)")
            for name in names
            if partitions
        ]
        return Plan(
            pipeline="test",
            source="source",
            target="target",
            mode="swap",
            catalog=Catalog(
                engine="postgres",
                version="18",
                database="test",
                schemas=("public",),
                tables=tuple(tables),
            ),
            steps=tuple(
                Step(table=name, into=name, treatment=Treatment.LOAD, columns=columns)
                for name in names
            ),
            findings=Findings(),
            key_id="test",
            one_way=True,
            locale="en_US",
        )

    return make

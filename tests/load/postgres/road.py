"""A refresh that keeps everything: what the tests of loading drive, phase by phase."""

import itertools
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from masker.engines.postgres.address import Address
from masker.engines.postgres.catalog import read_catalog
from masker.engines.postgres.inlet import PostgresInlet
from masker.engines.postgres.read import begin_snapshot
from masker.engines.postgres.session import Session, Side, quote
from masker.engines.postgres.source import PostgresSource
from masker.findings import Findings
from masker.load.postgres.locks import open_maintenance, run_lock
from masker.load.postgres.swap import Swap
from masker.load.settings import TargetSettings
from masker.plan.model import ColumnPlan, Plan, Step
from masker.rules.policy import Ruling, Treatment

_runs = itertools.count(1)


def address(url: str) -> Address:
    return Address.parse(url)


@contextmanager
def opened(url: str, side: Side = Side.TARGET) -> Iterator[Session]:
    with Session.open(address(url), side=side) as session:
        yield session


def plan_of(
    source: Session,
    *,
    recompute: frozenset[tuple[str, str]] = frozenset(),
    exclude: frozenset[str] = frozenset(),
    schemas: list[str] | None = None,
) -> Plan:
    catalog = read_catalog(source, schemas=schemas)
    steps = []
    for table in catalog.tables:
        if not table.holds_rows or table.extension:
            continue
        columns = tuple(
            ColumnPlan(
                column=column,
                ruling=Ruling.GENERATED
                if column.generated
                else Ruling.MASK
                if (table.name.name, column.name) in recompute
                else Ruling.KEEP,
                use="keep",
                reason="",
                moved=not column.generated and (table.name.name, column.name) not in recompute,
            )
            for column in table.columns
        )
        steps.append(
            Step(
                table=table.name,
                into=table.name,
                treatment=Treatment.EXCLUDE if table.name.name in exclude else Treatment.LOAD,
                columns=columns,
            )
        )
    return Plan(
        pipeline="test",
        source="source",
        target="target",
        mode="swap",
        catalog=catalog,
        steps=tuple(steps),
        findings=Findings(),
        key_id="",
        one_way=True,
        locale="en_US",
        sequences=tuple((s.name, s.last_value, s.is_called) for s in catalog.sequences),
    )


def copy_rows(source: Session, writer: PostgresInlet, plan: Plan) -> None:
    for step in plan.steps:
        if step.treatment is not Treatment.LOAD:
            continue
        names = ", ".join(quote(column.name) for column in step.moved)
        if not names:
            continue
        table = quote(step.table.schema, step.table.name)
        with (
            source.raw.cursor() as cursor,
            cursor.copy(f"COPY {table} ({names}) TO STDOUT") as out,
            writer.load(step.into, [column.name for column in step.moved]) as write,
        ):
            for block in out:
                write(bytes(block))


@dataclass
class Road:
    """One refresh without masking, phase by phase."""

    source: Session
    maintenance: Session
    settings: TargetSettings
    plan: Plan
    swap: Swap
    found: Findings = field(default_factory=Findings)

    def prepare(self) -> Findings:
        source = PostgresSource(self.source, snapshot=begin_snapshot(self.source))
        return self.swap.prepare(source)

    def load(self) -> None:
        self.found += self.prepare()
        with self.swap.writer.open() as writer:
            copy_rows(self.source, writer, self.plan)
        self.found += self.swap.finish()

    def publish(self) -> None:
        self.found += self.swap.publish(ledger="head")

    def codes(self) -> set[str]:
        return {finding.code for finding in self.found}


@contextmanager
def road(
    source_url: str, target_url: str, *, recompute=frozenset(), exclude=frozenset(), **options
):
    settings = TargetSettings(
        engine="postgres", address=address(target_url), **{"workers": 2, **options}
    )
    with (
        opened(source_url, Side.SOURCE) as source,
        open_maintenance(settings.address) as maintenance,
        run_lock(maintenance, settings.database),
    ):
        plan = plan_of(source, recompute=recompute, exclude=exclude)
        with Swap(
            plan, settings=settings, maintenance=maintenance, run=f"run{next(_runs)}"
        ) as swap:
            yield Road(source, maintenance, settings, plan, swap)


def refresh(source_url: str, target_url: str, **options) -> Road:
    with road(source_url, target_url, **options) as way:
        way.load()
        way.publish()
    return way


def dump_schema(server, url: str) -> str:
    """Return `pg_dump -s --no-owner --no-privileges` without comment and \\restrict lines."""
    done = subprocess.run(
        [str(server.bin / "pg_dump"), "-s", "--no-owner", "--no-privileges", "-d", url],
        capture_output=True,
        text=True,
        check=True,
    )
    return "\n".join(
        line
        for line in done.stdout.splitlines()
        if line and not line.startswith(("--", "\\restrict", "\\unrestrict"))
    )

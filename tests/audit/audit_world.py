"""One table masked in memory by real transformers, and the gate asked about what came out."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

import polars as pl

from masker.audit.columns import masked_columns
from masker.audit.gate import Gate
from masker.audit.places import Figure, Ground, Spot
from masker.audit.rows import check_rows
from masker.catalog import Catalog, Column, Kind, Table, TableName, Type
from masker.evidence import Collector, Evidence, RunKey
from masker.findings import Findings
from masker.keys import Keyring
from masker.plan.model import Branch, ColumnPlan, Plan, Step
from masker.rules.policy import Ruling, Treatment
from masker.transformers.base import Masked, Site, Transformer

TABLE = TableName("public", "people")
Tamper = Callable[[pl.Series, pl.Series], pl.Series]
BATCH = 5_000


@dataclass
class Verdict:
    leaks: list[str]
    figures: dict[str, Figure] = field(default_factory=dict)
    messages: list[str] = field(default_factory=list)


class World:
    """Columns are masked by a transformer, or kept where there is none."""

    def __init__(self, columns: dict[str, tuple[Transformer | None, list[str | None]]]) -> None:
        self.columns = columns
        self._once: tuple[Evidence, dict[str, list[pl.Series]], RunKey] | None = None

    def plan(self) -> Plan:
        columns = tuple(_column(name, one) for name, (one, _) in self.columns.items())
        table = Table(name=TABLE, columns=tuple(one.column for one in columns))
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
                tables=(table,),
            ),
            steps=(Step(table=TABLE, into=TABLE, treatment=Treatment.LOAD, columns=columns),),
            findings=Findings(),
            key_id="test",
            one_way=True,
            locale="en_US",
        )

    def mask(
        self, tamper: dict[str, Tamper], keys: Keyring
    ) -> tuple[Evidence, dict[str, list[pl.Series]], RunKey]:
        """Mask every column in batches and return what is left of it."""
        plan, run_key = self.plan(), RunKey.random()
        collector = Collector(plan, run_key)
        target: dict[str, list[pl.Series]] = {}
        for name, (transformer, values) in self.columns.items():
            whole = pl.Series(values, dtype=pl.String)
            for start in range(0, whole.len(), BATCH):
                original = whole.slice(start, BATCH)
                if transformer is None:
                    target.setdefault(name, []).append(original)
                    continue
                column = next(one for one in plan.steps[0].columns if one.name == name)
                masked = transformer.apply(
                    original, site=column.branches[0].site, keys=keys, others={}
                )
                if name in tamper:
                    spoilt = tamper[name](original, masked.values)
                    masked = Masked(spoilt, masked.unparsed, masked.shapes, masked.chance)
                collector.see(table=TABLE, column=column, original=original, masked=masked)
                target.setdefault(name, []).append(masked.values)
        return collector.seal(), target, run_key

    def judge(
        self,
        *,
        tamper: dict[str, Tamper] | None = None,
        planted: dict[str, pl.Series] | None = None,
        ground: Ground = Ground.KEPT,
        keys: Keyring | None = None,
    ) -> Verdict:
        """Mask, let `tamper` spoil columns on the way, search columns and what is `planted`."""
        plan = self.plan()
        if tamper or keys:
            evidence, target, run_key = self.mask(tamper or {}, keys or Keyring.ephemeral())
        else:
            self._once = self._once or self.mask({}, Keyring.ephemeral())
            evidence, target, run_key = self._once
        columns = masked_columns(plan)
        findings = list(check_rows(evidence, columns))
        gate = Gate(evidence, columns=columns, run_key=run_key)
        for column in plan.steps[0].columns:
            spot = Spot(
                subject=f"{TABLE}.{column.name}",
                ground=Ground.MASKED if column.masked else Ground.KEPT,
                place=(TABLE, column.name),
                column=column,
            )
            number = gate.search.add(spot)
            for part in target[column.name]:
                gate.search.look(part, spot=number)
                gate.sample(number, part)
        for subject, values in (planted or {}).items():
            number = gate.search.add(Spot(subject=subject, ground=ground))
            gate.search.look(values, spot=number)
        judged = gate.judge()
        findings += [finding for _, finding in judged if finding is not None]
        return Verdict(
            leaks=sorted({finding.subject for finding in findings if finding.code == "leak"}),
            figures={figure.subject: figure for figure, _ in judged},
            messages=[finding.message for finding in findings if finding.code == "leak"],
        )


def _column(name: str, transformer: Transformer | None) -> ColumnPlan:
    kind = Kind.JSON if transformer is not None and transformer.name == "json" else Kind.TEXT
    return ColumnPlan(
        column=Column(name=name, type=Type(name=kind.value, base=kind.value, kind=kind)),
        ruling=Ruling.MASK if transformer else Ruling.KEEP,
        use=transformer.name if transformer else "keep",
        reason="a test",
        branches=(Branch(transformer=transformer, site=Site(kind=kind, base=kind.value)),)
        if transformer
        else (),
    )


GIVEN = [
    "Anna",
    "Bert",
    "Chris",
    "Dora",
    "Emil",
    "Frida",
    "Georg",
    "Hanna",
    "Iris",
    "Jürgen",
    "Klara",
    "Luis",
    "Mary",
    "Nina",
    "Otto",
]
FAMILY = [
    "Schmidt",
    "Meier",
    "Müller",
    "Jones",
    "Smith",
    "Brown",
    "Novak",
    "Rossi",
    "Garcia",
    "Kowalski",
    "Silva",
    "Dubois",
]
STREETS = ["Main Street", "Oak Avenue", "Hauptstraße", "Rue de Lyon", "Via Roma", "High Road"]


def people(count: int, *, seed: int = 1) -> dict[str, list[str]]:
    """Return made-up source columns, one value per person each."""
    draw = random.Random(seed)
    given = [draw.choice(GIVEN) for _ in range(count)]
    family = [draw.choice(FAMILY) for _ in range(count)]
    return {
        "first_name": given,
        "last_name": family,
        "full_name": [f"{one} {other}" for one, other in zip(given, family, strict=True)],
        "email": [
            f"{one}.{other}{number}@mail.test".lower()
            for number, (one, other) in enumerate(zip(given, family, strict=True))
        ],
        "phone": [f"({draw.randrange(200, 999)}) {draw.randrange(10**7):07d}" for _ in given],
        "street": [f"{draw.randrange(1, 900)} {draw.choice(STREETS)}" for _ in given],
        "city": [draw.choice(["New York", "Berlin", "Lyon", "Roma"]) for _ in given],
        "notes": [f"Asked about order {number} on Monday." for number in range(count)],
    }

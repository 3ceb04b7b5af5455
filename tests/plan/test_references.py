"""References that only the pipeline knows: both sides are masked alike, or it is told."""

from dataclasses import replace

import pytest

from masker.catalog.links import Link
from masker.plan.build import build
from masker.rules.policy import Policy, TableVerdict
from masker.rules.subset import Edge, RootRule, SubsetRules
from tests.plan.test_build import FRAME, INT, catalog, column, name, table, verdict

HERE = catalog(
    table("customers", column("id", INT, nullable=False), column("code")),
    table("notes", column("kind"), column("about", INT), column("customer_code")),
)
ABOUT = Link(
    table=name("notes"), columns=("about",), parent=name("customers"), parent_columns=("id",),
    when=("kind", "customer"),
)  # fmt: skip
CODE = Link(
    table=name("notes"), columns=("customer_code",), parent=name("customers"),
    parent_columns=("code",),
)  # fmt: skip


def told(link, verdicts, **more):
    subset = SubsetRules(roots=(RootRule(table=name("customers")),), edges=(Edge(link=link),))
    columns = {
        (each.name, one.name): verdicts.get(f"{each.name.name}.{one.name}", verdict("keep"))
        for each in HERE.tables
        for one in each.columns
    }
    policy = Policy(columns=columns, tables={each.name: TableVerdict() for each in HERE.tables})
    made = build(replace(FRAME, subset=subset, **more), HERE, policy)
    return {f.id for f in made.findings if f.code == "reference-apart"}, made


@pytest.mark.parametrize(
    ("link", "verdicts"),
    [
        pytest.param(ABOUT, {}, id="both kept"),
        pytest.param(
            ABOUT, {"customers.id": verdict("integer"), "notes.about": verdict("integer")},
            id="both masked alike",
        ),
        pytest.param(
            CODE, {"customers.code": verdict("token"), "notes.customer_code": verdict("token")},
            id="texts masked alike",
        ),
    ],
)  # fmt: skip
def test_sides_that_stay_together_are_nothing_to_tell(link, verdicts):
    assert told(link, verdicts)[0] == set()


@pytest.mark.parametrize(
    ("link", "verdicts", "place"),
    [
        (ABOUT, {"customers.id": verdict("integer")}, "public.notes.about"),
        (ABOUT, {"notes.about": verdict("integer")}, "public.notes.about"),
        (
            CODE,
            {"customers.code": verdict("token"), "notes.customer_code": verdict("scramble")},
            "public.notes.customer_code",
        ),
        (
            CODE,
            {
                "customers.code": replace(verdict("token"), domain="a"),
                "notes.customer_code": replace(verdict("token"), domain="b"),
            },
            "public.notes.customer_code",
        ),
    ],
)
def test_sides_that_part_are_told_and_can_be_accepted(link, verdicts, place):
    id = f"reference-apart:{place}"
    found, made = told(link, verdicts)
    assert found == {id}
    assert id in {finding.id for finding in made.findings.blocking}
    _, made = told(link, verdicts, accept=(id,))
    assert id not in {finding.id for finding in made.findings.blocking}


def test_a_foreign_key_needs_no_such_look():
    declared = replace(CODE, constraint="notes_code_fkey")
    assert told(declared, {"customers.code": verdict("token")})[0] == set()

"""A CHECK that asks only whether a column is NULL lets every transformer that keeps NULL pass."""

import pytest

from masker.catalog import Check, Column, Kind, Table, TableName, Type
from masker.plan.columns import check_constraints, plan_column
from masker.rules.policy import Ruling, Verdict
from masker.transformers import registry

TEXT = Type(name="text", base="text", kind=Kind.TEXT)
ASKS = "CHECK (((method = 'card'::text) = (\"no\" IS NOT NULL)))"
READS = 'CHECK ((("no" IS NOT NULL) AND (method <> "no")))'


def codes(definition, use, *, exclusion=False):
    check = Check(name="both", definition=definition, columns=("method", "no"), exclusion=exclusion)
    columns = (Column(name="method", type=TEXT), Column(name="no", type=TEXT))
    table = Table(name=TableName("shop", "payments"), columns=columns, checks=(check,))
    verdict = Verdict(ruling=Ruling.MASK, reason="", use=use, transformer=registry.build(use))
    plan = plan_column(table, columns[1], verdict, locale="en_US", countries=())
    return [finding.code for finding in check_constraints(table, {"no": plan})]


@pytest.mark.parametrize(
    ("definition", "use", "exclusion", "wanted"),
    [
        pytest.param(ASKS, "digits", False, [], id="asks for NULL, which stays"),
        pytest.param(ASKS, "null", False, ["constraint-columns"], id="becomes NULL"),
        pytest.param(READS, "digits", False, ["constraint-columns"], id="reads the value too"),
        pytest.param(ASKS, "digits", True, ["constraint-columns"], id="exclusion constraint"),
        pytest.param("CHECK (note)", "digits", False, ["constraint-columns"], id="no mention"),
    ],
)
def test_null_only(definition, use, exclusion, wanted):
    assert codes(definition, use, exclusion=exclusion) == wanted

import pytest

from masker.audit.columns import masked_columns
from masker.audit.rows import check_rows
from masker.evidence.digest import Digest
from masker.evidence.evidence import ColumnEvidence, Evidence
from masker.evidence.exposure import Exposure
from masker.evidence.fingerprints import PrintSet
from masker.keys.forms import Form
from masker.transformers.city import City
from masker.transformers.constant import Constant
from masker.transformers.email import Email
from masker.transformers.permutation import Digits
from masker.transformers.shift_date import ShiftDate
from tests.audit.audit_world import TABLE, World


def sized(size):
    held = PrintSet()
    held.spilled = size
    return held


def leaks(transformer, **seen):
    columns = masked_columns(World({"x": (transformer, [])}).plan())
    sizes = {name: sized(seen.pop(name)) for name in ("distinct", "same") if name in seen}
    rows = seen.pop("rows", 20_000)
    column = ColumnEvidence(
        written=Digest(values=rows),
        sources={(Exposure.DIGITS, Form.BARE): sized(rows)},
        **seen,
        **sizes,
    )
    return [
        finding.code for finding in check_rows(Evidence(columns={(TABLE, "x"): column}), columns)
    ]


@pytest.mark.parametrize(
    ("transformer", "seen", "leaked"),
    [
        pytest.param(Email(), {"equal": 0}, False, id="never-equal-is-not"),
        pytest.param(Email(), {"equal": 1}, True, id="never-equal-is"),
        pytest.param(City(), {"equal": 1}, True, id="a-pool-that-promises"),
        pytest.param(
            Digits(),
            {"equal": 2, "chance": 2e-6, "distinct": 20_000, "same": 2},
            True,
            id="two-where-chance-gives-none",
        ),
        pytest.param(
            Digits(),
            {"equal": 500, "chance": 2.0, "distinct": 40, "same": 1},
            False,
            id="one-value-of-many-rows",
        ),
        pytest.param(
            Digits(),
            {"equal": 100, "chance": 100.0, "distinct": 101, "same": 100},
            False,
            id="values-that-cannot-change",
        ),
        pytest.param(Digits(), {"shifted": 2, "chance": 2e-6}, True, id="the-row-beside"),
        pytest.param(Digits(), {"shifted": 900, "chance": 200.0}, False, id="short-codes"),
        pytest.param(Constant(value="x"), {"equal": 20_000, "chance": 9.0}, False, id="data-free"),
        pytest.param(
            ShiftDate(),
            {"equal": 20_000, "chance": 3.0, "distinct": 3, "same": 3},
            True,
            id="dates",
        ),
    ],
)
def test_more_than_chance_is_a_leak(transformer, seen, leaked):
    assert leaks(transformer, **seen) == ["leak"] * leaked

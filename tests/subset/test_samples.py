"""The sample databases and the shop: exactly the rows that a closure in plain Python keeps."""

import psycopg
import pytest

from masker.engines.postgres.numbers import tids
from masker.rules.subset import RootRule, SubsetRules
from tests.subset.plain import Plain
from tests.subset.test_postgres import Reading, name

ROOTS = {
    "pagila": [
        ("customer", {"where": "customer_id = 42"}), ("customer", {"sample": 0.05, "seed": 7}),
        ("film", {"rows": 9}), ("staff", {"where": "staff_id = 1"}),
        ("payment", {"where": "customer_id = 3"}), ("customer", {"sample": 0.2, "where": "active = 1"}),
    ],
    "chinook": [
        ("customer", {"where": "customer_id = 42"}), ("artist", {"sample": 0.1}),
        ("employee", {"where": "employee_id = 8"}), ("track", {"rows": 50, "seed": 3}),
    ],
    "hr": [
        ("employees", {"where": "employee_id = 107"}), ("departments", {"sample": 0.3}),
        ("employees", {"rows": 5}), ("countries", {"where": "country_id = 'US'"}),
    ],
}  # fmt: skip
SOON = 2  # roots of each sample in the plain suite; a long run takes them all
CASES = [
    pytest.param(sample, table, how, marks=[] if number < SOON else pytest.mark.long)
    for sample, roots in ROOTS.items()
    for number, (table, how) in enumerate(roots)
]


@pytest.fixture(scope="module")
def copies(request, production, lasting_database):
    made = {}

    def copy(sample):
        if sample not in made:
            template = request.getfixturevalue(sample)
            made[sample] = lasting_database(production, f"whole_{sample}", template=template)
        return made[sample]

    return copy


def places(kept):
    return {
        (str(table), place)
        for table, ids in kept.rows.items()
        for place in tids(ids)[2:-2].split('","')
        if len(ids)
    }


def check(url, table, how):
    with Reading(url) as here, psycopg.connect(url) as session:
        schema, _, bare = table.rpartition(".")
        root = RootRule(table=name(bare) if not schema else type(name(bare))(schema, bare), **how)
        asked = SubsetRules(roots=(root,), edges=here.edges(), lookup_rows=0)
        kept = here.choose(asked)
        # search_path decides how regclass spells a table; ours are always in full
        session.execute("SET search_path = ''")
        plain = Plain(session)
        full = str(root.table)
        wanted = plain.closure(plain.root(full, **how))
    assert wanted
    assert places(kept) == {(table.replace('"', ""), place) for table, place in wanted}


@pytest.mark.parametrize(("sample", "table", "how"), CASES)
def test_it_keeps_what_plain_python_keeps(copies, sample, table, how):
    check(copies(sample), table, how)


@pytest.mark.parametrize(
    "how",
    [
        {"rows": 3, "seed": 1},
        pytest.param({"where": "id % 7 = 3"}, marks=pytest.mark.long),
        pytest.param({"sample": 0.05}, marks=pytest.mark.long),
    ],
)
def test_the_shop_too(copies, production, shop, how):
    url = copies("shop")
    with psycopg.connect(url) as session:
        schema = session.execute(
            "SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE relname = 'customers'"
        ).fetchone()[0]
    check(url, f"{schema}.customers", how)

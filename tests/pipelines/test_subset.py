"""Subsets of the sample databases, whole roads: constraints hold, parents are minimal, fan-out."""

import psycopg
import pytest

from masker.pipelines.run import run
from tests.pipelines.refreshes import KEY, POLICIES, one

ROOTS = {
    "pagila": ["customer where customer_id = 42", "customer sample 5%", "customer rows 7",
               "rental newest 20 by rental_date", "customer sample 3% stratify store_id"],
    "chinook": ["customer where customer_id = 42", "customer sample 10%", "artist rows 5",
                "invoice newest 5 by invoice_date", "customer rows 6 stratify country"],
    "hr": ["employees where employee_id = 107", "employees sample 10%", "departments rows 3",
           "employees newest 4 by hire_date", "employees rows 5 stratify job_id"],
}  # fmt: skip
CASES = [(name, root) for name, roots in ROOTS.items() for root in roots]
FOREIGN_KEYS = """
SELECT conrelid::regclass::text, confrelid::regclass::text,
       ARRAY(SELECT quote_ident(attname) FROM unnest(conkey) WITH ORDINALITY k(n, o)
             JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = k.n ORDER BY o),
       ARRAY(SELECT quote_ident(attname) FROM unnest(confkey) WITH ORDINALITY k(n, o)
             JOIN pg_attribute a ON a.attrelid = confrelid AND a.attnum = k.n ORDER BY o)
FROM pg_constraint WHERE contype = 'f' AND conparentid = 0 AND convalidated
"""


@pytest.fixture(scope="module")
def sample(request, production, staging, lasting_database):
    """Return a function from a sample's name to the URLs of its copy and of a target."""
    made = {}

    def urls(name):
        if name not in made:
            template = request.getfixturevalue(name)
            made[name] = (
                lasting_database(production, name, template=template),
                lasting_database(staging, name),
            )
        return made[name]

    return urls


def environ(source, target):
    return {"SOURCE_URL": source, "TARGET_URL": target, "MASKER_KEY": KEY}


@pytest.mark.parametrize(("name", "root"), CASES)
def test_a_subset_goes_the_whole_road(sample, tmp_path, name, root):
    source, target = sample(name)
    done = run(
        POLICIES / f"{name}.yaml", records=tmp_path, environ=environ(source, target), roots=[root]
    )
    assert done.outcome == "published"
    kept = done.manifest["plan"]["subset"]["kept"]
    assert sum(kept.values()) > 0
    with psycopg.connect(target) as session:
        for table, columns, parent, _ in _keys(session):
            mine = " AND ".join(f"c.{m} IS NOT NULL" for m, _ in columns)
            same = " AND ".join(f"c.{m} = p.{t}" for m, t in columns)
            orphans = f"SELECT count(*) FROM {table} c WHERE {mine} AND NOT EXISTS (SELECT FROM {parent} p WHERE {same})"
            assert one(session, orphans) == 0, table
    with psycopg.connect(source) as session:
        every = {table: one(session, f"SELECT count(*) FROM ONLY {table}") for table in kept}
    assert all(kept[table] <= every[table] for table in kept)
    assert sum(kept.values()) < sum(every.values())


def _keys(session):
    for table, parent, mine, theirs in session.execute(FOREIGN_KEYS).fetchall():
        yield table, list(zip(mine, theirs, strict=True)), parent, None

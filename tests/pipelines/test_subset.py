"""Subsets of the sample databases, whole roads: constraints hold, parents are minimal, fan-out."""

from urllib.parse import urlsplit

import psycopg
import pytest

from masker.demo.folder import shelf
from masker.pipelines.run import run
from tests.pipelines.conftest import at
from tests.pipelines.refreshes import KEY, POLICIES, one

ROOTS = {
    "pagila": ["customer where customer_id = 42", "customer sample 5%", "customer rows 7",
               "rental newest 20 by rental_date", "customer sample 3% stratify store_id"],
    "chinook": ["customer where customer_id = 42", "customer sample 10%", "artist rows 5",
                "invoice newest 5 by invoice_date", "customer rows 6 stratify country"],
    "hr": ["employees where employee_id = 107", "employees sample 10%", "departments rows 3",
           "employees newest 4 by hire_date", "employees rows 5 stratify job_id"],
}  # fmt: skip
# Each kind of root once, each sample at least once; a long run takes them all.
SOON = {
    "pagila": ["customer sample 3% stratify store_id"],
    "chinook": ["customer where customer_id = 42", "artist rows 5"],
    "hr": ["employees sample 10%", "employees newest 4 by hire_date"],
}
CASES = [
    pytest.param(name, root, marks=[] if root in SOON[name] else pytest.mark.long)
    for name, roots in ROOTS.items()
    for root in roots
]
OF_THE_SHOP = ["where id % 97 = 42", "sample 5%", "rows 7", "newest 20 by created_at",
               "sample 3% stratify country_code"]  # fmt: skip
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
    check(done, source, target)


@pytest.mark.long
@pytest.mark.parametrize("root", OF_THE_SHOP)
def test_a_subset_of_the_shop_does_too(
    production, staging, shop, production_roles, staging_roles, lasting_database, tmp_path, root
):
    source = lasting_database(production, "shop", template=shop, owner="shop_owner")
    target = lasting_database(staging, "shop", owner="masker_loader")
    urls = {
        "SHOP_PRODUCTION_URL": at(production_roles.reader, urlsplit(source).path[1:]),
        "SHOP_STAGING_URL": at(staging_roles.loader, urlsplit(target).path[1:]),
        "MASKER_KEY": KEY,
    }
    file = shelf() / "shop.yaml"
    done = run(file, records=tmp_path, environ=urls, roots=[f"shop.customers {root}"])
    check(done, source, target)


def check(done, source, target):
    """Every foreign key holds on the target, and less than the whole source is there."""
    assert done.outcome == "published"
    kept = done.manifest["plan"]["subset"]["kept"]
    assert sum(kept.values()) > 0
    with psycopg.connect(target) as session:
        keys = list(_keys(session))
        for table, columns, parent, _ in keys:
            mine = " AND ".join(f"c.{m} IS NOT NULL" for m, _ in columns)
            same = " AND ".join(f"c.{m} = p.{t}" for m, t in columns)
            orphans = f"SELECT count(*) FROM {table} c WHERE {mine} AND NOT EXISTS (SELECT FROM {parent} p WHERE {same})"
            assert one(session, orphans) == 0, table
    assert keys
    with psycopg.connect(source) as session:
        every = {
            table: one(session, f"SELECT count(*) FROM ONLY {_quoted(table)}") for table in kept
        }
    assert all(kept[table] <= every[table] for table in kept)
    assert sum(kept.values()) < sum(every.values())


def _quoted(table):
    """Return a table's name in the manifest as SQL: the shop has one in mixed case."""
    schema, _, name = table.partition(".")
    return f'"{schema}"."{name}"'


def _keys(session):
    for table, parent, mine, theirs in session.execute(FOREIGN_KEYS).fetchall():
        yield table, list(zip(mine, theirs, strict=True)), parent, None

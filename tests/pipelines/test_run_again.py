"""The same key gives the same data: whatever the workers and batches, and in other databases."""

from functools import partial

import psycopg
import pytest

from masker.pipelines import moving
from masker.runners.lane import Journey
from tests.pipelines.refreshes import KEY, OTHER_KEY, Refreshed, digests, one, refresh

SMALL, TINY = 1 << 16, 1 << 11  # bytes; chinook's largest table has some 200 KB


@pytest.fixture
def again(production, staging, lasting_database, tmp_path, monkeypatch):
    """Refresh a sample into a new target: `(sample, workers, batch_bytes, key) -> digests`."""

    def go(refreshed: Refreshed, *, workers=1, batch_bytes=None, key=KEY) -> dict[str, str]:
        if batch_bytes is not None:
            monkeypatch.setattr(moving, "Journey", partial(Journey, batch_bytes=batch_bytes))
        target = lasting_database(staging, refreshed.name)
        refresh(
            refreshed.name,
            source=refreshed.source,
            target=target,
            records=tmp_path,
            workers=workers,
            key=key,
        )
        found = digests(target)
        staging.drop_database(target.rpartition("/")[2])
        return found

    return go


@pytest.mark.parametrize(
    ("workers", "batch_bytes"),
    [
        pytest.param(1, SMALL, id="1 worker, small batches", marks=pytest.mark.long),
        pytest.param(2, TINY, id="2 workers, tiny batches"),
        pytest.param(4, None, id="4 workers, batches as usual", marks=pytest.mark.long),
    ],
)
def test_workers_and_batches_change_nothing(refreshed_of, again, workers, batch_bytes):
    first = refreshed_of("chinook")
    assert again(first, workers=workers, batch_bytes=batch_bytes) == digests(first.target)


@pytest.mark.long
@pytest.mark.parametrize("sample", ["pagila", "chinook", "hr"])
@pytest.mark.parametrize("workers", [1, 2, 4])
@pytest.mark.parametrize("batch_bytes", [None, SMALL, TINY], ids=["usual", "small", "tiny"])
def test_no_pair_of_workers_and_batches_changes_anything(
    refreshed_of, again, sample, workers, batch_bytes
):
    first = refreshed_of(sample)
    assert again(first, workers=workers, batch_bytes=batch_bytes) == digests(first.target)


def test_another_key_changes_every_masked_table_and_no_other(refreshed_of, again):
    first = refreshed_of("hr")
    here, there = digests(first.target), again(first, key=OTHER_KEY)
    changed = {table for table in here if here[table] != there[table]}
    assert changed == {"public.employees", "public.locations"}


SHARED = """SELECT md5(string_agg(md5((number, given, family, mail, tel, street)::text), ''
                                  ORDER BY number))
              FROM (SELECT {columns} FROM {table}) t (number, given, family, mail, tel, street)"""
OTHER_DATABASE = """
version: 1
name: newsletter
source: {url: "${SOURCE_URL}"}
target: {url: "${TARGET_URL}"}
columns:
  subscribers:
    number: keep
    given: first_name
    family: last_name
    mail: email
    tel: phone
    street: street
"""


def test_two_databases_that_share_customers_agree(
    refreshed_of, production, staging, lasting_database, tmp_path
):
    """Other names, other tables, other neighbours, in another order; the same people."""
    first = refreshed_of("chinook")
    source, target = lasting_database(production, "mail"), lasting_database(staging, "mail")
    columns = "customer_id, first_name, last_name, email, phone, address"
    with psycopg.connect(first.source) as chinook, psycopg.connect(source) as mail:
        mail.execute(
            "CREATE TABLE subscribers (tel varchar(24), street varchar(70), family varchar(20), "
            "given varchar(40), mail varchar(60) UNIQUE, number int PRIMARY KEY)"
        )
        rows = chinook.execute(f"SELECT {columns} FROM customer ORDER BY last_name").fetchall()
        mail.cursor().executemany(
            "INSERT INTO subscribers (number, given, family, mail, tel, street) "
            "VALUES (%s, %s, %s, %s, %s, %s)",
            [*rows, (0, "Somebody", "Else", "else@somewhere.test", None, "Elsewhere 1")],
        )
    policy = tmp_path / "newsletter.yaml"
    policy.write_text(OTHER_DATABASE)
    refresh(policy, source=source, target=target, records=tmp_path)
    with psycopg.connect(first.target) as here, psycopg.connect(target) as there:
        shared = SHARED.format(columns=columns, table="customer")
        other = SHARED.format(
            columns="number, given, family, mail, tel, street",
            table="subscribers WHERE number > 0",
        )
        assert one(here, shared) == one(there, other)

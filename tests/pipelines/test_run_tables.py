"""What a policy says of whole tables, and keys of partitions that are masked, on the whole road."""

import datetime as dt

import psycopg
import pytest

from tests.pipelines.refreshes import one, refresh

TABLES = """
CREATE TABLE stays (id int PRIMARY KEY, day date NOT NULL, mail text);
CREATE TABLE queue (id int PRIMARY KEY, mail text);
CREATE TABLE old (id int PRIMARY KEY, mail text);
CREATE TABLE visits (id int, day date NOT NULL, mail text) PARTITION BY RANGE (day);
CREATE TABLE visits_1 PARTITION OF visits FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
CREATE TABLE visits_2 PARTITION OF visits FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');
CREATE TABLE badges (badge text PRIMARY KEY, id int) PARTITION BY HASH (badge);
CREATE TABLE badges_0 PARTITION OF badges FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE badges_1 PARTITION OF badges FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO stays SELECT i, date '2024-01-01' + i % 60, 'anna.adler' || i || '@mail.test'
  FROM generate_series(1, 400) i;
INSERT INTO visits SELECT id, day, mail FROM stays;
INSERT INTO queue SELECT id, mail FROM stays;
INSERT INTO old SELECT id, mail FROM stays;
INSERT INTO badges SELECT 'badge number ' || id, id FROM stays;
"""
POLICY = """
version: 1
name: tables
source: {url: "${SOURCE_URL}"}
target: {url: "${TARGET_URL}"}
columns:
  stays: {id: keep, day: keep, mail: email}
  visits: {id: keep, day: {use: shift_date, with: {within: 5y}}, mail: email}
  badges: {id: keep, badge: token}
  queue: {id: keep}
tables: {queue: empty, old: exclude, stays: {where: "id % 4 = 0 AND mail LIKE '%@mail.test'"}}
"""
FIRST, END = dt.date(2024, 1, 1), dt.date(2024, 3, 1)


@pytest.fixture(scope="module", params=[1, 2], ids=["1 worker", "2 workers"])
def ends(request, production, staging, lasting_database, tmp_path_factory):
    """Sessions on a source and on its masked copy, and the run that made it."""
    folder = tmp_path_factory.mktemp("tables")
    source, target = lasting_database(production, "tables"), lasting_database(staging, "tables")
    production.sql(TABLES, database=source.rpartition("/")[2])
    policy = folder / "tables.yaml"
    policy.write_text(POLICY)
    run = refresh(policy, source=source, target=target, records=folder, workers=request.param)
    with psycopg.connect(source) as before, psycopg.connect(target) as after:
        yield before, after, run


def rows(session, query):
    return session.execute(query).fetchall()


def test_rows_that_meet_the_condition_arrive_and_no_others(ends):
    before, after, run = ends
    kept = "SELECT id, day FROM stays {} ORDER BY id"
    assert rows(after, kept.format("")) == rows(before, kept.format("WHERE id % 4 = 0"))
    assert run.rows["public.stays"] == 100


def test_an_empty_table_is_there_without_rows_and_an_excluded_one_is_not(ends):
    _, after, run = ends
    assert one(after, "SELECT count(*) FROM queue") == 0
    assert one(after, "SELECT to_regclass('public.old')") is None
    assert not {"public.queue", "public.old"} & {
        table for table, count in run.rows.items() if count
    }


def test_a_masked_key_of_ranges_ends_within_their_span(ends):
    before, after, _ = ends
    days = {name: dict(rows(end, "SELECT id, day FROM visits"))
            for name, end in (("before", before), ("after", after))}  # fmt: skip
    assert days["after"].keys() == days["before"].keys()
    assert all(FIRST <= day < END for day in days["after"].values())
    same = [number for number, day in days["before"].items() if days["after"][number] == day]
    assert same == []
    for part in ("visits_1", "visits_2"):
        assert one(after, f"SELECT count(*) FROM {part}") > 100


def test_a_masked_key_of_hashes_goes_where_it_belongs(ends):
    before, after, _ = ends
    assert one(after, "SELECT count(DISTINCT badge) FROM badges") == 400
    assert one(after, "SELECT count(*) FROM badges WHERE badge LIKE 'badge%'") == 0
    numbers = "SELECT id FROM badges ORDER BY id"
    assert rows(after, numbers) == rows(before, numbers)
    for part in ("badges_0", "badges_1"):
        found = rows(after, f"SELECT badge FROM ONLY {part}")
        assert len(found) > 100
        for (badge,) in found[:20]:
            # The server looks in one partition only, the one that the hash names.
            assert rows(after, f"SELECT tableoid::regclass::text FROM badges WHERE badge = '{badge}'") == [(part,)]  # fmt: skip


def test_every_row_of_a_folded_table_may_be_asked_by_its_day(ends):
    """A row in the wrong partition would not be found by its own day."""
    _, after, _ = ends
    for day, count in rows(after, "SELECT day, count(*) FROM visits GROUP BY day"):
        assert one(after, f"SELECT count(*) FROM visits WHERE day = '{day}'") == count

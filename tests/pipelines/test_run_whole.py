"""A full refresh of four databases: every row, every constraint, the whole schema arrive."""

import psycopg
import pytest

from masker.keys import INTEGER_SPACES
from tests.pipelines.refreshes import Refreshed, dump_schema, one

# What a target lacks of its source's schema on purpose, line by line: nothing of these four. What
# would be left out (publications, subscriptions, foreign servers and their passwords, event
# triggers, security labels) is shown by tests/load/test_wires.py.
OMITTED: dict[str, set[str]] = {"pagila": set(), "hr": set(), "chinook": set(), "shop": set()}

INVALID = {
    "constraints": "SELECT conrelid::regclass, conname FROM pg_constraint WHERE NOT convalidated",
    "indexes": "SELECT indexrelid::regclass FROM pg_index WHERE NOT indisvalid OR NOT indisready",
    "triggers": "SELECT tgrelid::regclass, tgname FROM pg_trigger WHERE tgenabled = 'D'",
}


def test_it_is_published(refreshed: Refreshed):
    assert refreshed.run.outcome == "published"
    assert refreshed.run.audit.passed


def test_the_schema_is_the_source_s(refreshed: Refreshed, production):
    source = dump_schema(production.bin, refreshed.source)
    target = dump_schema(production.bin, refreshed.target)
    assert len(source) > 100
    assert target == [line for line in source if line not in OMITTED[refreshed.name]]


@pytest.mark.parametrize("kind", INVALID)
def test_nothing_is_invalid(refreshed: Refreshed, kind):
    with psycopg.connect(refreshed.target) as session:
        assert session.execute(INVALID[kind]).fetchall() == []


def test_every_constraint_holds_when_it_is_asked_again(refreshed: Refreshed):
    """PostgreSQL believes `convalidated`; here every CHECK and foreign key is added once more."""
    with psycopg.connect(refreshed.target) as session:
        found = session.execute(
            """SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), contype::text
                 FROM pg_constraint
                WHERE contype IN ('f', 'c') AND conrelid <> 0 AND conparentid = 0
                  AND NOT EXISTS (SELECT FROM pg_class p
                                   WHERE p.oid = conrelid AND p.relispartition AND contype = 'c')"""
        ).fetchall()
        for number, (table, _, definition, _) in enumerate(found):
            session.execute(f"ALTER TABLE {table} ADD CONSTRAINT again_{number} {definition}")
        session.rollback()
    assert len(found) > 5


def test_every_row_arrived(refreshed: Refreshed):
    counts = """SELECT format('SELECT %L AS name, count(*) AS rows FROM ONLY %I.%I',
                              n.nspname || '.' || c.relname, n.nspname, c.relname)
                  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                 WHERE c.relkind IN ('r', 'm') AND c.relispopulated
                   AND n.nspname !~ '^(pg_|information_schema)'"""
    rows = []
    for url in (refreshed.source, refreshed.target):
        with psycopg.connect(url) as session:
            each = " UNION ALL ".join(query for (query,) in session.execute(counts).fetchall())
            rows.append(dict(session.execute(each).fetchall()))
    source, target = rows
    if refreshed.name == "shop":
        assert source["shop.outbox"] > 0
        source["shop.outbox"] = 0  # `tables: {shop.outbox: empty}`
    assert target == source


def test_sequences_go_on_after_the_source_s(refreshed: Refreshed):
    last = "SELECT schemaname, sequencename, last_value FROM pg_sequences ORDER BY 1, 2"
    with psycopg.connect(refreshed.source) as source, psycopg.connect(refreshed.target) as target:
        before, after = source.execute(last).fetchall(), target.execute(last).fetchall()
    masked = {("shop", "companies_id_seq")}  # its numbers are permuted, so it starts above them
    same = [row for row in before if row[:2] not in masked]
    assert [row for row in after if row[:2] not in masked] == same


def test_the_record_counts_what_arrived(refreshed: Refreshed):
    with psycopg.connect(refreshed.target) as session:
        for table, rows in refreshed.run.rows.items():
            name = ".".join(f'"{part}"' for part in table.split("."))
            assert one(session, f"SELECT count(*) FROM {name}") == rows


def test_a_sequence_of_permuted_numbers_goes_on_above_all_that_may_come(refreshed_of):
    with psycopg.connect(refreshed_of("shop").target) as target:
        highest = one(target, "SELECT max(id) FROM shop.companies")
        assert highest > one(target, "SELECT count(*) FROM shop.companies")  # they are permuted
        following = one(target, "SELECT nextval('shop.companies_id_seq')")
        assert following > INTEGER_SPACES["int4"][1] >= highest
        target.rollback()

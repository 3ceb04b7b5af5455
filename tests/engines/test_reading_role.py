"""The script of GRANTs is enough, and nothing of it can be left out."""

import itertools

import pytest

from masker.catalog import TableName
from masker.engines.postgres import schema
from masker.engines.postgres.address import Address
from masker.engines.postgres.catalog import read_catalog
from masker.engines.postgres.reading_role import reading_grants
from masker.engines.postgres.rights import missing_rights
from masker.engines.postgres.session import Session, Side, quote
from masker.engines.postgres.tools import Tools
from masker.errors import MaskerError

SETUP = """
CREATE SCHEMA crm;
CREATE SCHEMA "Odd ""name";
CREATE TABLE people (id serial PRIMARY KEY, name text);
CREATE TABLE crm.orders (id int PRIMARY KEY, person int REFERENCES people) PARTITION BY RANGE (id);
CREATE TABLE crm.orders_1 PARTITION OF crm.orders DEFAULT;
CREATE TABLE crm.only_schema (id int);
CREATE TABLE "Odd ""name"."Ta ble" (id int);
CREATE TABLE open_to_all (id int);
GRANT SELECT ON open_to_all TO PUBLIC;
CREATE TABLE secret (id int);
"""
GUARD = "ALTER TABLE people ENABLE ROW LEVEL SECURITY"
LOADED = {
    TableName("public", "people"),
    TableName("crm", "orders_1"),
    TableName('Odd "name', "Ta ble"),
    TableName("public", "open_to_all"),
}
DUMPED = {*LOADED, TableName("crm", "orders"), TableName("crm", "only_schema")}
SECRET = TableName("public", "secret")
_names = itertools.count(1)


@pytest.fixture
def database(production, fresh_database):
    name = fresh_database(production, "grants").rsplit("/", 1)[1]
    production.sql(SETUP, database=name)
    production.sql(f'REVOKE CONNECT ON DATABASE "{name}" FROM PUBLIC', database=name)
    return name


@pytest.fixture
def role(production, database):
    name = f"Reader_{next(_names)}"
    yield name
    if production.sql(f"COPY (SELECT 1 FROM pg_roles WHERE rolname = '{name}') TO STDOUT"):
        production.sql(f'DROP OWNED BY "{name}"', database=database)
        production.sql(f'DROP ROLE "{name}"', database=database)


def script(production, database, role):
    with Session.open(Address.parse(production.url(database)), side=Side.SOURCE) as session:
        return reading_grants(
            session, read_catalog(session), role=role, loaded=LOADED, dumped=DUMPED
        )


def let_in(production, database, role, statements):
    """Run statements and open a session as the role."""
    for statement in statements:
        production.sql(statement, database=database)
    production.sql(f"ALTER ROLE \"{role}\" PASSWORD 'reader'", database=database)
    return Session.open(Address.parse(production.url(database, role, "reader")), side=Side.SOURCE)


def reads(session):
    """Tell whether the role can do all that a run does on a source."""
    if missing_rights(session, read_catalog(session), tables=LOADED):
        return False
    try:
        schema.dump(session, tools=Tools.find(18), exclude=[SECRET])
    except MaskerError:
        return False
    return True


def test_the_script_is_enough_and_opens_nothing_else(production, database, role):
    production.sql(GUARD, database=database)
    statements = script(production, database, role)
    assert len(statements) == 5
    with let_in(production, database, role, statements) as session:
        assert reads(session)
        for name in LOADED:
            session.query(f"SELECT * FROM {quote(name.schema, name.name)}")
        rights = session.query(
            "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace"
            " WHERE relkind IN ('r', 'p', 'S') AND n.nspname !~ '^pg_|^information_schema$'"
            " AND has_table_privilege(c.oid, 'SELECT') ORDER BY 1"
        )
        assert [name for (name,) in rights] == [
            "Ta ble", "only_schema", "open_to_all", "orders", "orders_1", "people",
            "people_id_seq",
        ]  # fmt: skip
        writes = session.query(
            "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace"
            " WHERE relkind IN ('r', 'p') AND n.nspname !~ '^pg_|^information_schema$'"
            " AND has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER')"
        )
        assert writes == []


@pytest.mark.parametrize("left_out", ["DATABASE", "SCHEMA", "TABLE", "SEQUENCE", "BYPASSRLS"])
def test_nothing_of_it_can_be_left_out(production, database, role, left_out):
    production.sql(GUARD, database=database)
    statements = script(production, database, role)
    kept = [one.replace(" BYPASSRLS", "") if left_out == "BYPASSRLS" else one for one in statements
            if f" {left_out} " not in one.replace("\n", " ")]  # fmt: skip
    assert kept != list(statements)
    if left_out == "DATABASE":
        with pytest.raises(MaskerError), let_in(production, database, role, kept):
            pass
        return
    with let_in(production, database, role, kept) as session:
        assert not reads(session)


def test_a_role_that_is_there_is_altered_only_where_it_must(production, database, role):
    production.sql(f'CREATE ROLE "{role}" LOGIN', database=database)
    assert not any("ROLE" in statement for statement in script(production, database, role))
    production.sql(GUARD, database=database)
    assert f'ALTER ROLE "{role}" BYPASSRLS;' in script(production, database, role)

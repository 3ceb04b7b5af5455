"""The definition of a database, apart from its server: as JSON and back, and what it keeps."""

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from masker.catalog import TableName
from masker.engines.ddl import ddl_of, is_scripted, read_ddl
from masker.engines.postgres.identity import Kinship, kinship_to
from masker.engines.registry import engine_of
from masker.errors import ConfigError

NASTY = Path(__file__).parents[1] / "engines" / "nasty.sql"
SQLITE = """
CREATE TABLE a (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT);
CREATE TABLE b (a_id INTEGER REFERENCES a, note TEXT);
CREATE INDEX by_note ON b (note);
CREATE VIEW names AS SELECT name FROM a;
INSERT INTO a (name) VALUES ('x');
"""


@pytest.fixture(scope="module")
def nasty(production, lasting_database):
    url = lasting_database(production, "nasty")
    production.psql_file(NASTY, database=urlsplit(url).path[1:])
    engine = engine_of(url)
    with engine.open_source(engine.address(url)) as source:
        yield source


def again(ddl, engine):
    return ddl_of(json.loads(json.dumps(ddl.as_facts())), engine=engine)


def read(source, engine, exclude=()):
    return read_ddl(source, engine=engine, schemas=(), exclude=exclude, tools=None)


def test_a_definition_comes_back_and_holds_no_wire(nasty):
    made = read(nasty, "postgres")
    back = again(made, "postgres")
    assert replace(back, findings=made.findings) == made
    assert "wire-left-out" in {finding.code for finding in made.findings}
    every = json.dumps(made.as_facts()) + "".join(made.scripts(()))
    assert "wire-secret" not in every
    assert any("words on an index" in text for _, text in made.texts())


def test_what_is_kept_of_the_server_knows_it_again_and_tells_little(nasty):
    made = again(read(nasty, "postgres"), "postgres")
    assert made.identity.data_directory is None
    assert kinship_to(made.identity, nasty.session) is Kinship.SAME
    restarted = replace(made.identity, started="2000-01-01")
    assert kinship_to(restarted, nasty.session) is Kinship.COPY
    assert kinship_to(replace(restarted, system="1"), nasty.session) is Kinship.OTHER
    assert made.database.owner == ""
    assert made.database.comment is None


def test_tables_that_are_left_out_take_their_statements_along(nasty):
    made = read(nasty, "postgres", exclude=[TableName("public", "tenant")])
    assert not any("TABLE public.tenant " in text for _, text in made.texts())


def test_sqlite_comes_back_without_its_place(tmp_path):
    path = tmp_path / "secret-name.db"
    with closing(sqlite3.connect(path)) as db:
        db.executescript(SQLITE)
    engine = engine_of(f"sqlite:///{path}")
    with engine.open_source(engine.address(f"sqlite:///{path}")) as source:
        made = read(source, "sqlite", exclude=[TableName("main", "b")])
    assert replace(again(made, "sqlite"), findings=made.findings) == made
    assert "secret-name" not in json.dumps(made.as_facts())
    before, after = made.scripts(())
    assert "CREATE TABLE a" in before
    assert "CREATE VIEW names" in after
    assert "sqlite_sequence SET seq = 1" in after
    assert "by_note" not in after  # of the table that was left out


@pytest.mark.parametrize("facts", [{}, {"schema": 1}, {"before": [{}], "after": []}])
@pytest.mark.parametrize("engine", ["postgres", "sqlite"])
def test_what_is_no_definition_is_told(engine, facts):
    with pytest.raises(ConfigError) as told:
        ddl_of(facts, engine=engine)
    assert told.value.code == "no-snapshot"


def test_an_engine_without_snapshots_is_told():
    assert is_scripted("postgres")
    assert not is_scripted("sqlite")
    with pytest.raises(ConfigError) as told:
        is_scripted("mysql")
    assert told.value.code == "not-yet"

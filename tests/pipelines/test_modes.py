"""Targets that are loaded themselves: replaced, added to, updated, each in one transaction."""

import pytest

from tests.pipelines.in_place import OLD, OWN, ROWS, SCHEMA, World


@pytest.fixture
def world(production, staging, fresh_database, tmp_path):
    made = World(fresh_database(production, "shop"), fresh_database(staging, "shop"), tmp_path)
    made.at_source(SCHEMA + ROWS)
    made.at_target(SCHEMA + OWN + OLD)
    return made


def test_replace_puts_the_sources_rows_into_the_targets_tables(world):
    before = world.everything()
    done = world.run("replace")
    assert done.outcome == "published"
    after = world.everything()
    assert after["constraints"] == before["constraints"]
    assert after["triggers"] == before["triggers"]
    assert after["badges"] == before["badges"]
    assert len(after["people"]) == 40
    assert after["teams"] == sorted(world.at_source("SELECT * FROM teams"), key=repr)

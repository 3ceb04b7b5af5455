"""The whole road out of the system's own PostgreSQL, where that is an older one."""

import psycopg
import pytest

from tests.conftest import SAMPLES
from tests.pipelines.refreshes import refresh


@pytest.mark.long
def test_pagila_is_refreshed_from_it(packaged, staging, fresh_database, tmp_path):
    folder = SAMPLES / "pagila"
    if not folder.is_dir():
        pytest.skip("the sample database pagila is not there (../shared/data/pagila)")
    source = packaged.create_database("pagila")
    for file in ("schema.sql", "schema-jsonb.sql", "data.sql"):
        packaged.psql_file(folder / file, database="pagila")
    target = fresh_database(staging, "older")
    done = refresh("pagila", source=source, target=target, records=tmp_path)
    assert done.manifest["audit"]["passed"] is True

    def asked(url, sql):
        with psycopg.connect(url) as session:
            return session.execute(sql).fetchall()

    there = asked(source, "SELECT count(*), sum(amount) FROM payment")
    assert asked(target, "SELECT count(*), sum(amount) FROM payment") == there
    names = "SELECT DISTINCT lower(email) FROM customer"
    assert not set(asked(source, names)) & set(asked(target, names))

"""Rows by number: there and back, and what a part of such rows reads."""

import numpy as np
import polars as pl
import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from masker.catalog import TableName
from masker.engines.postgres.address import Address
from masker.engines.postgres.numbers import array, chunks, numbers, tids
from masker.engines.postgres.read import LEAST_ROWS, parts_by_number, read
from masker.engines.postgres.session import Session, Side

PLACES = st.lists(st.tuples(st.integers(0, 2**32 - 2), st.integers(1, 65535)), min_size=1)


@given(PLACES)
def test_a_place_is_one_number(places):
    written = pl.Series([f"({block},{row})" for block, row in places])
    found = numbers(written)
    assert tids(found) == "{" + ",".join(f'"{place}"' for place in written) + "}"
    assert len(np.unique(found)) == len(set(places))


def test_order_of_numbers_is_order_on_disk():
    assert numbers(pl.Series(["(0,9)", "(1,1)", "(70000,2)"])).tolist() == sorted(
        numbers(pl.Series(["(70000,2)", "(0,9)", "(1,1)"]))
    )


@given(st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))))
def test_an_array_is_read_back_by_the_server(production_session, values):
    made = array(pl.Series(values, dtype=pl.String))
    assert production_session.one("SELECT %s::text[]", [made]) == values


@pytest.fixture(scope="module")
def production_session(production):
    with Session.open(Address.parse(production.url()), side=Side.SOURCE) as session:
        yield session


def test_parts_hold_each_row_once():
    ids = np.arange(3 * LEAST_ROWS + 5)
    made = parts_by_number(TableName("public", "t"), ids, count=2)
    assert np.array_equal(np.concatenate([part.ids for part in made]), ids)
    assert len(made) == 2
    assert parts_by_number(TableName("public", "t"), ids[:0], count=2) == ()
    assert [len(part) for part in chunks(ids, 10_000)] == [10_000, len(ids) - 10_000]


def test_only_rows_of_these_numbers_are_read(production, fresh_database):
    url = fresh_database(production, "numbers")
    with psycopg.connect(url, autocommit=True) as session:
        session.execute("CREATE TABLE t (id int); INSERT INTO t SELECT generate_series(1, 20000)")
        wanted = session.execute("SELECT ctid::text, id FROM t WHERE id % 7 = 0").fetchall()
    ids = numbers(pl.Series([place for place, _ in wanted]))
    with Session.open(Address.parse(url), side=Side.SOURCE) as session:
        rows = []
        for part in parts_by_number(TableName("public", "t"), ids, count=1):
            for block in read(session, part, ["id"]):
                rows += map(int, block.split())
    assert sorted(rows) == [id for _, id in wanted]

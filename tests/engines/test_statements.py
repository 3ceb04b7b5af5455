"""Statements of a person run whole inside one transaction, or not at all."""

import pytest

from masker.engines.postgres.address import Address
from masker.engines.postgres.session import Session, Side
from masker.engines.postgres.statements import run_inside, run_statements
from masker.errors import ConfigError

ENDS = ["ROLLBACK", "COMMIT", "COMMIT; BEGIN", "ROLLBACK AND CHAIN"]


@pytest.fixture(params=[run_statements, run_inside], ids=["aside", "inside"])
def run(request):
    return request.param


@pytest.fixture
def session(fresh_database, staging):
    with Session.open(Address.parse(fresh_database(staging, "after")), side=Side.TARGET) as made:
        yield made


@pytest.mark.parametrize("end", ENDS)
def test_they_cannot_end_it(session, run, end):
    if run is run_inside:
        session.execute("BEGIN")
    with pytest.raises(ConfigError, match=r"staging\.sql"):
        run(session, f"CREATE TABLE flags (); {end};", file="staging.sql")
    session.rollback()
    with session.transaction():
        session.execute("CREATE TABLE public.testers ()")
    assert session.query("SELECT to_regclass('public.testers') IS NULL") == [(False,)]


def test_what_ended_it_is_told(session):
    with pytest.raises(ConfigError, match="ends the transaction") as caught:
        run_statements(session, "SELECT 1; COMMIT", file="staging.sql")
    assert [each.code for each in caught.value.findings] == ["bad-after"]


def test_a_savepoint_ends_nothing(session):
    text = "SAVEPOINT a; CREATE TABLE flags (); ROLLBACK TO a; CREATE TABLE testers ();"
    run_statements(session, text, file="staging.sql")
    assert session.query("SELECT to_regclass('flags')::text, to_regclass('testers')::text") == [
        (None, "testers")
    ]

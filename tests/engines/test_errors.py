import threading

import psycopg
import pytest

from masker import errors
from masker.engines.postgres.address import Address
from masker.engines.postgres.errors import STATES, Fault, mapped, tell
from masker.engines.postgres.session import Session, Side
from masker.engines.postgres.wire import WireError


@pytest.mark.parametrize("state", STATES)
def test_every_state_of_the_table_has_its_error(state):
    kind, sentence, mend = STATES[state]
    told = tell(Fault(state=state.ljust(5, "0") if len(state) < 5 else state), "reading")
    assert (type(told), told.help) == (kind, mend)
    assert told.message.startswith(f"reading: {sentence} [SQLSTATE {state}")


def test_no_state_is_a_lost_server_and_one_that_nobody_knows_is_none():
    assert isinstance(tell(Fault(state=""), "x"), errors.TryAgainError)
    told = tell(Fault(state="ZZ000"), "x")  # the server spoke: trying again would not help
    assert isinstance(told, errors.ConfigError)
    assert told.findings.items[0].code == "postgres-ZZ000"


def test_only_names_and_places_of_a_fault_are_told():
    fields = {
        "C": "23505",
        "M": "secret message",
        "D": "Key (mail)=(secret) already exists.",
        "W": "COPY t, line 1: secret",
        "s": "public",
        "t": "people",
        "n": "people_key",
        "F": "nbtinsert.c",
        "R": "_bt_check_unique",
    }
    with pytest.raises(errors.CollisionError) as caught, mapped("loading"):
        raise WireError(fields)
    told = caught.value
    assert "secret" not in str(told)
    assert (told.sqlstate, told.constraint, told.subject) == (
        "23505",
        "people_key",
        "public.people",
    )
    assert "schema `public`, table `people`, constraint `people_key`" in str(told)
    assert told.__suppress_context__


@pytest.fixture
def session(production):
    with Session.open(Address.parse(production.url()), side=Side.TARGET) as made:
        yield made


@pytest.mark.parametrize(
    ("sql", "kind", "state"),
    [
        ("SELECT 'secret'::int", errors.DataError, "22P02"),
        ("SELECT secret", errors.ConfigError, "42703"),
        ("SELECT 1 / 0", errors.DataError, "22012"),
        ("DO $$ BEGIN RAISE EXCEPTION 'secret'; END $$", errors.DataError, "P0001"),
        (
            "CREATE TEMP TABLE t (secret text CHECK (false)); INSERT INTO t VALUES ('secret value')",
            errors.DataError,
            "23514",
        ),
    ],
)
def test_what_the_server_reports_leaves_without_a_value(session, sql, kind, state):
    with pytest.raises(kind) as caught:
        session.execute(sql)
    assert caught.value.sqlstate == state
    assert "secret value" not in str(caught.value)
    assert "'secret'" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert not isinstance(caught.value, psycopg.Error)


@pytest.mark.parametrize(
    ("change", "kind", "state"),
    [
        ({"password": "wrong"}, errors.ConfigError, "28P01"),
        ({"user": "nobody_here"}, errors.ConfigError, "28P01"),
        ({"database": "not_there"}, errors.ConfigError, "3D000"),
    ],
    ids=["password", "role", "database"],
)
def test_a_refused_connection_says_why_and_hides_the_password(production, change, kind, state):
    with pytest.raises(kind) as caught:
        Session.open(
            Address.parse(production.url(**{"password": None, **change})), side=Side.SOURCE
        )
    assert caught.value.sqlstate == state
    assert production.superuser.password not in str(caught.value)
    assert "wrong" not in str(caught.value)


@pytest.mark.parametrize(
    ("table", "row", "named"),
    [
        ("(secret int)", "secret value", "secret"),
        ('("Odd name" int)', "secret value", "Odd name"),
        ('("a, line 2, column b" int)', "secret value", ""),
        ("(a int)", "1\tx, line 2, column secret value: y", ""),
        ("(a int)", "x, line 2, column secret value: y", "a"),
    ],
    ids=["plain", "blank in it", "misleading name", "misleading row", "misleading value"],
)
def test_a_copy_that_fails_names_the_column_and_no_value(session, table, row, named):
    session.execute(f"CREATE TEMP TABLE t {table}")
    with (
        pytest.raises(errors.DataError) as caught,
        session.copy_in("COPY pg_temp.t FROM STDIN", what="loading `t`") as write,
    ):
        write(f"{row}\n".encode())
    assert str(caught.value).startswith("loading `t` on target")
    assert caught.value.subject == named
    assert "secret value" not in str(caught.value)


def test_a_file_that_may_not_grow_is_a_full_disk():
    told = tell(Fault(state="XX000", file="md.c", function="mdextend"), "loading")
    assert told.help == STATES["53100"][2]


def test_a_server_that_is_not_there():
    with pytest.raises(
        errors.TryAgainError, match="nothing listens on this host and port"
    ) as caught:
        Session.open(Address.parse("postgresql://u:secret@127.0.0.1:9/d"), side=Side.SOURCE)
    assert "secret" not in str(caught.value)


def test_a_statement_can_be_cancelled_from_another_thread(session):
    timer = threading.Timer(0.2, session.cancel)
    timer.start()
    with pytest.raises(errors.TryAgainError, match="cancelled"):
        session.execute("SELECT pg_sleep(60)")
    timer.join()

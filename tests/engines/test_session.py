from urllib.parse import unquote

import pytest

from masker.engines.postgres.address import Address
from masker.engines.postgres.session import SETTINGS, Session, Side, literal, quote
from masker.errors import ConfigError, DataError


@pytest.fixture
def session(production):
    with Session.open(Address.parse(production.url()), side=Side.TARGET) as made:
        yield made


@pytest.mark.parametrize("side", Side)
def test_every_session_has_our_settings(production, side):
    with Session.open(Address.parse(production.url()), side=side) as session:
        for name, value in SETTINGS:
            shown = session.one("SELECT current_setting(%s)", [name])
            assert shown.split(",")[0] == value, name
        assert session.one("SHOW default_transaction_read_only") == (
            "on" if side is Side.SOURCE else "off"
        )


def test_a_transaction_commits_or_rolls_back(session):
    session.execute("CREATE TEMP TABLE t (id int)")
    with session.transaction():
        session.execute("INSERT INTO t VALUES (1)")
        assert session.in_transaction
    with pytest.raises(DataError), session.transaction():
        session.execute("INSERT INTO t VALUES (2)")
        session.execute("SELECT 1 / 0")
    assert not session.in_transaction
    assert session.query("SELECT id FROM t") == [(1,)]


def test_a_failed_commit_is_an_error(session):
    session.execute("CREATE TEMP TABLE t (id int UNIQUE DEFERRABLE INITIALLY DEFERRED)")
    with pytest.raises(DataError), session.transaction():
        session.execute("INSERT INTO t VALUES (1), (1)")
    assert not session.in_transaction


def test_copy_in_writes_blocks(session):
    session.execute("CREATE TEMP TABLE t (a text, b text)")
    with session.copy_in("COPY t FROM STDIN") as write:
        write(b"a\t\\N\n")
        write("ß\t\n".encode())
    assert session.query("SELECT a, b FROM t") == [("a", None), ("ß", "")]


def test_a_failure_inside_copy_in_writes_nothing(session):
    session.execute("CREATE TEMP TABLE t (a text)")
    with pytest.raises(ZeroDivisionError), session.copy_in("COPY t FROM STDIN") as write:
        write(b"a\n")
        raise ZeroDivisionError
    assert session.one("SELECT count(*) FROM t") == 0


@pytest.mark.parametrize(
    "name", ["plain", "Mixed Case", 'with "quotes"', "dots.in.it", "Straße", "100%s", "back\\slash"]
)
def test_names_are_quoted(session, name):
    session.execute(f"CREATE TEMP TABLE {quote(name)} ({quote(name)} int)")
    assert session.one("SELECT count(*) FROM pg_class WHERE relname = %s", [name]) == 1


@pytest.mark.parametrize("text", ["", "it's", "back\\slash\\", "'; DROP", "ß😀", "\n"])
def test_literals_are_quoted(session, text):
    assert session.query(f"SELECT {literal(text)}::text = %s", [text]) == [(True,)]


@pytest.mark.parametrize(
    ("url", "host", "port", "database", "user"),
    [
        ("postgresql://u:p@h:5433/d", "h", 5433, "d", "u"),
        ("postgres://u@h/d", "h", 5432, "d", "u"),
        ("postgresql+psycopg://u:p@h/d", "h", 5432, "d", "u"),
        ("postgresql://u:p%40ss@[::1]/d", "::1", 5432, "d", "u"),
        ("postgresql://u@h", "h", 5432, "u", "u"),
        ("postgresql:///d?host=/var/run", "/var/run", 5432, "d", ""),
    ],
)
def test_an_address_is_read_from_a_url(url, host, port, database, user):
    address = Address.parse(url)
    assert (address.host, address.port) == (host, port)
    assert (address.database, address.user) == (database, user)


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://u:secret@h/d", "postgresql://h:port/d"])
def test_what_is_no_address_is_refused_without_its_password(url):
    with pytest.raises(ConfigError) as caught:
        Address.parse(url)
    assert caught.value.code == "bad-url"
    assert "secret" not in str(caught.value)


def test_an_address_never_shows_its_password():
    address = Address.parse("postgresql://u:hidden@h/d?password=hidden&passfile=x")
    assert "hidden" not in f"{address} {address!r} {address.at('other')}"
    assert "hidden" in address.conninfo
    assert address.at("other").conninfo.startswith("postgresql://u:hidden@h/other")


def test_role_password_and_database_may_hold_any_character(production, fresh_database):
    role, password = "a reader %41", "p w+%20@/?#"
    database = fresh_database(production, "odd %20 +&?#@:/'\"ä")
    production.sql(f"CREATE ROLE \"{role}\" LOGIN PASSWORD '{password}'")
    try:
        name = unquote(database.rsplit("/", 1)[1])
        url = production.url(name, role, password)
        with Session.open(Address.parse(url), side=Side.SOURCE) as session:
            told = session.query("SELECT current_user::text, current_database()::text")
        assert told == [(role, name)]
    finally:
        production.sql(f'DROP ROLE "{role}"')


def test_an_option_nobody_knows_is_a_fault_of_the_url():
    with pytest.raises(ConfigError, match="does not take") as told:
        Session.open(Address.parse("postgresql://u:hush@h/d?sslmod=require"), side=Side.SOURCE)
    assert told.value.code == "bad-url"
    assert "hush" not in str(told.value)

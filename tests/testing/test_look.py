"""Databases of tests: real-looking data is found by its column, masked data never is."""

import json
import sqlite3
import subprocess
import sys

import polars as pl
import psycopg
import psycopg2
import pytest
import sqlalchemy as sa

import masker
from masker.errors import ConfigError
from masker.findings import Severity
from masker.testing import NoPersonalData, find_personal_data, look
from tests.pipelines.lying import KEY

# Made up by hand, in ranges that are in use.
PEOPLE = [
    ("anna.kranz@web.de", "+49 30 90182011", "4539 1488 0343 6467", "DE89 3704 0044 0532 0130 00", "536-22-8741"),
    ("b.blau@gmx.net", "+49 89 2180 4410", "5425 2334 3010 9903", "DE75 5121 0800 1245 1261 99", "428-81-6022"),
    ("carla@posteo.de", "+44 20 7219 4272", "4916 2185 1283 4571", "GB33 BUKB 2020 1555 5555 55", "219-46-7788"),
    ("dora@icloud.com", "+1 202 224 3121", "4485 0403 7153 6584", "FR14 2004 1010 0505 0001 3M02 606", "543-17-9911"),
]  # fmt: skip
COLUMNS = ("email", "phone", "card", "iban", "ssn")
RULES = {
    "people": {
        "email": "email",
        "phone": "phone",
        "card": "card",
        "iban": "iban",
        "ssn": {"use": "national_id", "with": {"number": "us_ssn"}},
        "note": "fake_text",
        "id": "keep",
    }
}
SCHEMA = "CREATE TABLE people (id integer PRIMARY KEY, " + ", ".join(
    f"{name} varchar(80)" for name in (*COLUMNS, "note")
) + ")"  # fmt: skip


@pytest.fixture(params=["postgres", "sqlite"])
def engine(request, tmp_path):
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/app.db"
    else:
        server = request.getfixturevalue("staging")
        url = request.getfixturevalue("fresh_database")(server, "testing")
        url = url.replace("postgresql://", "postgresql+psycopg://")
    made = sa.create_engine(url)
    with made.begin() as connection:
        connection.exec_driver_sql(SCHEMA)
        connection.exec_driver_sql("CREATE TABLE colours (name varchar(20))")
        connection.exec_driver_sql("INSERT INTO colours VALUES ('red'), ('dark blue'), ('')")
    yield made
    made.dispose()


def fill(engine):
    names = ", ".join(COLUMNS)
    with engine.begin() as connection:
        for number, row in enumerate(PEOPLE):
            values = ", ".join(f"'{value}'" for value in row)
            connection.exec_driver_sql(
                f"INSERT INTO people (id, {names}, note) "
                f"VALUES ({number}, {values}, 'wants a call back, write to {row[0]} please')"
            )


def places(found):
    return {finding.subject.rpartition(".")[2] for finding in found}


def test_each_column_that_names_somebody_is_found(engine):
    fill(engine)
    found = find_personal_data(engine, countries=["US"])
    assert places(found) == {*COLUMNS, "note"}
    told = " ".join(map(str, found)) + json.dumps([each.as_json() for each in found])
    assert not [value for row in PEOPLE for value in row if value in told]
    assert all(each.code == "personal-data" for each in found)


def test_what_masker_made_is_never_found(engine):
    fill(engine)
    with engine.begin() as connection:
        masker.Masker(columns=RULES, key=KEY).mask_table(connection, "people")
    assert list(find_personal_data(engine, countries=["US"])) == []


def test_an_empty_database_holds_nobody(engine):
    assert list(find_personal_data(engine)) == []


def test_only_what_is_asked_for_is_looked_at(engine):
    fill(engine)
    assert places(find_personal_data(engine, entities=["IBAN_CODE"])) == {"iban"}
    assert list(find_personal_data(engine, tables=["colours"])) == []
    assert places(find_personal_data(engine, tables=["peo*"], entities=["EMAIL_ADDRESS"])) == {
        "email",
        "note",
    }
    everyone = r"@(web\.de|gmx\.net|posteo\.de|icloud\.com)$"
    assert list(find_personal_data(engine, entities=["EMAIL_ADDRESS"], allow=[everyone])) == []


def test_a_value_that_a_detector_gave_up_on_is_not_clean(engine, monkeypatch):
    detector = look._detector((), names=False)
    (emails,) = (
        each for each in detector._engine.recognizers if "EMAIL_ADDRESS" in each.supported_entities
    )

    def gives_up(text, *_, **__):
        raise TimeoutError(text)

    monkeypatch.setattr(emails, "analyze", gives_up)
    fill(engine)
    found = find_personal_data(engine, entities=["EMAIL_ADDRESS"])
    assert {each.code for each in found} == {"not-scanned"}
    assert places(found) == {"email", "note"}
    assert all("4 of 4 distinct values" in each.message for each in found)
    assert not [row for row in PEOPLE if row[0] in str(list(found))]


def test_no_more_rows_are_looked_at_than_asked_for(engine):
    with engine.begin() as connection:
        for number in range(30):
            email = "anna.kranz@web.de" if number == 20 else "x@shop.example"
            connection.exec_driver_sql(
                f"INSERT INTO people (id, email) VALUES ({number}, '{email}')"
            )
    (told,) = find_personal_data(engine, rows=20)
    assert (told.code, told.severity) == ("not-all-looked-at", Severity.NOTE)
    assert "the first 20 rows" in told.message
    assert places(find_personal_data(engine, rows=21).blocking) == {"email"}
    assert [each.code for each in find_personal_data(engine, rows=30)] == ["personal-data"]


@pytest.mark.parametrize(
    "somebody", ["anna.kranz@web.de", "write to anna.kranz@web.de or x@a.example"]
)
@pytest.mark.parametrize("at", [0, 9_000, 19_999])
def test_what_is_nobodys_takes_no_place_of_what_is_somebodys(at, somebody):
    mails = [f"user{number}@shop.example" for number in range(20_000)]
    mails[at] = somebody
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE t (mail text)")
    connection.executemany("INSERT INTO t VALUES (?)", [(mail,) for mail in mails])
    for _ in range(2):
        (found,) = find_personal_data(connection)
        assert found.message == (
            "`main.t.mail` holds EMAIL_ADDRESS in 1 of 5,000 distinct values that were looked at"
        )
    connection.executemany(
        "INSERT INTO t VALUES (?)", [(f"user{number}@sink.acme.com",) for number in range(6_000)]
    )
    (found,) = find_personal_data(connection, allow=[r"@sink\.acme\.com$"])
    assert found.code == "personal-data"
    connection.close()


def test_values_that_were_not_looked_at_are_told():
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE t (mail text)")
    connection.executemany("INSERT INTO t VALUES (?)", [(f"word {n}",) for n in range(40)])
    connection.execute("INSERT INTO t VALUES ('anna.kranz@web.de')")
    (told,) = find_personal_data(connection, values=40)
    assert (told.code, told.subject) == ("not-all-looked-at", "main.t.mail")
    assert [each.code for each in find_personal_data(connection, values=41)] == ["personal-data"]
    with pytest.warns(pytest.PytestWarning, match="the first 40 distinct values"):
        NoPersonalData()(connection, values=40)
    connection.close()


def test_names_are_found_when_asked_for(engine):
    with engine.begin() as connection:
        for number, name in enumerate(["Anna Schmidt", "Peter Meyer", "Eva Fischer", "Max Weber"]):
            connection.exec_driver_sql(f"INSERT INTO people (id, note) VALUES ({number}, '{name}')")
    assert list(find_personal_data(engine)) == []
    assert places(find_personal_data(engine, entities=["PERSON"])) == {"note"}


def test_through_the_tests_own_connection_what_is_not_committed_is_seen(engine):
    with engine.connect() as connection:
        connection.exec_driver_sql("INSERT INTO people (id, email) VALUES (1, 'anna.kranz@web.de')")
        assert places(find_personal_data(connection)) == {"email"}
        assert list(find_personal_data(engine)) == []
        assert connection.in_transaction()
        connection.rollback()
        assert list(find_personal_data(connection)) == []
        assert not connection.in_transaction()


def test_urls_and_the_drivers_own_connections_will_do(engine):
    fill(engine)
    url = engine.url.render_as_string(hide_password=False)
    given = [url]
    if engine.dialect.name == "sqlite":
        given += [sqlite3.connect(engine.url.database)]
    else:
        plain = url.replace("postgresql+psycopg://", "postgresql://")
        given += [plain, psycopg.connect(plain), psycopg2.connect(plain)]
    for database in given:
        assert "email" in places(find_personal_data(database, entities=["EMAIL_ADDRESS"]))
        if not isinstance(database, str):
            database.close()


def test_a_database_in_an_encoding_of_its_own_is_read_by_its_url(staging, fresh_database):
    name = fresh_database(staging, "latin").rpartition("/")[2]
    staging.sql(f"DROP DATABASE {name}")
    staging.sql(f"CREATE DATABASE {name} ENCODING 'LATIN1' TEMPLATE template0 LOCALE 'C'")
    staging.sql(
        "CREATE TABLE t (ä text); INSERT INTO t VALUES ('für anna.kranz@web.de')", database=name
    )
    assert places(find_personal_data(staging.url(name))) == {"ä"}


@pytest.mark.parametrize(
    ("options", "code"),
    [({"entities": ["EMAILS"]}, "unknown-entity"), ({"allow": ["("]}, "bad-pattern")],
    ids=["entity", "pattern"],
)  # fmt: skip
def test_what_is_asked_wrongly_is_told(engine, options, code):
    with pytest.raises(ConfigError) as caught:
        find_personal_data(engine, **options)
    assert caught.value.code == code


@pytest.mark.parametrize("url", ["nonsense", "oracle://h/a", "postgresql://nobody@127.0.0.1:1/x"])
def test_a_url_that_leads_nowhere_is_told(url):
    with pytest.raises(masker.MaskerError):
        find_personal_data(url)


@pytest.mark.parametrize("kind", ["url", "engine", "uri"])
@pytest.mark.parametrize(
    ("name", "trouble"),
    [("nothere.db", "does not exist"), ("no/folder.db", "no folder"), ("", "is a folder")],
    ids=["file", "folder above", "folder"],
)
def test_a_file_that_is_not_there_is_refused_and_not_created(tmp_path, kind, name, trouble):
    path = tmp_path / "files" / name
    (tmp_path / "files").mkdir()
    uri = f"sqlite:///file:{path}?uri=true"
    given = {
        "url": f"sqlite:///{path}",
        "engine": sa.create_engine(f"sqlite:///{path}"),
        "uri": uri,
    }
    with pytest.raises(ConfigError, match=f"the database .* {trouble}") as caught:
        NoPersonalData()(given[kind])
    assert (caught.value.code, caught.value.exit_code) == ("no-database", 2)
    assert list((tmp_path / "files").iterdir()) == []


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///:memory:", "sqlite:///file:a?mode=memory&uri=true", "file"]
)
def test_a_database_without_tables_is_told(tmp_path, url):
    if url == "file":
        (tmp_path / "new.db").touch()
        url = f"sqlite:///{tmp_path}/new.db"
    (told,) = find_personal_data(url)
    assert (told.code, told.severity) == ("nothing-looked-at", Severity.NOTE)
    with pytest.warns(pytest.PytestWarning, match="has no table, so nothing was looked at"):
        NoPersonalData()(url)


def test_a_name_that_no_table_has_is_told(engine):
    fill(engine)
    found = find_personal_data(engine, tables=["poeple", "col*", "x_*"])
    assert [(each.code, each.subject) for each in found] == [
        ("nothing-looked-at", "poeple"),
        ("nothing-looked-at", "x_*"),
    ]


def test_what_is_no_database_is_told():
    with pytest.raises(ConfigError, match="a database is looked at through psycopg") as caught:
        find_personal_data(5)
    assert "masking" not in str(caught.value)
    assert "a URL such as postgresql://" in caught.value.help
    assert "sqlalchemy.Engine" in caught.value.help


@pytest.mark.parametrize(
    ("use", "values"),
    [
        ("email", [f"{name}.kranz@{host}" for name in ("anna", "bert") for host in ("web.de", "gmx.at", "b.co.uk")]),
        ("phone", ["+49 30 90182011", "0171 5558812", "+44 7911 123456", "(202) 224-3121", "+33 1 40 20 50 50",
                   "+61 2 6277 7111", "+46 8 786 40 00", "+353 1 618 3000", "+1 416 392 2489"]),
        ("card", ["4539 1488 0343 6467", "5425233430109903", "371449635398431", "6011 0009 9013 9424", "3530111333300000"]),
        ("iban", ["DE89370400440532013000", "GB33BUKB20201555555555", "IT60X0542811101000000123456",
                  "ES9121000418450200051332", "FR1420041010050500013M02606", "BE68539007547034",
                  "NL91ABNA0417164300", "AT611904300234573201", "EE382200221020145685"]),
    ],
    ids=["email", "phone", "card", "iban"],
)  # fmt: skip
def test_no_fake_of_a_transformer_is_found(use, values):
    column = pl.DataFrame({"v": values * 3})
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE t (v text)")
    connection.executemany("INSERT INTO t VALUES (?)", [(value,) for value in values])
    connection.commit()
    assert places(find_personal_data(connection)) == {"v"}
    for number in range(20):
        key = f"{number:02x}{KEY[2:]}"
        fakes = masker.Masker(columns={"t": {"v": use}}, key=key).mask_frame(column, table="t")
        connection.executemany("INSERT INTO t VALUES (?)", [(value,) for value in fakes["v"]])
        if not number:
            connection.execute("DELETE FROM t WHERE rowid <= ?", [len(values)])
    connection.commit()
    assert [str(each) for each in find_personal_data(connection)] == []
    connection.close()


TESTS = """
import sqlite3, pytest

@pytest.fixture
def database():
    made = sqlite3.connect(":memory:")
    made.execute("CREATE TABLE users (mail text)")
    yield made
    made.close()

def test_clean(database, no_personal_data):
    database.execute("INSERT INTO users VALUES ('someone@shop.example')")
    no_personal_data(database)

def test_at_once(database, no_personal_data):
    database.execute("INSERT INTO users VALUES ('anna.kranz@web.de')")
    no_personal_data(database)

def test_afterwards(database, no_personal_data):
    no_personal_data.afterwards(database)
    database.execute("INSERT INTO users VALUES ('anna.kranz@web.de')")
"""


def test_the_fixture_fails_the_test_and_names_the_column(tmp_path):
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["masker.testing"]\n')
    (tmp_path / "test_it.py").write_text(TESTS)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", str(tmp_path)],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert "1 failed, 2 passed, 1 error" in done.stdout, done.stdout
    assert "`main.users.mail` holds EMAIL_ADDRESS in 1 of 1 distinct values" in done.stdout
    assert "anna" not in done.stdout


def test_nobody_pays_for_it_who_does_not_ask():
    code = "import sys, masker; print([m for m in sys.modules if m.startswith('masker.testing')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    from importlib.metadata import entry_points

    assert not [each for each in entry_points(group="pytest11") if "masker" in each.value]

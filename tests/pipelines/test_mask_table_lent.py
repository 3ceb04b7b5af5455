"""Whatever a caller's connection is set to, masker reads the values that are there."""

import contextlib
import sqlite3

import psycopg
import psycopg2
import psycopg2.extensions
import psycopg2.extras
import pytest

import masker
from masker.errors import ConfigError, DataError, MaskerError, TryAgainError, UnsafeError
from tests.pipelines.lying import KEY

RULES = {"t": {"id": "keep", "email": "email", "note": "keep"}}
NOT_UTF8 = b"\xffA"


def fake(value):
    return masker.Masker(columns=RULES, key=KEY).mask_value(value, "email", table="t")


# -- SQLite

SCHEMA = """
CREATE TABLE t (id TEXT PRIMARY KEY, email text, note integer) WITHOUT ROWID;
CREATE TABLE c (id integer PRIMARY KEY, t TEXT REFERENCES t (id));
INSERT INTO t VALUES ('äb', 'anna@web.de', 1), (CAST(x'ff41' AS text), 'b@gmx.de', NULL),
  (x'ff41', NULL, 3), (7, 'c@gmx.de', 4);
INSERT INTO c VALUES (1, 'äb');
"""


def in_dicts(cursor, row):
    return {each[0]: value for each, value in zip(cursor.description, row, strict=True)}


@pytest.fixture
def converters():
    """A program that has values of every type converted, whatever sense that makes."""
    known = dict(sqlite3.converters)
    for name in ("TEXT", "INTEGER", "INT"):
        sqlite3.register_converter(name, lambda raw: f"<{raw!r}>")
    yield
    sqlite3.converters.clear()
    sqlite3.converters.update(known)


@pytest.mark.parametrize(
    ("attributes", "detect"),
    [
        ({"row_factory": in_dicts}, 0),
        ({"row_factory": sqlite3.Row}, 0),
        ({"text_factory": bytes}, 0),
        ({"text_factory": bytearray}, 0),
        ({"text_factory": lambda raw: raw.decode("latin-1")}, 0),
        ({"text_factory": lambda raw: raw.decode(errors="ignore")}, 0),
        ({}, sqlite3.PARSE_DECLTYPES),
        ({}, sqlite3.PARSE_COLNAMES),
        ({"isolation_level": "EXCLUSIVE"}, 0),
    ],
    ids=["dicts", "Row", "bytes", "bytearray", "latin-1", "ignore", "decltypes", "colnames", "level"],
)  # fmt: skip
def test_sqlite3_may_be_set_to_anything(tmp_path, converters, attributes, detect):
    (tmp_path / "files").mkdir()
    path = tmp_path / "files" / "a.db"
    plain = sqlite3.connect(path)
    plain.executescript(SCHEMA)
    raw = sqlite3.connect(path, detect_types=detect)
    for name, value in attributes.items():
        setattr(raw, name, value)
    made = masker.Masker(columns=RULES, key=KEY)
    done = made.mask_table(raw, "t")
    assert (done.rows, done.columns[1].changed) == (4, 3)
    raw.commit()
    assert {name: getattr(raw, name) for name in attributes} == attributes
    with pytest.raises(UnsafeError) as caught:
        made.mask_table(raw, "t")
    assert [each.code for each in caught.value.findings] == ["already-masked"]
    raw.close()
    plain.text_factory = bytes
    told = plain.execute("SELECT id, typeof(id), email, note FROM t").fetchall()
    assert set(told) == {
        ("äb".encode(), b"text", fake("anna@web.de").encode(), 1),
        (NOT_UTF8, b"text", fake("b@gmx.de").encode(), None),
        (NOT_UTF8, b"blob", None, 3),
        (b"7", b"text", fake("c@gmx.de").encode(), 4),  # as the column's affinity stores it
    }
    plain.close()


@pytest.mark.parametrize("factory", [in_dicts, sqlite3.Row], ids=["dicts", "Row"])
def test_production_is_told_by_its_name_whatever_rows_are(tmp_path, factory):
    raw = sqlite3.connect(tmp_path / "production.db")
    raw.execute("CREATE TABLE t (id text, email text, note text)")
    raw.row_factory = factory
    with pytest.raises(UnsafeError) as caught:
        masker.Masker(columns=RULES, key=KEY).mask_table(raw, "t")
    assert [each.code for each in caught.value.findings] == ["production-name"]
    raw.close()


def test_rows_that_are_not_found_again_are_told(tmp_path, monkeypatch):
    """Nothing counts as masked that no statement has changed."""
    from masker.engines.sqlite.lent import SqliteInPlace

    raw = sqlite3.connect(":memory:")
    raw.executescript(SCHEMA)
    before = raw.execute("SELECT email FROM t WHERE id = 'äb'").fetchall()
    real = SqliteInPlace.write

    def lossy(self, changes, *, ddl):
        raw.execute("UPDATE temp.masker_laid_0 SET k0 = 'other' WHERE k0 = 'äb'")
        return real(self, changes, ddl=ddl)

    monkeypatch.setattr(SqliteInPlace, "write", lossy)
    with pytest.raises(DataError, match="changed 3 rows instead of 4"):
        masker.Masker(columns=RULES, key=KEY).mask_table(raw, "t")
    assert raw.execute("SELECT email FROM t WHERE id = 'äb'").fetchall() == before
    raw.close()


def refusing(pragma):
    """Return an authorizer that lets nobody set a PRAGMA back."""

    def decide(action, name, value, *_):
        refused = action == sqlite3.SQLITE_PRAGMA and name == pragma and value == "0"
        return sqlite3.SQLITE_DENY if refused else sqlite3.SQLITE_OK

    return decide


def test_a_pragma_that_cannot_be_set_back_undoes_all_and_is_told():
    raw = sqlite3.connect(":memory:")
    raw.executescript("CREATE TABLE t (id text, email text, note text);"
                      "INSERT INTO t VALUES ('1', 'anna@web.de', NULL)")  # fmt: skip
    raw.set_authorizer(refusing("defer_foreign_keys"))
    with pytest.raises(MaskerError):
        masker.Masker(columns=RULES, key=KEY).mask_table(raw, "t")
    raw.set_authorizer(None)
    assert raw.execute("SELECT email FROM t").fetchall() == [("anna@web.de",)]
    raw.close()


def test_the_schema_is_no_longer_writable_where_the_marker_fails():
    raw = sqlite3.connect(":memory:")
    raw.executescript("CREATE TABLE t (id text, email text, note text);"
                      "INSERT INTO t VALUES ('1', 'anna@web.de', NULL)")  # fmt: skip
    refused = (sqlite3.SQLITE_CREATE_TABLE, "sqlite_masker_tables")
    raw.set_authorizer(lambda *told: sqlite3.SQLITE_DENY if told[:2] == refused else 0)
    with pytest.raises(MaskerError):
        masker.Masker(columns=RULES, key=KEY).mask_table(raw, "t")
    raw.set_authorizer(None)
    assert raw.execute("PRAGMA writable_schema").fetchone() == (0,)
    assert raw.execute("SELECT email FROM t").fetchall() == [("anna@web.de",)]
    raw.close()


# -- PostgreSQL


class Shouting(psycopg.adapt.Loader):
    """Reads everything as something else."""

    def load(self, data):
        return f"<{bytes(data)!r}>"


class Mute(psycopg.adapt.Dumper):
    """Writes every text as something else."""

    oid = 25

    def dump(self, obj):
        return b"nothing"


def shouting(raw):
    for name in ("text", "name", "oid", "int4", "int8", "bool"):
        raw.adapters.register_loader(name, Shouting)


def shouting2(raw):
    oids = (16, 19, 20, 23, 25, 26)
    made = psycopg2.extensions.new_type(oids, "SHOUT", lambda value, _: value and f"<{value}>")
    psycopg2.extensions.register_type(made, raw)


def says(statement):
    def say(raw):
        with raw.cursor() as cursor:
            cursor.execute(statement)

    return say


def sets(name, value):
    return lambda raw: setattr(raw, name, value)


def own_transaction(raw):
    raw.autocommit = True
    says("BEGIN")(raw)


HABITS = {
    "psycopg-dicts": (psycopg, sets("row_factory", psycopg.rows.dict_row)),
    "psycopg-raw": (psycopg, sets("cursor_factory", psycopg.RawCursor)),
    "psycopg-client": (psycopg, sets("cursor_factory", psycopg.ClientCursor)),
    "psycopg-loaders": (psycopg, shouting),
    "psycopg-dumpers": (psycopg, lambda raw: raw.adapters.register_dumper(str, Mute)),
    "psycopg-nulls": (psycopg, says("SET array_nulls = off")),
    "psycopg-strings": (psycopg, says("SET standard_conforming_strings = off")),
    "psycopg-prepared": (psycopg, sets("prepare_threshold", 0)),
    "psycopg-autocommit": (psycopg, own_transaction),
    "psycopg2-dicts": (psycopg2, sets("cursor_factory", psycopg2.extras.RealDictCursor)),
    "psycopg2-casters": (psycopg2, shouting2),
    "psycopg2-nulls": (psycopg2, says("SET array_nulls = off")),
    "psycopg2-strings": (psycopg2, says("SET standard_conforming_strings = off")),
    "psycopg2-autocommit": (psycopg2, own_transaction),
}
SHOP = """
CREATE TABLE t (id int PRIMARY KEY, email text, note text);
INSERT INTO t VALUES (1, 'anna@web.de', 'ä\\'), (2, NULL, NULL), (3, 'b@gmx.de', 'NULL');
"""


@pytest.fixture(scope="module")
def shared(staging, lasting_database):
    return lasting_database(staging, "lent")


@pytest.fixture
def url(shared):
    """One database for all, each time as if it were new."""
    with psycopg.connect(shared, autocommit=True) as plain:
        plain.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        plain.execute(SHOP)
    return shared


@pytest.mark.parametrize("driver", [psycopg, psycopg2])
def test_a_table_whose_lock_does_not_come_is_named(url, driver):
    raw, made = driver.connect(url), masker.Masker(columns=RULES, key=KEY)
    with psycopg.connect(url) as other:
        other.execute("LOCK TABLE t IN SHARE UPDATE EXCLUSIVE MODE")
        says("SET lock_timeout = '50ms'")(raw)
        with pytest.raises(TryAgainError, match=r"locking public\.t on .* not available in time"):
            made.mask_table(raw, "t")
    says("SELECT 1")(raw)  # the caller's transaction goes on
    raw.close()


# What is read and written goes the same ways without DDL, but for the casts of values aside.
WAYS = [(habit, True) for habit in HABITS] + [
    pytest.param(habit, False, marks=() if habit.endswith("-nulls") else pytest.mark.long)
    for habit in HABITS
]


@pytest.mark.parametrize(("habit", "ddl"), WAYS)
def test_psycopg_may_be_set_to_anything(url, habit, ddl):
    driver, apply = HABITS[habit]
    raw = driver.connect(url)
    apply(raw)
    done = masker.Masker(columns=RULES, key=KEY).mask_table(raw, "t", ddl=ddl)
    assert (done.rows, done.columns[1].changed) == (3, 2)
    says("SELECT 1")(raw)
    (says("COMMIT") if raw.autocommit else type(raw).commit)(raw)
    raw.close()
    with psycopg.connect(url) as plain:
        assert plain.execute("SELECT * FROM t ORDER BY id").fetchall() == [
            (1, fake("anna@web.de"), "ä\\"), (2, None, None), (3, fake("b@gmx.de"), "NULL"),
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("driver", "apply"),
    [
        (psycopg, says("SET client_encoding = 'LATIN1'")),
        (psycopg, says("SET client_encoding = 'SQL_ASCII'")),
        (psycopg2, says("SET client_encoding = 'LATIN1'")),
        (psycopg2, lambda raw: raw.set_client_encoding("LATIN1")),
    ],
    ids=["psycopg", "psycopg-ascii", "psycopg2", "psycopg2-set"],
)
def test_a_connection_that_speaks_no_utf8_is_told(url, driver, apply):
    with contextlib.closing(driver.connect(url)) as raw:
        apply(raw)
        with pytest.raises(ConfigError) as caught:
            masker.Masker(columns=RULES, key=KEY).mask_table(raw, "t")
    assert caught.value.code == "client-encoding"


@pytest.mark.parametrize(
    "driver",
    [psycopg, pytest.param(psycopg2, marks=pytest.mark.long)],
    ids=["psycopg", "psycopg2"],
)
def test_bytes_that_are_no_text_are_told_without_them(staging, fresh_database, driver):
    name = fresh_database(staging, "ascii").rpartition("/")[2]
    staging.sql(f"DROP DATABASE {name}")
    staging.sql(f"CREATE DATABASE {name} ENCODING 'SQL_ASCII' TEMPLATE template0 LOCALE 'C'")
    staging.sql(SHOP.replace("ä", "a"), database=name)
    staging.sql("UPDATE t SET email = E'anna\\xff@web.de' WHERE id = 1", database=name)
    with contextlib.closing(driver.connect(staging.url(name), client_encoding="utf8")) as raw:
        with pytest.raises(DataError) as caught:
            masker.Masker(columns=RULES, key=KEY).mask_table(raw, "t")
        assert "anna" not in str(caught.value)
        assert caught.value.__cause__ is None


def test_the_search_path_is_the_callers_again_where_the_catalog_fails(url, monkeypatch):
    from masker.engines.postgres import lent

    def failing(session):
        raise ConfigError("no", code="no")

    monkeypatch.setattr(lent, "read_catalog", failing)
    with psycopg.connect(url) as raw:
        with pytest.raises(ConfigError, match="no"):
            masker.Masker(columns=RULES, key=KEY).mask_table(raw, "t")
        assert raw.execute("SELECT count(*) FROM t").fetchone() == (3,)


@pytest.mark.parametrize("driver", [psycopg, psycopg2], ids=["psycopg", "psycopg2"])
def test_names_may_hold_percent_signs(url, driver):
    with psycopg.connect(url, autocommit=True) as plain:
        plain.execute('CREATE DOMAIN "kind%s" AS text')
        plain.execute('CREATE TABLE "a%s" ("100%" text, "%(b)s" "kind%s" PRIMARY KEY)')
        plain.execute("""INSERT INTO "a%s" VALUES ('anna@web.de', 'x')""")
        plain.execute('CREATE TABLE "b%d" (LIKE "a%s")')
        plain.execute('CREATE TABLE "c%%" (LIKE "a%s")')
    made = masker.Masker(columns={"a%s": {"100%": "email", "%(b)s": "keep"}}, key=KEY)
    wanted = [(made.mask_value("anna@web.de", "100%", table="a%s"), "x")]
    with contextlib.closing(driver.connect(url)) as raw, raw.cursor() as cursor:
        for into in ("b%d", "c%%"):
            assert made.copy_table(raw, "a%s", into=into).rows == 1
            cursor.execute(f'TABLE "{into}"')
            assert cursor.fetchall() == wanted
        assert made.mask_table(raw, "a%s", where=""" "100%" LIKE 'anna%' """).rows == 1
        cursor.execute('TABLE "a%s"')
        assert cursor.fetchall() == wanted

"""What people who use the target depend on is there after the swap, and nothing more."""

import psycopg
import pytest

from masker.engines.postgres import databases, grants
from tests.load.postgres.road import opened, refresh, road

TABLES = """
CREATE SCHEMA "Extra"; CREATE TYPE mood AS ENUM ('ok');
CREATE TABLE a (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, b text, c text);
CREATE TABLE "Extra"."B b" (id serial, m mood); CREATE TABLE secret (x int);
CREATE VIEW v AS SELECT b FROM a;
CREATE FUNCTION f(int, text) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE PROCEDURE p() LANGUAGE sql AS 'SELECT 1'; CREATE AGGREGATE total (int) (SFUNC = int4pl, STYPE = int);
CREATE STATISTICS twin ON b, c FROM a; CREATE TEXT SEARCH CONFIGURATION words (COPY = english);
CREATE DOMAIN tiny AS int; CREATE TYPE pair AS (x int, y int);
INSERT INTO a (b, c) VALUES ('one', 'two')
"""


@pytest.fixture
def people(staging):
    """Three roles: app with a password, owner and clerk without."""
    names = ("rights_app", "rights_owner", "rights_clerk")
    for name in names:
        staging.sql(f"CREATE ROLE {name} LOGIN PASSWORD 'secret'")
    yield names
    for name in names:
        staging.sql(f"DROP OWNED BY {name}; DROP ROLE {name}")


@pytest.fixture
def pair(production, staging, fresh_database, people):
    source, target = fresh_database(production), fresh_database(staging, "rights")
    name = target.rpartition("/")[2]
    for server, database in ((production, source.rpartition("/")[2]), (staging, name)):
        server.sql(TABLES, database=database)
    yield source, target, name
    for database in (name, f"{name}_masker_previous"):
        staging.drop_database(database)


def state(url):
    """Everything that rights are made of, as the server says it."""
    name = url.rpartition("/")[2]
    with opened(url) as session:
        found = databases.read(session, name)
        rights = grants.read(session)
        facts = {
            item.identity: (item.owner, item.explicit, tuple(sorted(item.grants)))
            for item in rights.objects
        }
        return (
            found.owner, found.encoding, found.collate, found.ctype, found.provider, found.locale,
            found.connection_limit, sorted(found.grants), sorted(found.settings),
            facts, sorted(rights.defaults, key=str),
        )  # fmt: skip


def test_everything_is_carried_over(pair, staging):
    source, target, name = pair
    staging.sql(
        f"""ALTER DATABASE {name} OWNER TO rights_owner;
        ALTER DATABASE {name} CONNECTION LIMIT 40;
        REVOKE ALL ON DATABASE {name} FROM PUBLIC;
        GRANT CONNECT ON DATABASE {name} TO rights_app WITH GRANT OPTION;
        ALTER DATABASE {name} SET statement_timeout = '7s';
        ALTER DATABASE {name} SET search_path = "$user", public, "Extra", 'we"ird';
        ALTER ROLE rights_app IN DATABASE {name} SET work_mem = '5MB';
        COMMENT ON DATABASE {name} IS 'for the {name} people''s \\ tests';
        GRANT SELECT ON a, v TO rights_app; GRANT UPDATE (b) ON a TO rights_app;
        GRANT SELECT (x) ON secret TO rights_clerk;
        GRANT ALL ON "Extra"."B b" TO rights_clerk WITH GRANT OPTION;
        GRANT USAGE ON SCHEMA "Extra" TO PUBLIC; GRANT USAGE ON SEQUENCE "Extra"."B b_id_seq" TO rights_app;
        REVOKE ALL ON FUNCTION f(int, text) FROM PUBLIC; GRANT EXECUTE ON FUNCTION f(int, text) TO rights_app;
        REVOKE ALL ON PROCEDURE p() FROM PUBLIC;
        REVOKE ALL ON TYPE mood FROM PUBLIC; GRANT USAGE ON TYPE mood TO rights_clerk;
        REVOKE ALL ON FUNCTION pg_sleep(double precision) FROM PUBLIC;
        ALTER TABLE a OWNER TO rights_owner; ALTER VIEW v OWNER TO rights_owner;
        ALTER SCHEMA "Extra" OWNER TO rights_owner; ALTER TYPE mood OWNER TO rights_owner;
        ALTER FUNCTION f(int, text) OWNER TO rights_owner; ALTER AGGREGATE total (int) OWNER TO rights_owner;
        REVOKE ALL ON FUNCTION total(int) FROM PUBLIC; GRANT EXECUTE ON FUNCTION total(int) TO rights_clerk;
        ALTER STATISTICS twin OWNER TO rights_owner; ALTER TEXT SEARCH CONFIGURATION words OWNER TO rights_owner;
        ALTER DOMAIN tiny OWNER TO rights_owner; ALTER TYPE pair OWNER TO rights_owner;
        ALTER DEFAULT PRIVILEGES FOR ROLE rights_owner GRANT SELECT ON TABLES TO rights_app;
        ALTER DEFAULT PRIVILEGES FOR ROLE rights_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
        ALTER DEFAULT PRIVILEGES FOR ROLE rights_owner IN SCHEMA "Extra" GRANT USAGE ON SEQUENCES TO rights_clerk""",
        database=name,
    )
    before = state(target)
    way = refresh(source, target)
    assert not way.found.blocking
    assert state(target) == before
    with opened(target) as session:
        comment = databases.read(session, name).comment
    text, _, last = comment.rpartition("\n")
    assert text == f"for the {name} people's \\ tests"
    assert last.startswith("masker: ")


def test_an_application_reads_what_it_read_and_nothing_more(pair, staging, loader):
    source, _, name = pair
    url = loader(name)
    who = url.partition("//")[2].partition(":")[0]
    staging.sql(
        f"""ALTER DATABASE {name} OWNER TO {who};
        ALTER TABLE a OWNER TO {who}; ALTER VIEW v OWNER TO {who}; ALTER TABLE secret OWNER TO {who};
        ALTER SCHEMA "Extra" OWNER TO {who}; ALTER TABLE "Extra"."B b" OWNER TO {who};
        ALTER TYPE mood OWNER TO {who}; DROP AGGREGATE total (int); DROP STATISTICS twin;
        DROP TEXT SEARCH CONFIGURATION words; DROP DOMAIN tiny; DROP TYPE pair; ALTER FUNCTION f OWNER TO {who}; ALTER PROCEDURE p OWNER TO {who};
        GRANT SELECT ON a, v, "Extra"."B b" TO rights_app; GRANT USAGE ON SCHEMA "Extra" TO rights_app;
        ALTER DATABASE {name} SET statement_timeout = '2345ms'""",
        database=name,
    )
    way = refresh(source, url)
    assert not way.found.blocking
    with psycopg.connect(staging.url(name, "rights_app", "secret"), autocommit=True) as app:
        assert app.execute("SHOW statement_timeout").fetchone() == ("2345ms",)
        assert app.execute("SELECT b FROM a").fetchall() == [("one",)]
        assert app.execute("SELECT b FROM v").fetchall() == [("one",)]
        assert app.execute('SELECT * FROM "Extra"."B b"').fetchall() == []
        for forbidden in (
            "SELECT * FROM secret",
            "INSERT INTO a (b) VALUES ('x')",
            "CREATE TABLE n (a int)",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute(forbidden)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        pytest.param("ALTER TABLE a OWNER TO rights_owner", "owner-not-carried", id="owner"),
        pytest.param("ALTER ROLE rights_app IN DATABASE {name} SET work_mem = '5MB'", "setting-not-carried", id="role setting"),
        pytest.param("ALTER DATABASE {name} SET log_statement = 'all'", "setting-not-carried", id="setting"),
        pytest.param("REVOKE ALL ON FUNCTION pg_sleep(double precision) FROM PUBLIC", "grant-not-carried", id="system function"),
        pytest.param("ALTER DEFAULT PRIVILEGES FOR ROLE rights_owner GRANT SELECT ON TABLES TO rights_app", "defaults-not-carried", id="defaults"),
    ],
)  # fmt: skip
def test_what_cannot_be_carried_is_found_before_the_rows(pair, staging, loader, change, code):
    source, _, name = pair
    url = loader(name)
    who = url.partition("//")[2].partition(":")[0]
    staging.sql(f"ALTER DATABASE {name} OWNER TO {who}", database=name)
    staging.sql(
        f'DROP TABLE IF EXISTS secret; DROP SCHEMA "Extra" CASCADE; ALTER TABLE a OWNER TO {who};'
        "DROP AGGREGATE total (int); DROP STATISTICS twin; DROP TEXT SEARCH CONFIGURATION words;"
        "DROP DOMAIN tiny; DROP TYPE pair;"
        f"DROP VIEW v; DROP TYPE mood; DROP FUNCTION f; DROP PROCEDURE p; {change.format(name=name)}",
        database=name,
    )
    with road(source, url) as way:
        found = way.prepare()
        assert {finding.code for finding in found.blocking} == {code}
        assert all(finding.help for finding in found.blocking)
        if code == "setting-not-carried":  # accepted: the exchange goes without it
            way.swap.finish()
            way.publish()


def test_a_new_object_gives_nobody_anything(pair, production, staging):
    source, target, name = pair
    production.sql("CREATE TABLE fresh (a int)", database=source.rpartition("/")[2])
    refresh(source, target)
    query = "SELECT has_table_privilege('rights_app', 'fresh', 'SELECT')"
    assert staging.sql(query, database=name) == "f"

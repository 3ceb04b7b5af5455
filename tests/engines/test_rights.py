import pytest

from masker.catalog import TableName
from masker.engines.postgres.address import Address
from masker.engines.postgres.catalog import read_catalog
from masker.engines.postgres.rights import missing_rights
from masker.engines.postgres.session import Session, Side
from masker.findings import Severity

ROLE = "rights_reader"
SETUP = f"""
CREATE ROLE {ROLE} LOGIN PASSWORD 'reader';
CREATE SCHEMA shut;
GRANT USAGE ON SCHEMA public TO {ROLE};
CREATE TABLE public.open (id serial PRIMARY KEY, a text);
GRANT SELECT ON public.open TO {ROLE};
GRANT SELECT ON SEQUENCE public.open_id_seq TO {ROLE};
CREATE TABLE public.half (id int, "Se cret" text, twice int GENERATED ALWAYS AS (id * 2) STORED);
GRANT SELECT (id) ON public.half TO {ROLE};
CREATE TABLE public.closed (id serial);
CREATE TABLE public.bare ();
CREATE TABLE shut.inside (id int);
GRANT SELECT ON shut.inside TO {ROLE};
CREATE TABLE public.guarded (id int);
GRANT SELECT ON public.guarded TO {ROLE};
ALTER TABLE public.guarded ENABLE ROW LEVEL SECURITY;
CREATE TABLE public.p (id int) PARTITION BY RANGE (id);
CREATE TABLE public.p1 PARTITION OF public.p DEFAULT;
GRANT SELECT ON public.p1 TO {ROLE};
"""


@pytest.fixture(scope="module")
def database(production, lasting_database):
    name = lasting_database(production, "rights").rsplit("/", 1)[1]
    production.sql(SETUP, database=name)
    return name


def findings(url, **options):
    with Session.open(Address.parse(url), side=Side.SOURCE) as session:
        return missing_rights(session, read_catalog(session), **options)


def test_everything_that_is_missing_is_told_at_once_with_the_line_to_run(production, database):
    found = findings(production.url(database, ROLE, "reader"))
    assert {item.id: item.help for item in found} == {
        "no-select:shut": f'run: GRANT USAGE ON SCHEMA "shut" TO "{ROLE}";',
        "no-select:public.bare": f'run: GRANT SELECT ON "public"."bare" TO "{ROLE}";',
        "no-select:public.closed": f'run: GRANT SELECT ON "public"."closed" TO "{ROLE}";',
        "no-select:public.half": f'run: GRANT SELECT ("Se cret") ON "public"."half" TO "{ROLE}";',
        "no-select:public.closed_id_seq": (
            f'run: GRANT SELECT ON SEQUENCE "public"."closed_id_seq" TO "{ROLE}";'
        ),
        "row-security:public.guarded": (
            f'run: ALTER ROLE "{ROLE}" BYPASSRLS; or read as the table\'s owner'
        ),
    }
    assert {item.severity for item in found} == {Severity.ERROR}


def test_only_the_tables_that_are_wanted_count(production, database):
    url = production.url(database, ROLE, "reader")
    assert findings(url, tables={TableName("public", "open")}) == ()


def test_a_superuser_misses_nothing(production, database):
    assert findings(production.url(database)) == ()


def test_the_lines_to_run_suffice(production, database):
    url = production.url(database, ROLE, "reader")
    for item in findings(url):
        line = item.help.removeprefix("run: ").split(";")[0]
        production.sql(line, database=database)
    assert findings(url) == ()


@pytest.mark.parametrize(
    ("declared", "told"),
    [
        (None, ["declare it in the pipeline, for example `source: {encoding: LATIN1}`"]),
        ("latin1", []),
        ("LATIN-1", ["did you mean LATIN1?"]),
    ],
)
def test_a_database_whose_bytes_mean_nothing(production, declared, told):
    production.sql("DROP DATABASE IF EXISTS only_bytes")
    production.sql(
        "CREATE DATABASE only_bytes TEMPLATE template0 ENCODING 'SQL_ASCII' "
        "LOCALE_PROVIDER libc LOCALE 'C'"
    )
    found = findings(production.url("only_bytes"), encoding=declared)
    assert [item.help for item in found] == told
    assert all(item.id == "encoding:only_bytes" for item in found)


def test_an_encoding_declared_without_need(production, database):
    (item,) = findings(production.url(database), encoding="LATIN1")
    assert item.id == f"encoding:{database}"
    assert "remove `encoding:`" in item.help

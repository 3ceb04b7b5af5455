"""What stands in a run's way, known before it begins."""

import pytest

from masker.engines.postgres.session import Side
from masker.errors import ConfigError
from masker.load.postgres.locks import open_maintenance
from masker.load.postgres.preflight import preflight
from masker.load.settings import TargetSettings
from tests.load.postgres.road import address, dump_schema, opened, refresh, road
from tests.servers import Server


def look(url, *, source_version=180000, expected=None, run="r", **options):
    settings = TargetSettings(engine="postgres", address=address(url), **options)
    with open_maintenance(settings.address) as session:
        return preflight(
            session, settings=settings, run=run, source_version=source_version, expected=expected
        )


def ids(found):
    return {finding.id for finding in found.blocking}


def test_nothing_stands_in_the_way(staging, fresh_database):
    assert not look(fresh_database(staging), expected=1000)


def test_a_role_without_rights(staging, fresh_database):
    target = fresh_database(staging)
    name = target.rpartition("/")[2]
    staging.sql("CREATE ROLE weak LOGIN PASSWORD 'p'")
    try:
        url = staging.url(name, "weak", "p")
        found = look(url)
        assert ids(found) == {"no-createdb:weak", f"not-owner:{name}", "no-signal-right:weak"}
        assert all(finding.help for finding in found)
        assert "no-signal-right:weak" not in ids(look(url, terminate=False))
    finally:
        staging.sql("DROP ROLE weak")


def test_the_help_can_be_run_as_it_stands(staging, fresh_database):
    staging.sql('CREATE ROLE "We ak" LOGIN PASSWORD $$p$$; CREATE ROLE "Own er"')
    target = fresh_database(staging, owner="Own er")
    name = target.rpartition("/")[2]
    try:
        url = staging.url(name, "We ak", "p")
        for finding in look(url).blocking:
            staging.sql(finding.help.partition(", or")[0])
        assert not look(url).blocking
    finally:
        staging.sql(f'ALTER DATABASE "{name}" OWNER TO CURRENT_USER')
        staging.sql('DROP ROLE "We ak"; DROP ROLE "Own er"')


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        pytest.param({"expected": 10**18}, {"no-room"}, id="no room on this machine"),
        pytest.param({"expected": 100, "disk": 131}, set(), id="declared, enough"),
        pytest.param({"expected": 100, "disk": 129}, {"no-room"}, id="declared, too little"),
        pytest.param({"run": "x" * 50}, {"name-too-long"}, id="name"),
        pytest.param({"source_version": 990000}, {"older-target"}, id="older"),
        pytest.param({"template": "no_such"}, {"no-template"}, id="template"),
    ],
)
def test_what_is_found(staging, fresh_database, options, expected):
    found = look(fresh_database(staging), **options)
    assert {finding.code for finding in found.blocking} == expected


def test_free_space_elsewhere_is_unknown(staging, fresh_database, monkeypatch):
    monkeypatch.setattr("masker.load.postgres.preflight._LOOPBACK", frozenset())
    found = look(fresh_database(staging), expected=10**18)
    assert [finding.code for finding in found] == ["free-space-unknown"]
    assert not found.blocking


def test_replication_on_the_target(production, staging, fresh_database):
    target = fresh_database(staging)
    name = target.rpartition("/")[2]
    staging.sql(
        "CREATE SUBSCRIPTION s CONNECTION 'host=nowhere' PUBLICATION p WITH (connect = false)",
        database=name,
    )
    try:
        assert ids(look(target)) == {"subscription:s"}
    finally:
        staging.sql("ALTER SUBSCRIPTION s SET (slot_name = NONE)", database=name)
        staging.sql("DROP SUBSCRIPTION s", database=name)


def test_an_extension_that_the_role_may_not_create(production, staging, fresh_database, loader):
    source = fresh_database(production)
    production.sql(
        "CREATE EXTENSION vector; CREATE TABLE t (v vector(2))", database=source.rpartition("/")[2]
    )
    with pytest.raises(ConfigError) as caught, road(source, loader("vectors")) as way:
        way.prepare()
    assert [f.id for f in caught.value.findings] == ["extension-not-creatable:vector"]
    staging.create_database("with_vector")
    try:
        staging.sql("CREATE EXTENSION vector", database="with_vector")
        staging.sql("ALTER DATABASE with_vector IS_TEMPLATE true")
        way = refresh(source, loader("vectors"), template="with_vector")
        assert not way.found.blocking
        query = "SELECT count(*) FROM pg_attribute WHERE attrelid = 't'::regclass AND attnum = 1"
        assert staging.sql(query, database="vectors") == "1"
    finally:
        staging.sql("ALTER DATABASE with_vector IS_TEMPLATE false")
        staging.drop_database("with_vector")


@pytest.fixture(scope="module")
def older():
    with Server.start(major=16) as server:
        yield server


def test_an_older_server_takes_what_it_knows(production, older, fresh_database, hr):
    source = fresh_database(production, template=hr)
    older.create_database("older", template="template0")
    assert ids(look(older.url("older"))) == {"older-target:older"}
    refresh(source, older.url("older"))
    with opened(source, Side.SOURCE) as session:
        expected = session.one("SELECT count(*) FROM public.employees")
    assert older.sql("SELECT count(*) FROM employees", database="older") == str(expected)


def test_an_older_source_is_dumped_by_an_older_pg_dump(older, staging, fresh_database):
    older.create_database("from_older", template="template0")
    older.sql("CREATE TABLE t (a int PRIMARY KEY, b text DEFAULT 'x')", database="from_older")
    target = fresh_database(staging, "target")
    refresh(older.url("from_older"), target, keep_previous=False)
    assert dump_schema(staging, target) == dump_schema(staging, older.url("from_older"))


def test_a_locale_that_the_server_lacks(production, older, fresh_database):
    source = fresh_database(production)
    with pytest.raises(ConfigError) as caught, road(source, older.url("n")) as way:
        way.prepare()
    assert caught.value.code == "locale-missing"

"""Every target that the guard refuses, and what lets it pass."""

import shutil
import socket
import subprocess

import psycopg
import pytest

from masker import Masker
from masker.demo.binaries import account
from masker.engines.marker import PUBLISHED, Marker
from masker.engines.postgres import databases, marker
from masker.engines.postgres.identity import Kinship, kinship
from masker.engines.postgres.session import Session, Side
from masker.errors import Bug, UnsafeError
from masker.findings import Severity
from masker.load.guard import ALLOWABLE, looks_like_production
from masker.load.postgres.guard import guard, replays
from tests.load.postgres.road import address, opened, road

EVERYTHING = frozenset(ALLOWABLE)


def look(source_url, target_url, allow=frozenset(), database=None):
    with opened(source_url, Side.SOURCE) as source, opened(target_url) as target:
        name = database or target_url.rpartition("/")[2].partition("?")[0]
        return guard(source=source, target=target, database=name, allow=allow)


def codes(found):
    return [finding.code for finding in found.blocking]


def test_two_servers_and_an_empty_database_pass(production, staging, fresh_database):
    assert not look(fresh_database(production), fresh_database(staging))


@pytest.mark.parametrize(
    "rewrite",
    [
        pytest.param(lambda url: url, id="same URL"),
        pytest.param(lambda url: url.replace("127.0.0.1", "localhost"), id="localhost"),
        pytest.param(lambda url: url + "?application_name=x", id="an option"),
        pytest.param(lambda url: url.replace("postgres:", "other:"), id="another role"),
    ],
)
def test_the_same_database_is_refused_whatever_is_allowed(production, fresh_database, rewrite):
    url = fresh_database(production)
    production.sql(
        "DO $$BEGIN CREATE ROLE other LOGIN SUPERUSER; EXCEPTION WHEN duplicate_object THEN END$$"
    )
    production.sql(f"ALTER ROLE other PASSWORD '{production.superuser.password}'")
    assert codes(look(url, rewrite(url), EVERYTHING)) == ["same-database"]


def test_a_pooler_that_renames_is_seen_through(production, fresh_database):
    url = fresh_database(production)
    assert codes(look(url, url, EVERYTHING, database="alias")) == ["same-database"]


def test_another_database_of_the_server_needs_leave(production, fresh_database):
    source, target = fresh_database(production), fresh_database(production)
    assert codes(look(source, target)) == ["same-server"]
    found = look(source, target, frozenset({"same-server"}))
    assert not found.blocking
    assert [(f.code, f.severity) for f in found] == [("same-server", Severity.NOTE)]


def test_roles_that_may_read_nothing_are_recognised_by_a_lock(production, fresh_database):
    production.sql(
        """DO $$BEGIN CREATE ROLE nobody_much LOGIN PASSWORD 'p';
        EXCEPTION WHEN duplicate_object THEN END$$"""
    )
    one, other = fresh_database(production), fresh_database(production)
    for url in (one, other):
        revoke = (
            "REVOKE EXECUTE ON FUNCTION pg_control_system(), pg_postmaster_start_time() FROM PUBLIC"
        )
        production.sql(
            revoke.replace(", pg_postmaster_start_time()", ""), database=url.rpartition("/")[2]
        )
    names = [url.rpartition("/")[2] for url in (one, other)]
    urls = [production.url(name, "nobody_much", "p") for name in names]
    assert codes(look(urls[0], urls[0], EVERYTHING)) == ["same-database"]
    assert codes(look(urls[0], urls[1])) == ["same-server"]


def test_a_lock_alone_tells_the_same_server(production, fresh_database, monkeypatch):
    from masker.engines.postgres import identity

    seen = iter(range(9))
    real = identity.identify

    def liar(session):
        found = real(session)
        return identity.Identity(
            system=None, started=f"{next(seen)}", port=found.port, data_directory=None
        )

    monkeypatch.setattr(identity, "identify", liar)
    with (
        opened(fresh_database(production), Side.SOURCE) as source,
        opened(fresh_database(production)) as target,
    ):
        assert kinship(source, target) is Kinship.SAME


@pytest.fixture(scope="module")
def clone(production, tmp_path_factory):
    """A pg_basebackup copy of production, running: (port, directory)."""
    from tests.servers import Server

    runner = account()
    place = production.directory.parent / f"{production.directory.name}-clone"
    place.mkdir(mode=0o700)
    runner.own(place)
    subprocess.run(
        [
            str(production.bin / "pg_basebackup"),
            "-D",
            str(place / "data"),
            "-c",
            "fast",
            "-h",
            "127.0.0.1",
            "-p",
            str(production.port),
            "-U",
            production.superuser.name,
        ],
        env={"PGPASSWORD": production.superuser.password, "LC_ALL": "C"},
        check=True,
        capture_output=True,
        cwd="/",
        **runner.popen_options(),
    )
    server = Server(
        directory=place,
        tree=production.bin.parent,
        runner=runner,
        superuser=production.superuser,
        temporary=True,
    )
    server.launch()
    yield server
    server.stop()


def test_a_copy_of_production_needs_leave(production, clone, fresh_database):
    source = fresh_database(production)
    target = clone.create_database("elsewhere")
    assert codes(look(source, target)) == ["shared-identity"]
    assert not look(source, target, frozenset({"shared-identity"})).blocking


def test_a_copy_needs_leave_for_a_table_masked_where_it_lies_too(
    production, clone, fresh_database, tmp_path
):
    path = tmp_path / "p.yaml"
    path.write_text(
        'version: 1\nname: p\nsource: {url: "${A}"}\ntarget: {url: "${B}"}\ncolumns: {t: {email: email}}\n'
    )
    key = "b7f0a1c93e5d48260f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c5b4a3928"
    source = fresh_database(production)
    made = Masker(path, key=key, environ={"A": source, "B": source})
    clone.create_database("migrated")
    with psycopg.connect(clone.url("migrated")) as raw:
        raw.execute("CREATE TABLE t (email text)")
        raw.execute("INSERT INTO t VALUES ('anna@web.de')")
        with pytest.raises(UnsafeError) as caught:
            made.mask_table(raw, "t")
        assert [each.code for each in caught.value.findings] == ["shared-identity"]
        done = made.mask_table(raw, "t", allow=["shared-identity"])
        assert [each.code for each in done.findings] == ["shared-identity"]
        assert raw.execute("SELECT email FROM t").fetchone() != ("anna@web.de",)


@pytest.fixture(scope="module")
def standby(production):
    """A hot standby of production, streaming: its URL for a database."""
    runner = account()
    place = production.directory.parent / f"{production.directory.name}-standby"
    place.mkdir(mode=0o700)
    runner.own(place)

    def run(tool, *arguments):
        subprocess.run(
            [str(production.bin / tool), "-D", str(place / "data"), *arguments],
            env={"PGPASSWORD": production.superuser.password, "LC_ALL": "C"},
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            **runner.popen_options(),
        )

    origin = ("-h", "127.0.0.1", "-p", str(production.port), "-U", production.superuser.name)
    run("pg_basebackup", "-R", "-c", "fast", *origin)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    run("pg_ctl", "start", "-w", "-o", f"-p {port}", "-l", str(place / "log"))
    yield lambda database: production.url(database).replace(f":{production.port}/", f":{port}/")
    run("pg_ctl", "stop", "-m", "immediate")
    shutil.rmtree(place)


def test_the_primary_of_a_standby_is_never_a_target(production, standby, fresh_database):
    with road(standby("postgres"), production.url("fresh_target")) as way:
        with pytest.raises(UnsafeError, match="the target is its primary"):
            way.prepare()
        way.swap.abandon()
    query = "SELECT count(*) FROM pg_database WHERE datname LIKE 'fresh_target%'"
    assert production.sql(query) == "0"
    assert codes(look(standby("postgres"), fresh_database(production))) == ["shared-identity"]


def test_a_target_that_stays_is_no_primary_of_its_source(
    production, staging, standby, fresh_database
):
    primary, other = fresh_database(production), fresh_database(staging)
    with opened(standby("postgres"), Side.SOURCE) as source:
        with opened(primary) as target:
            assert replays(source, target)
        with opened(other) as target:
            assert not replays(source, target)
    with opened(production.url("postgres"), Side.SOURCE) as source, opened(primary) as target:
        assert not replays(source, target)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("prod", True), ("shop_prod", True), ("shop-production.example", True), ("PRD01", True),
        ("db.live.example.com", True), ("master", True), ("shopprod", True), ("webprd2", True),
        ("products", False), ("reproduction_lab", False), ("delivery", False), ("olive", False),
        ("nonprod", False), ("pre-prod", False), ("preproduction", False), ("mastery", False),
        ("shop_staging", False), ("", False), ("127.0.0.1", False),
    ],
)  # fmt: skip
def test_names_that_look_like_production(name, expected):
    assert (looks_like_production([name]) is not None) is expected


def test_a_production_name_needs_leave(production, staging):
    source = production.url("postgres")
    target = staging.create_database("shop_prod")
    try:
        assert codes(look(source, target)) == ["production-name"]
        assert not look(source, target, frozenset({"production-name"})).blocking
    finally:
        staging.drop_database("shop_prod")


def test_an_unmarked_target_with_content_needs_leave(production, staging, fresh_database):
    source, target = fresh_database(production), fresh_database(staging)
    name = target.rpartition("/")[2]
    staging.sql("CREATE TABLE t (a int)", database=name)
    found = look(source, target)
    assert codes(found) == ["unmarked-target"]
    assert all(finding.help for finding in found)
    assert not look(source, target, frozenset({"unmarked-target"})).blocking
    with opened(target) as session:
        mark = Marker(target=name, run="r", state=PUBLISHED)
        databases.set_comment(session, name, marker.join("ours", mark))
    assert not look(source, target)


def test_an_extension_alone_is_no_content(production, staging, fresh_database):
    target = fresh_database(staging)
    staging.sql("CREATE EXTENSION vector; CREATE SCHEMA mine", database=target.rpartition("/")[2])
    assert not look(fresh_database(production), target)


def test_a_target_that_was_not_looked_into_is_our_mistake(production, staging, fresh_database):
    target = fresh_database(staging)
    with (
        Session.open(address(fresh_database(production)), side=Side.SOURCE) as source,
        Session.open(address(staging.url("postgres")), side=Side.TARGET) as session,
        pytest.raises(Bug),
    ):
        guard(
            source=source,
            target=session,
            database=target.rpartition("/")[2],
            allow=frozenset(),
        )

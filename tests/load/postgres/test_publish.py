"""The exchange: eager clients, patient clients, rollback, locks and remains."""

import threading
import time

import psycopg
import pytest

from masker.engines.marker import LOADING, PREVIOUS, PUBLISHED, Marker
from masker.engines.postgres import databases, marker
from masker.errors import ConfigError, TryAgainError
from masker.load.postgres import locks
from masker.load.postgres.swap import rollback
from masker.load.settings import TargetSettings
from tests.load.postgres.road import address, opened, refresh, road


@pytest.fixture
def shop(production, staging, fresh_database):
    """A source with one row, a target with another: (source, target, name)."""
    source, target = fresh_database(production), fresh_database(staging, "shop")
    name = target.rpartition("/")[2]
    production.sql("CREATE TABLE t AS SELECT 'new' AS a", database=source.rpartition("/")[2])
    staging.sql("CREATE TABLE t AS SELECT 'old' AS a", database=name)
    yield source, target, name
    staging.drop_database(f"{name}_masker_previous")


class Client:
    """Connects, asks and holds on, again and again; remembers what it saw."""

    def __init__(self, url):
        self.url, self.seen, self.failures, self.over = url, [], 0, threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        while not self.over.is_set():
            try:
                with psycopg.connect(self.url, autocommit=True) as connection:
                    while not self.over.is_set():
                        row = connection.execute("SELECT a, pg_sleep(0.01) FROM t").fetchone()
                        self.seen.append(row[0])
            except psycopg.OperationalError:
                self.failures += 1

    def stop(self):
        self.over.set()
        self.thread.join()


def test_six_clients_that_reconnect_do_not_stop_the_publish(shop, staging):
    source, target, name = shop
    clients = [Client(target) for _ in range(6)]
    try:
        with road(source, target) as way:
            way.load()
            before = time.monotonic()
            way.publish()
            assert time.monotonic() - before < 5
        time.sleep(0.5)
    finally:
        for client in clients:
            client.stop()
    for client in clients:
        changes = [b for a, b in zip(client.seen, client.seen[1:], strict=False) if a != b]
        assert changes == ["new"]
        assert client.failures <= 2  # its session ended; one more attempt met the exchange
    assert staging.sql("SELECT a FROM t", database=f"{name}_masker_previous") == "old"


def test_with_terminate_false_a_session_is_waited_for(shop, staging):
    source, target, name = shop
    with road(source, target, terminate=False, wait=0.5) as way:
        way.load()
        with psycopg.connect(target) as client:
            with pytest.raises(TryAgainError, match="in use by 1 session, so"):
                way.publish()
            assert client.execute("SELECT a FROM t").fetchone() == ("old",)
    assert staging.sql("SELECT a FROM t", database=name) == "old"
    assert staging.sql(f"SELECT count(*) FROM pg_database WHERE datname LIKE '{name}%'") == "1"


def test_with_terminate_false_the_exchange_comes_when_it_ends(shop, staging):
    source, target, name = shop
    with road(source, target, terminate=False, wait=20) as way:
        way.load()
        client = psycopg.connect(target)
        timer = threading.Timer(0.7, client.close)
        timer.start()
        way.publish()
        timer.join()
    assert staging.sql("SELECT a FROM t", database=name) == "new"


def test_a_superusers_session_stops_a_lesser_role(production, staging, fresh_database, loader):
    source = fresh_database(production)
    refresh(source, loader("held"))
    with road(source, loader("held")) as way:
        way.load()
        monkey = way.swap._exchange
        assert monkey.terminate
        with (
            psycopg.connect(staging.url("held")),
            pytest.MonkeyPatch.context() as patch,
            pytest.raises(TryAgainError, match="superuser"),
        ):
            patch.setattr("masker.load.postgres.publish.TRIES", 1)
            way.publish()


def test_rollback_and_back_again(shop, staging):
    source, target, name = shop
    refresh(source, target)
    settings = TargetSettings(engine="postgres", address=address(target))
    for expected in ("old", "new"):
        with (
            psycopg.connect(target),
            locks.open_maintenance(settings.address) as maintenance,
        ):
            rollback(settings, maintenance=maintenance)
            found = databases.read(maintenance, name)
        assert staging.sql("SELECT a FROM t", database=name) == expected
        assert marker.part(found.comment)[1].state == PUBLISHED


def test_rollback_without_a_previous_copy(shop):
    _, target, _ = shop
    settings = TargetSettings(engine="postgres", address=address(target))
    with locks.open_maintenance(settings.address) as maintenance, pytest.raises(ConfigError):
        rollback(settings, maintenance=maintenance)


def test_one_previous_copy_is_kept(shop, staging):
    source, target, name = shop
    for _ in range(3):
        refresh(source, target)
    names = staging.sql(f"SELECT datname FROM pg_database WHERE datname LIKE '{name}%' ORDER BY 1")
    assert names.splitlines() == [name, f"{name}_masker_previous"]
    assert staging.sql("SELECT a FROM t", database=f"{name}_masker_previous") == "new"


def test_no_previous_copy_is_kept_where_none_is_wanted(shop, staging):
    source, target, name = shop
    refresh(source, target, keep_previous=False)
    assert staging.sql(f"SELECT count(*) FROM pg_database WHERE datname LIKE '{name}%'") == "1"


def test_one_run_per_target(shop):
    source, target, _ = shop
    with (
        road(source, target),
        pytest.raises(TryAgainError, match="another run"),
        road(source, target),
    ):
        pass
    with road(source, target):
        pass


def test_remains_are_dropped_when_they_are_ours(shop, staging):
    _, target, name = shop
    cases = {  # name: (marked for, state) or None, with a table
        "killed": ((name, LOADING), True),
        "run_expired": ((name, PREVIOUS), True),
        "empty": (None, False),
        "full": (None, True),
        "other": (("somebody_else", LOADING), True),
        "renamed": ((name, PUBLISHED), True),
    }
    for suffix, (marked, table) in cases.items():
        database = f"{name}_masker_{suffix}"
        staging.create_database(database)
        if table:
            staging.sql("CREATE TABLE t (a int)", database=database)
        if marked:
            mark = Marker(target=marked[0], run="killed", state=marked[1])
            with opened(target) as session:
                databases.set_comment(session, database, marker.join("", mark))
    held = psycopg.connect(staging.url(f"{name}_masker_killed"))
    with held, locks.open_maintenance(address(target)) as session:
        found = locks.drop_orphans(session, name)
    held.close()
    left = staging.sql(f"SELECT datname FROM pg_database WHERE datname LIKE '{name}%' ORDER BY 1")
    kept = [f"{name}_masker_{suffix}" for suffix in ("full", "other", "renamed")]
    assert left.splitlines() == [name, *kept]
    codes = [finding.code for finding in found]
    assert sorted(codes) == ["orphan-dropped"] * 3 + ["unknown-database"] * 2
    for database in kept:
        staging.drop_database(database)


def test_a_publisher_that_dies_while_the_rename_waits_leaves_the_old(shop, staging):
    source, target, name = shop
    with pytest.raises(TryAgainError), road(source, target) as way:
        way.load()
        with psycopg.connect(target) as client, pytest.MonkeyPatch.context() as patch:
            patch.setattr("masker.load.postgres.publish._end_sessions", lambda *_: None)
            publisher = way.maintenance.one("SELECT pg_backend_pid()")
            killer = threading.Timer(
                0.5, staging.sql, [f"SELECT pg_terminate_backend({publisher})"]
            )
            killer.start()
            try:
                way.publish()
            finally:
                killer.join()
                assert client.execute("SELECT a FROM t").fetchone() == ("old",)
    assert staging.sql("SELECT a FROM t", database=name) == "old"
    with road(source, target) as way:
        assert [f.code for f in locks.drop_orphans(way.maintenance, name)] == ["orphan-dropped"]
        way.load()
        way.publish()
    names = staging.sql(f"SELECT datname FROM pg_database WHERE datname LIKE '{name}%' ORDER BY 1")
    assert names.splitlines() == [name, f"{name}_masker_previous"]

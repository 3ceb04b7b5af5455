"""The exchange: eager clients, patient clients, rollback, locks and remains."""

import threading
import time

import psycopg
import pytest
from road import address, opened, refresh, road

from masker.engines.postgres import databases, marker
from masker.errors import ConfigError, TryAgainError
from masker.load import locks
from masker.load.settings import TargetSettings
from masker.load.swap import rollback


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
            with pytest.raises(TryAgainError, match="in use by 1 sessions"):
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
            patch.setattr("masker.load.publish.TRIES", 1)
            way.publish()


def test_rollback_and_back_again(shop, staging):
    source, target, name = shop
    refresh(source, target)
    settings = TargetSettings(address=address(target))
    for expected in ("old", "new"):
        with (
            psycopg.connect(target),
            locks.open_maintenance(settings.address) as maintenance,
        ):
            rollback(settings, maintenance=maintenance)
            found = databases.read(maintenance, name)
        assert staging.sql("SELECT a FROM t", database=name) == expected
        assert marker.part(found.comment)[1].state == marker.PUBLISHED


def test_rollback_without_a_previous_copy(shop):
    _, target, _ = shop
    settings = TargetSettings(address=address(target))
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
    marked = f"{name}_masker_killed"
    other, empty, full = f"{name}_masker_other", f"{name}_masker_empty", f"{name}_masker_full"
    for database in (marked, other, empty, full):
        staging.create_database(database)
    for database, owner in ((marked, name), (other, "somebody_else")):
        mark = marker.Marker(target=owner, run="killed", state=marker.LOADING)
        with opened(target) as session:
            databases.set_comment(session, database, marker.join("", mark))
        staging.sql("CREATE TABLE t (a int)", database=database)
    staging.sql("CREATE TABLE t (a int)", database=full)
    with psycopg.connect(staging.url(marked)), locks.open_maintenance(address(target)) as session:
        found = locks.drop_orphans(session, name)
    left = staging.sql(f"SELECT datname FROM pg_database WHERE datname LIKE '{name}%' ORDER BY 1")
    assert left.splitlines() == [name, full, other]
    assert {finding.code for finding in found} == {"orphan-dropped", "unknown-database"}
    for database in (full, other):
        staging.drop_database(database)

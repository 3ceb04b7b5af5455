"""Two real servers come up, are apart, want passwords, die and come back."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from masker.demo import binaries
from masker.demo.servers import EmbeddedServer
from masker.errors import ConfigError, DataError, TryAgainError


def identifier(server: EmbeddedServer) -> str:
    return server.sql("SELECT system_identifier FROM pg_control_system()")


def test_two_servers_are_apart(production, staging):
    assert identifier(production) != identifier(staging)
    assert production.port != staging.port
    assert production.superuser.password != staging.superuser.password


@pytest.mark.parametrize("secret", ["", "wrong"], ids=["none", "wrong"])
def test_password_is_required(production, staging, secret):
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(production.url(password=secret))
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(production.url(password=staging.superuser.password))


def test_password_leaves_no_file(production):
    secret = production.superuser.password.encode()
    for path in production.directory.rglob("*"):
        if path.is_file() and path.stat().st_size < 1_000_000:
            assert secret not in path.read_bytes(), path


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("listen_addresses", "127.0.0.1"),
        ("unix_socket_directories", ""),
        ("server_encoding", "UTF8"),
        ("wal_level", "replica"),
        ("TimeZone", "UTC"),
    ],
)
def test_settings(production, setting, value):
    assert production.sql(f"SHOW {setting}") == value


def test_letters_beyond_ascii_have_cases(production):
    assert production.sql("SELECT upper('éüł')") == "ÉÜŁ"


def test_copies_of_a_template(production, pagila, fresh_database):
    url = fresh_database(production, "copy", template=pagila)
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT count(*) FROM customer").fetchone() == (599,)


def test_samples_are_whole(production, chinook, hr):
    assert production.sql("SELECT count(*) FROM track", database=chinook) == "3503"
    assert production.sql("SELECT count(*) FROM employees", database=hr) == "107"


@pytest.mark.parametrize("major", [16, 18])
def test_life_of_a_server(major, tmp_path):
    with EmbeddedServer.start(major=major, settings={"work_mem": "5MB"}) as server:
        assert server.sql("SHOW work_mem") == "5MB"
        assert server.sql("SHOW server_version_num").startswith(str(major))
        port = server.port
        server.sql('CREATE DATABASE "odd ""name"""')
        server.kill()
        assert not server.running
        with pytest.raises(TryAgainError, match="not running"):
            _ = server.pid
        server.launch()
        assert server.port == port
        with psycopg.connect(server.url('odd "name"')) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    assert not server.directory.exists()
    server.stop()


def test_small_disk():
    with EmbeddedServer.start(
        initdb_args=["--wal-segsize=1"],
        settings={"min_wal_size": "2MB", "max_wal_size": "8MB"},
        file_size_limit=8 * 1024 * 1024,
    ) as server:
        with pytest.raises(DataError, match="ERROR"):
            server.sql("CREATE TABLE big AS SELECT repeat('x', 500) FROM generate_series(1, 50000)")
        assert server.sql("SELECT 1") == "1"


def test_sql_errors_carry_no_value(production):
    with pytest.raises(DataError) as caught:
        production.sql("SELECT 'secret-value'::int")
    assert "22P02" in str(caught.value)
    assert "secret-value" not in str(caught.value)


def test_missing_extra_is_named(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r"masker\[demo\]"):
        binaries.install_tree.__wrapped__(18, binaries.account())


def test_unknown_major_is_named():
    with pytest.raises(ConfigError, match="it brings: 16, 18"):
        EmbeddedServer.start(major=9)


def test_directory_must_be_empty(tmp_path):
    (tmp_path / "something").touch()
    with pytest.raises(ConfigError, match="not empty"):
        EmbeddedServer.start(tmp_path)
    assert (tmp_path / "something").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts servers as another user")
def test_directory_must_be_reachable(tmp_path):
    tmp_path.chmod(0o700)
    with pytest.raises(ConfigError, match="cannot reach"):
        EmbeddedServer.start(tmp_path / "inside")


def test_wheel_out_of_reach_is_copied_once(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    runner = binaries.account()
    tree = binaries.install_tree(18, runner)
    copy = binaries._cached_copy(tree, 18)
    assert (copy / "bin" / "postgres").stat().st_mode & 0o055 == 0o055
    assert binaries._cached_copy(tree, 18) == copy
    assert [path.name for path in tmp_path.iterdir()] == [copy.name]
    copy.chmod(0o777)
    with pytest.raises(ConfigError, match="somebody else"):
        binaries._cached_copy(tree, 18)


CHILD = """
import sys, time
from masker.demo.servers import EmbeddedServer
server = EmbeddedServer.start()
if sys.argv[1] == "detach":
    server.detach()
print(server.pid, server.directory, flush=True)
if sys.argv[1] == "wait":
    time.sleep(60)
"""


def start_child(how: str) -> tuple[subprocess.Popen[str], int, Path]:
    child = subprocess.Popen([sys.executable, "-c", CHILD, how], stdout=subprocess.PIPE, text=True)
    pid, directory = child.stdout.readline().split()
    return child, int(pid), Path(directory)


def gone(pid: int, *, within: float = 10.0) -> bool:
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


def test_server_dies_with_a_killed_parent():
    child, pid, directory = start_child("wait")
    child.kill()
    child.communicate()
    assert gone(pid)
    assert not (directory / "data" / "postmaster.pid").exists()
    shutil.rmtree(directory)


def test_server_stops_at_exit():
    child, pid, directory = start_child("end")
    child.communicate()
    assert gone(pid, within=1)
    assert not directory.exists()


def test_detached_server_stays():
    child, pid, directory = start_child("detach")
    child.communicate()
    assert not gone(pid, within=0.5)
    os.kill(pid, signal.SIGINT)
    assert gone(pid)
    shutil.rmtree(directory)

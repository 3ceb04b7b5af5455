"""pg_dump is found by version, and no secret stands on its command line."""

import os
from pathlib import Path

import pytest

from masker.engines.postgres import tools
from masker.engines.postgres.tools import Tools
from masker.errors import ConfigError, TryAgainError
from tests.load.postgres.road import address


def fake(folder: Path, major: int, body: str = "") -> Path:
    folder.mkdir(parents=True)
    for name in ("pg_dump", "pg_restore"):
        path = folder / name
        path.write_text(
            f'#!/bin/sh\n[ "$1" = --version ] && {{ echo "{name} (PostgreSQL) {major}.2"; exit; }}\n{body}\n'
        )
        path.chmod(0o755)
    return folder


@pytest.fixture
def alone(tmp_path, monkeypatch):
    """A machine that has only the tools that a test makes: PATH, and the system's folder."""
    monkeypatch.setattr(tools, "SYSTEM", tmp_path / "system")
    monkeypatch.setattr(tools, "WHEEL_TREES", ())
    monkeypatch.setenv("PATH", f"{tmp_path / 'path'}:/usr/bin:/bin")
    tools._major.cache_clear()
    return tmp_path


def test_the_smallest_that_is_enough_wins(alone):
    fake(alone / "path", 18)
    fake(alone / "system" / "15" / "bin", 15)
    fake(alone / "system" / "16" / "bin", 16)
    assert [Tools.find(major).major for major in (14, 15, 16, 17, 18)] == [15, 15, 16, 18, 18]


def test_the_setting_excludes_every_other_place(alone):
    fake(alone / "path", 18)
    assert Tools.find(17, folder=fake(alone / "named", 17)).folder == alone / "named"
    with pytest.raises(ConfigError, match="17 in"):
        Tools.find(18, folder=alone / "named")


def test_none_is_a_finding_with_help(alone):
    fake(alone / "path", 13)
    with pytest.raises(ConfigError) as caught:
        Tools.find(18)
    (finding,) = caught.value.findings
    assert finding.code == "no-pg-dump"
    assert "masker[demo]" in finding.help


def test_the_wheel_is_found(monkeypatch, tmp_path):
    monkeypatch.setattr(tools, "SYSTEM", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert Tools.find(18).major == 18


def test_no_secret_on_the_command_line(alone, monkeypatch):
    monkeypatch.setenv("MASKER_KEY", "key-1f7")
    folder = fake(alone / "named", 18, f'echo "$@" > {alone}/argv; env > {alone}/environment')
    url = "postgresql://u:se%40cret-1f7@h:1/d?sslmode=prefer&application_name=x"
    Tools(folder, 18).dump(address(url), ["--schema-only"])
    argv = (alone / "argv").read_text()
    environment = (alone / "environment").read_text()
    assert "1f7" not in argv
    assert "sslmode=prefer" in argv
    assert "PGPASSWORD=se@cret-1f7" in environment
    assert "key-1f7" not in environment


def test_a_key_password_is_refused(alone):
    with pytest.raises(ConfigError, match="sslpassword"):
        Tools(fake(alone / "named", 18), 18).dump(address("postgresql://h/d?sslpassword=x"), [])


@pytest.mark.parametrize(
    ("url", "kind", "said"),
    [
        pytest.param("postgresql://u:p@127.0.0.1:1/d", TryAgainError, "127.0.0.1", id="no server"),
        pytest.param("{production}?sslmode=nonsense", ConfigError, "sslmode", id="bad option"),
    ],
)
def test_a_failure_is_one_sentence(production, url, kind, said):
    url = url.replace("{production}", production.url("postgres"))
    with pytest.raises(kind, match=said) as caught:
        Tools.find(18).dump(address(url), ["--schema-only"])
    assert production.superuser.password not in str(caught.value)
    assert str(caught.value).count("\n") <= 1


def test_a_missing_right_names_the_table(production, fresh_database):
    url = fresh_database(production)
    name = url.rpartition("/")[2]
    production.sql(
        "CREATE ROLE blind LOGIN PASSWORD 'p'; CREATE TABLE hidden (a int)", database=name
    )
    try:
        with pytest.raises(ConfigError, match="permission denied for table hidden") as caught:
            Tools.find(18).dump(address(production.url(name, "blind", "p")), ["--schema-only"])
        assert "SELECT" in caught.value.help
    finally:
        production.sql("DROP ROLE blind")


def test_finding_starts_nothing(monkeypatch):
    monkeypatch.setattr(os, "fork", lambda: pytest.fail("a server was started"))
    Tools.find(14)

"""Which engine a URL names; only that one is loaded."""

import subprocess
import sys

import pytest

from masker.engines.registry import engine_of, name_of
from masker.errors import ConfigError


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("postgresql://u:p@h:5432/d", "postgres"),
        ("postgres:///d", "postgres"),
        ("postgresql+psycopg://h/d", "postgres"),
        ("POSTGRESQL://h/d", "postgres"),
        ("sqlite:///a.db", "sqlite"),
        ("sqlite+pysqlite:////a/b.db", "sqlite"),
    ],
)
def test_the_scheme_names_it(url, name):
    assert name_of(url) == name


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("postgrsql://u:secret@h/d", "did you mean `postgresql`?"),
        ("sqlite3:///a.db", "did you mean `sqlite`?"),
        ("oracle://u:secret@h/d", "write postgresql://"),
        ("", "write postgresql://"),
        ("a.db", "write postgresql://"),
        ("u:secret@h/d", "write postgresql://"),
        ("secret" * 1000, "write postgresql://"),
        ("secret\0", "write postgresql://"),
    ],
)
def test_another_is_refused_without_its_secrets(url, told):
    with pytest.raises(ConfigError, match=r"URL|database") as caught:
        name_of(url)
    assert caught.value.code == "bad-url"
    assert told in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_path_in_place_of_a_url_is_understood(tmp_path, monkeypatch):
    (tmp_path / "a.db").touch()
    monkeypatch.chdir(tmp_path)
    for path in ("a.db", str(tmp_path / "a.db")):
        with pytest.raises(ConfigError) as caught:
            name_of(path)
        assert caught.value.help == f"did you mean `sqlite:///{path}`?"
        assert engine_of(f"sqlite:///{path}").address(f"sqlite:///{path}").path == tmp_path / "a.db"


def test_rules_in_place_of_a_url_are_no_database(tmp_path):
    (tmp_path / "shop.yaml").touch()
    with pytest.raises(ConfigError) as caught:
        name_of(str(tmp_path / "shop.yaml"))
    assert caught.value.help.startswith("write postgresql://")


def test_an_address_is_of_its_engine():
    engine = engine_of("postgresql://u:secret@h/d")
    assert (engine.name, engine.title, engine.lanes) == ("postgres", "PostgreSQL", None)
    assert str(engine.address("postgresql://u:secret@h/d")) == "postgresql://u@h:5432/d"


def test_one_engine_does_not_load_another():
    code = (
        "import sys, masker.pipelines.run\n"
        "from masker.engines.registry import engine_named\n"
        "assert 'psycopg' not in sys.modules and 'sqlite3' not in sys.modules\n"
        "assert not any(n.startswith('masker.engines.postgres') for n in sys.modules)\n"
        "engine_named('sqlite')\n"
        "import masker.load.sqlite.target\n"
        "assert 'psycopg' not in sys.modules\n"
        "assert not any(n.startswith('masker.engines.postgres') for n in sys.modules)\n"
        "sys.modules.pop('sqlite3')\n"
        "engine_named('postgres')\n"
        "assert 'sqlite3' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)

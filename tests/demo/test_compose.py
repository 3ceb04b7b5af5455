"""docker-compose.yml: the keys it must have, loopback ports, health checks; and what it runs."""

from pathlib import Path

import psycopg
import pytest
from ruamel.yaml import YAML

from masker.demo import has_shop
from masker.demo.seed import main, seed
from masker.errors import ConfigError

COMPOSE = Path(__file__).parents[2] / "docker-compose.yml"


@pytest.fixture(scope="module")
def compose():
    return YAML(typ="safe").load(COMPOSE)


@pytest.mark.parametrize("name", ["production", "staging"])
def test_database_service(compose, name):
    service = compose["services"][name]
    assert service["image"].endswith(":pg18")
    assert "pg_isready" in service["healthcheck"]["test"]
    assert service["environment"]["POSTGRES_PASSWORD"]
    # From version 18 on the image keeps its cluster in a subdirectory of this volume.
    assert service["volumes"] == [f"{name}:/var/lib/postgresql"]
    assert name in compose["volumes"]


def test_ports_are_on_loopback(compose):
    ports = [port for service in compose["services"].values() for port in service.get("ports", [])]
    assert len(ports) == 2
    assert len(set(ports)) == 2
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_seed_waits_and_cannot_write(compose):
    service = compose["services"]["seed"]
    assert service["depends_on"] == {
        "production": {"condition": "service_healthy"},
        "staging": {"condition": "service_healthy"},
    }
    assert service["volumes"] == [".:/masker:ro"]
    assert "python -m masker.demo.seed" in service["command"][-1]


def test_seed_gets_what_it_reads(compose):
    given = compose["services"]["seed"]["environment"]
    assert set(given) == {"PRODUCTION_URL", "STAGING_URL", "DEMO_PASSWORD", "DEMO_SCALE"}


def test_seeding_twice(capsys):
    from masker.demo import EmbeddedServer

    with EmbeddedServer.start() as production, EmbeddedServer.start() as staging:
        environment = {
            "PRODUCTION_URL": production.url(),
            "STAGING_URL": staging.url(),
            "DEMO_PASSWORD": "only-for-the-test",
            "DEMO_SCALE": "0.01",
        }
        seed(environment)
        seed(environment)
        assert has_shop(production.url("shop"))
        loader = staging.url("shop_staging", "masker_loader", "only-for-the-test")
        with psycopg.connect(loader) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    assert "only-for-the-test" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({}, "DEMO_PASSWORD"),
        ({"DEMO_PASSWORD": "x"}, "PRODUCTION_URL"),
    ],
)
def test_missing_variables_are_named(environment, named):
    with pytest.raises(ConfigError, match=named):
        seed(environment)


def test_main_tells_without_a_traceback(monkeypatch, capsys):
    monkeypatch.delenv("DEMO_PASSWORD", raising=False)
    assert main() == 2
    assert "DEMO_PASSWORD" in capsys.readouterr().err

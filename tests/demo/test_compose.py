"""docker-compose.yml: the keys it must have, loopback ports, health checks; and what it runs."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from ruamel.yaml import YAML

from masker.cli.app import run_command_line
from masker.demo import has_shop
from masker.demo.folder import shelf
from masker.demo.seed import main, seed
from masker.engines.postgres.address import Address
from masker.errors import ConfigError
from masker.keys import Keyring
from masker.rules.pipeline import load_pipeline

COMPOSE = Path(__file__).parents[2] / "docker-compose.yml"


@pytest.fixture(scope="module")
def compose():
    return YAML(typ="safe").load(COMPOSE)


def test_it_fits_the_schema_of_compose():
    subprocess.run(
        [
            *(sys.executable, "-m", "check_jsonschema", "--builtin-schema"),
            *("vendor.compose-spec", str(COMPOSE)),
        ],
        check=True,
        capture_output=True,
    )


@pytest.mark.parametrize("name", ["production", "staging"])
def test_database_service(compose, name):
    service = compose["services"][name]
    assert service["image"].endswith(":pg18")
    assert "pg_isready" in service["healthcheck"]["test"]
    # From version 18 on the image keeps its cluster in a subdirectory of this volume.
    assert service["volumes"] == [f"{name}:/var/lib/postgresql"]
    assert name in compose["volumes"]


def test_mysql_stands_under_a_profile(compose):
    service = compose["services"]["mysql"]
    assert service["profiles"] == ["mysql"]
    assert "mysqladmin" in service["healthcheck"]["test"]


def test_every_service_that_stays_has_a_health_check(compose):
    staying = {n for n, each in compose["services"].items() if "restart" in each}
    assert staying == {"production", "staging", "mysql", "scheduler"}
    image = (COMPOSE.parent / "Dockerfile").read_text()
    for name in staying - {"scheduler"}:
        assert compose["services"][name]["healthcheck"]["test"]
    assert "healthcheck" not in compose["services"]["scheduler"]  # the image's own
    assert "HEALTHCHECK" in image


def test_ports_are_on_loopback(compose):
    ports = [port for service in compose["services"].values() for port in service.get("ports", [])]
    assert len(ports) == 4
    assert len(set(ports)) == 4
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_secrets_are_files_and_nothing_else(compose):
    assert all(set(each) == {"file"} for each in compose["secrets"].values())
    for service in compose["services"].values():
        for name, value in service.get("environment", {}).items():
            if re.search(r"PASSWORD|URL|KEY", name):
                assert name.endswith("_FILE")
                assert value.removeprefix("/run/secrets/") in service["secrets"]


def test_the_seed_waits_and_what_refreshes_waits_for_the_seed(compose):
    services = compose["services"]
    assert services["seed"]["depends_on"] == {
        "production": {"condition": "service_healthy"},
        "staging": {"condition": "service_healthy"},
    }
    for name in ("scheduler", "run"):
        waits = services[name]["depends_on"]["seed"]["condition"]
        assert waits == "service_completed_successfully"


@pytest.mark.parametrize("name", ["seed", "scheduler", "run"])
def test_our_own_services_may_do_nothing_special(compose, name):
    service = compose["services"][name]
    assert service["build"] == "."
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert "privileged" not in service
    mounts = [each for each in service.get("volumes", []) if each.startswith(".")]
    assert all(each.endswith(":ro") for each in mounts)
    # A file that is mounted alone stays the old one when another is put in its place.
    assert all((COMPOSE.parent / each.split(":")[0]).is_dir() for each in mounts)


def test_the_commands_parse(compose, capsys):
    assert compose["services"]["seed"]["entrypoint"] == ["python", "-m", "masker.demo.seed"]
    command = compose["services"]["run"]["command"]
    assert run_command_line([*command, "--help"]) == 0
    assert "masker run" in capsys.readouterr().out
    command = compose["services"]["scheduler"]["command"]
    assert run_command_line([*command, "--help"]) == 0
    (image,) = re.findall(r"^CMD (.*)$", (COMPOSE.parent / "Dockerfile").read_text(), re.MULTILINE)
    own = [word for option in command[2:] for word in option.split("=")]
    assert own == json.loads(image)[2:]
    mounts = compose["services"]["scheduler"]["volumes"]
    (folder,) = [
        there for here, there, *_ in (each.split(":") for each in mounts) if here[0] == "."
    ]
    assert Path(command[1]).parent == Path(folder)
    assert (COMPOSE.parent / "pipelines" / Path(command[1]).name).exists()


def test_make_writes_the_secrets_once(compose, tmp_path):
    shutil.copy(COMPOSE.parent / "Makefile", tmp_path)
    subprocess.run(["make", "secrets"], cwd=tmp_path, check=True, capture_output=True)
    folder = tmp_path / "secrets"
    before = {path.name: path.read_text() for path in folder.iterdir()}
    assert {f"./secrets/{name}" for name in before} == {
        each["file"] for each in compose["secrets"].values()
    }
    assert folder.stat().st_mode & 0o777 == 0o700
    assert Keyring.parse(before["masker_key"]).id
    assert Address.parse(before["production_url"].strip()).user == "masker_reader"
    subprocess.run(["make", "secrets"], cwd=tmp_path, check=True, capture_output=True)
    assert before == {path.name: path.read_text() for path in folder.iterdir()}


def test_the_pipeline_reads_with_secrets_from_files(tmp_path):
    shutil.copy(COMPOSE.parent / "Makefile", tmp_path)
    subprocess.run(["make", "secrets"], cwd=tmp_path, check=True, capture_output=True)
    folder = tmp_path / "secrets"
    environ = {
        "SHOP_PRODUCTION_URL_FILE": str(folder / "production_url"),
        "SHOP_STAGING_URL_FILE": str(folder / "staging_url"),
    }
    pipeline = load_pipeline(shelf() / "shop.yaml", environ=environ)
    assert pipeline.schedule is not None
    assert Address.parse(pipeline.source.url).host == "production"


def test_seeding_twice(capsys, tmp_path):
    from masker.demo import EmbeddedServer

    with EmbeddedServer.start() as production, EmbeddedServer.start() as staging:
        (tmp_path / "password").write_text("only-for-the-test\n")
        environment = {
            "PRODUCTION_URL": production.url(),
            "STAGING_URL": staging.url(),
            "DEMO_PASSWORD_FILE": str(tmp_path / "password"),
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
        ({"DEMO_PASSWORD_FILE": "/nowhere/password"}, "/nowhere/password"),
    ],
)
def test_missing_variables_are_named(environment, named):
    with pytest.raises(ConfigError, match=named):
        seed(environment)


def test_main_tells_without_a_traceback(monkeypatch, capsys):
    monkeypatch.delenv("DEMO_PASSWORD", raising=False)
    assert main() == 2
    assert "DEMO_PASSWORD" in capsys.readouterr().err

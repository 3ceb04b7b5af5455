"""What every room's tests stand on: two real servers, empty databases, the sample databases."""

import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest

from masker.demo.servers import EmbeddedServer

SAMPLES = Path(__file__).parents[2] / "shared" / "data"
MakeDatabase = Callable[..., str]

hypothesis.settings.register_profile("here", deadline=None, max_examples=40)
hypothesis.settings.register_profile("ci", deadline=None, max_examples=40, derandomize=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "here")


@pytest.fixture(scope="session")
def production() -> Iterator[EmbeddedServer]:
    with EmbeddedServer.start() as server:
        yield server


@pytest.fixture(scope="session")
def staging() -> Iterator[EmbeddedServer]:
    with EmbeddedServer.start() as server:
        yield server


_numbers = itertools.count(1)


def _create(server: EmbeddedServer, prefix: str, template: str) -> str:
    name = f"{prefix}_{next(_numbers)}"
    server.create_database(name, template=template)
    return name


@pytest.fixture
def fresh_database() -> Iterator[MakeDatabase]:
    """Make databases that are dropped after the test: `(server, prefix, *, template) -> URL`."""
    made: list[tuple[EmbeddedServer, str]] = []

    def make(server: EmbeddedServer, prefix: str = "fresh", *, template: str = "template0") -> str:
        name = _create(server, prefix, template)
        made.append((server, name))
        return server.url(name)

    yield make
    for server, name in made:
        if server.running:
            server.drop_database(name)


@pytest.fixture(scope="session")
def lasting_database() -> MakeDatabase:
    """Make databases that live until their server ends, for fixtures that many tests share."""

    def make(
        server: EmbeddedServer, prefix: str = "lasting", *, template: str = "template0"
    ) -> str:
        return server.url(_create(server, prefix, template))

    return make


def _sample(server: EmbeddedServer, name: str, *files: str) -> str:
    folder = SAMPLES / name
    if not folder.is_dir():
        pytest.skip(f"the sample database {name} is not there (../shared/data/{name})")
    template = f"sample_{name}"
    server.create_database(template)
    for file in files:
        server.psql_file(folder / file, database=template)
    server.sql("ANALYZE", database=template)
    return template


# Names of template databases on production: copy them with
# `fresh_database(production, template=pagila)`, and connect to the copies only.


@pytest.fixture(scope="session")
def pagila(production: EmbeddedServer) -> str:
    return _sample(production, "pagila", "schema.sql", "schema-jsonb.sql", "data.sql")


@pytest.fixture(scope="session")
def chinook(production: EmbeddedServer) -> str:
    return _sample(production, "chinook", "postgres.sql")


@pytest.fixture(scope="session")
def hr(production: EmbeddedServer) -> str:
    return _sample(production, "hr", "postgres.sql")

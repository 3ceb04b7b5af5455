"""What every room's tests stand on: two real servers, empty databases, the sample databases."""

import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest

from masker.demo.roles import Production, Staging, prepare_production, prepare_staging
from masker.demo.shop import fill
from tests.servers import Server

SAMPLES = Path(__file__).parents[2] / "shared" / "data"
MakeDatabase = Callable[..., str]

hypothesis.settings.register_profile("here", deadline=None, max_examples=40)
hypothesis.settings.register_profile("ci", deadline=None, max_examples=40, derandomize=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "here")


@pytest.fixture(scope="session")
def production() -> Iterator[Server]:
    with Server.start() as server:
        yield server


@pytest.fixture(scope="session")
def staging() -> Iterator[Server]:
    with Server.start() as server:
        yield server


_numbers = itertools.count(1)


def _create(server: Server, prefix: str, template: str, owner: str) -> str:
    name = f"{prefix}_{next(_numbers)}"
    server.create_database(name, template=template, owner=owner)
    return name


@pytest.fixture
def fresh_database() -> Iterator[MakeDatabase]:
    """Make databases that are dropped after the test.

    `(server, prefix, *, template="template0", owner="") -> URL` of the superuser; the owner is
    the superuser too unless named.
    """
    made: list[tuple[Server, str]] = []

    def make(
        server: Server,
        prefix: str = "fresh",
        *,
        template: str = "template0",
        owner: str = "",
    ) -> str:
        name = _create(server, prefix, template, owner)
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
        server: Server,
        prefix: str = "lasting",
        *,
        template: str = "template0",
        owner: str = "",
    ) -> str:
        return server.url(_create(server, prefix, template, owner))

    return make


def _sample(server: Server, name: str, *files: str) -> str:
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
def pagila(production: Server) -> str:
    return _sample(production, "pagila", "schema.sql", "schema-jsonb.sql", "data.sql")


@pytest.fixture(scope="session")
def chinook(production: Server) -> str:
    return _sample(production, "chinook", "postgres.sql")


@pytest.fixture(scope="session")
def hr(production: Server) -> str:
    return _sample(production, "hr", "postgres.sql")


# The shop at a twentieth of its size, in a template database like the samples.
SHOP = "sample_shop"


@pytest.fixture(scope="session")
def production_roles(production: Server) -> Production:
    """Return URLs of owner, reader and application of the database SHOP on production."""
    return prepare_production(production.url(), database=SHOP)


@pytest.fixture(scope="session")
def staging_roles(staging: Server) -> Staging:
    """Return URLs of loader and application of an empty database on staging, and the template."""
    return prepare_staging(staging.url())


@pytest.fixture(scope="session")
def shop(production_roles: Production) -> str:
    fill(production_roles.owner, scale=0.05)
    return SHOP

"""What whole runs stand on: worlds of people in template databases, each test with its own copy."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e import world as worlds
from tests.servers import Server

FEW, WIDE, MANY = 300, 8_000, 20_500
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def few(production) -> str:
    return worlds.populate(production, "world_few", rows=FEW)


@pytest.fixture(scope="session")
def many(production) -> str:
    return worlds.populate(production, "world_many", rows=MANY)


@pytest.fixture(scope="session")
def wide(production) -> str:
    """Return a template of several batches, too large for a server that has 8 MiB for a file."""
    return worlds.populate(production, "world_wide", rows=WIDE, notes=worlds.LONG_NOTES)


@pytest.fixture(scope="module")
def mortal() -> Iterator[Server]:
    """A server of one's own, to be killed."""
    with Server.start() as server:
        yield server


@contextmanager
def maker(
    production: Server, staging: Server, folder: Path
) -> Iterator[Callable[..., worlds.World]]:
    """Make worlds: `(template, *, source=server, target=server) -> World`; dropped afterwards."""
    made: list[tuple[Server, str]] = []

    def make(
        template: str,
        *,
        source: Server = production,
        target: Server = staging,
    ) -> worlds.World:
        name = f"world_{next(_numbers)}"
        made.append((source, name))
        made.append((target, f"{name}_copy"))
        return worlds.World(
            source=source.create_database(name, template=template),
            target=target.create_database(f"{name}_copy"),
            staging=target,
            folder=folder / name,
        )

    yield make
    for server, name in made:
        if server.running:
            every = server.sql(
                f"SELECT datname FROM pg_database WHERE datname ~ '^{name}(_copy.*)?$'"
            )
            for one in every.splitlines():
                server.drop_database(one)


@pytest.fixture
def make_world(production, staging, tmp_path) -> Iterator[Callable[..., worlds.World]]:
    with maker(production, staging, tmp_path) as make:
        yield make


@pytest.fixture(scope="module")
def crowd(production, staging, many, tmp_path_factory) -> Iterator[worlds.World]:
    """A large world whose target has been refreshed once; tests must leave both as they were."""
    with maker(production, staging, tmp_path_factory.mktemp("crowd")) as make:
        made = make(many)
        made.refresh(worlds.OTHER_KEY)
        yield made


@pytest.fixture
def world(make_world, few) -> worlds.World:
    """A small world whose target has been refreshed once, under another key."""
    made = make_world(few)
    made.refresh(worlds.OTHER_KEY)
    return made

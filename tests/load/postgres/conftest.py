"""What the tests of loading stand on beside two servers."""

import itertools
from collections.abc import Callable, Iterator

import pytest

_numbers = itertools.count(1)


@pytest.fixture
def loader(staging) -> Iterator[Callable[[str], str]]:
    """A role that may create databases and end sessions, and nothing else: `database -> URL`."""
    name = f"loader_{next(_numbers)}"
    staging.sql(f"CREATE ROLE {name} LOGIN CREATEDB PASSWORD 'secret' IN ROLE pg_signal_backend")
    yield lambda database: staging.url(database, user=name, password="secret")
    for row in staging.sql(
        f"SELECT datname FROM pg_database WHERE datdba = '{name}'::regrole"
    ).splitlines():
        staging.drop_database(row)
    staging.sql(f"DROP OWNED BY {name}; DROP ROLE {name}")

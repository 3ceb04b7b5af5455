"""A PostgreSQL from the system's packages: it has the extensions that the embedded one lacks."""

import tempfile
from pathlib import Path

import pytest

from masker.demo.binaries import account
from masker.demo.servers import THROWAWAY, Superuser
from tests.servers import Server

PACKAGES = Path("/usr/lib/postgresql")


@pytest.fixture(scope="session")
def packaged():
    trees = [found for found in PACKAGES.glob("*") if (found / "bin" / "initdb").exists()]
    if not trees:
        pytest.skip("no PostgreSQL from the system's packages in /usr/lib/postgresql")
    tree = max(trees, key=lambda found: int(found.name))
    server = Server(
        directory=Path(tempfile.mkdtemp(prefix="masker-")),
        tree=tree,
        runner=account(),
        superuser=Superuser("postgres", "throw-away"),
        temporary=True,
    )
    try:
        server._make_directory()
        server._initdb((), major=int(tree.name))
        server._configure(THROWAWAY)
        server.launch()
        yield server
    finally:
        server.stop()

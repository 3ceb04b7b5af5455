"""An embedded server with what tests ask of one besides: databases made, filled and dropped."""

import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

import psycopg

from masker.demo.servers import EmbeddedServer

# Thousands of small databases come and go: in memory, where there is room, that costs a tenth.
MEMORY = Path("/dev/shm")
ROOM = 4 << 30  # bytes that must be free there; a container's default is far less
LITTLE_LOG: Mapping[str, str] = MappingProxyType({"max_wal_size": "256MB"})
# Half of a login's processor time goes into stretching a password that nobody guesses at here.
UNSTRETCHED = "--set=scram_iterations=1"


class Server(EmbeddedServer):
    """An embedded server on which tests make databases."""

    _session: psycopg.Connection[tuple[Any, ...]] | None = None

    @classmethod
    def start(
        cls,
        directory: Path | None = None,
        *,
        settings: Mapping[str, str] = MappingProxyType({}),
        initdb_args: Sequence[str] = (),
        **options: Any,
    ) -> Self:
        """Start as EmbeddedServer does, in memory where there is room; logins are cheap."""
        given = {"initdb_args": (UNSTRETCHED, *initdb_args), **options}
        if directory is not None or not _room():
            return super().start(directory, settings=settings, **given)
        _sweep()
        place = Path(tempfile.mkdtemp(prefix=f"masker-{os.getpid()}-", dir=MEMORY))
        try:
            server = super().start(place, settings={**LITTLE_LOG, **settings}, **given)
        except BaseException:
            shutil.rmtree(place, ignore_errors=True)
            raise
        server._temporary = True
        return server

    def create_database(self, name: str, *, template: str = "template0", owner: str = "") -> str:
        """Create a database and return its URL; from `template0` it is empty."""
        belongs = f" OWNER {_quoted(owner)}" if owner else ""
        self._maintain(f"CREATE DATABASE {_quoted(name)} TEMPLATE {_quoted(template)}{belongs}")
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Drop a database with its sessions, if it exists."""
        self._maintain(f"DROP DATABASE IF EXISTS {_quoted(name)} WITH (FORCE)")

    def psql_file(self, path: Path, *, database: str) -> None:
        """Run a file, `COPY … FROM stdin` included, as superuser through psql."""
        self._psql(["--quiet", "--file", str(path)], database=database)

    def stop(self) -> None:
        self._leave()
        super().stop()

    def kill(self) -> None:
        self._leave()
        super().kill()

    def _maintain(self, statement: str) -> None:
        """Run a statement in a session that is kept: a new psql for each would cost as much."""
        if self._session is None or self._session.closed:
            self._session = psycopg.connect(self.url(), autocommit=True)
        self._session.execute(statement)

    def _leave(self) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None


def _room() -> bool:
    return MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ROOM


def _sweep() -> None:
    """Remove what servers of killed processes left: it would stay in memory."""
    for left in MEMORY.glob("masker-*-*"):
        number = left.name.split("-")[1]
        if number.isdecimal() and not Path(f"/proc/{number}").exists():
            shutil.rmtree(left, ignore_errors=True)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'

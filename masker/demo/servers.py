"""Real PostgreSQL servers from a wheel, for the demo and the tests: loopback, with passwords."""

from __future__ import annotations

import atexit
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Self
from urllib.parse import quote

from masker.demo.binaries import Account, account, install_tree, password_file
from masker.demo.postmaster import Postmaster, lines
from masker.errors import ConfigError, DataError, TryAgainError

HOST = "127.0.0.1"
TRIES = 5
BUILTIN_LOCALE_SINCE = 17

# A server that nobody will miss: a crash of the machine may lose it, a killed server not.
THROWAWAY: Mapping[str, str] = MappingProxyType(
    {
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "shared_buffers": "128MB",
        "max_connections": "100",
        "max_wal_size": "2GB",
        "maintenance_work_mem": "128MB",
        "autovacuum_naptime": "1min",
        "log_min_messages": "warning",
    }
)


@dataclass(frozen=True, slots=True)
class Superuser:
    """The role that initdb makes."""

    name: str
    password: str


class EmbeddedServer:
    """A running PostgreSQL: TCP on loopback with scram-sha-256, no Unix socket, UTF-8.

    It stops with `stop()`, at the end of a `with` block, when Python exits and when this process
    is killed; `detach()` lets it live on.
    """

    def __init__(
        self,
        *,
        directory: Path,
        tree: Path,
        runner: Account,
        superuser: Superuser,
        file_size_limit: int | None = None,
        temporary: bool = False,
    ) -> None:
        self.directory = directory
        self.data = directory / "data"
        self.log = directory / "server.log"
        self.bin = tree / "bin"
        self.port = 0
        self.superuser = superuser
        self._runner = runner
        self._file_size_limit = file_size_limit
        self._temporary = temporary
        self._postmaster: Postmaster | None = None

    @classmethod
    def start(
        cls,
        directory: Path | None = None,
        *,
        major: int = 18,
        settings: Mapping[str, str] = MappingProxyType({}),
        superuser: str = "postgres",
        password: str | None = None,
        initdb_args: Sequence[str] = (),
        file_size_limit: int | None = None,
    ) -> Self:
        """Create a cluster in `directory`/data and start it on a free port.

        Without a directory a private temporary one is used and removed on `stop()`. `settings`
        go into postgresql.conf after THROWAWAY; `file_size_limit` is the largest file in bytes
        that the server may write (ulimit -f), to play a full disk. Raise ConfigError when the
        wheel is missing or the directory unfit, TryAgainError when the server does not come up.
        """
        runner = account()
        tree = install_tree(major, runner)
        temporary = directory is None
        place = Path(tempfile.mkdtemp(prefix="masker-")) if directory is None else directory
        server = cls(
            directory=place.resolve(),
            tree=tree,
            runner=runner,
            superuser=Superuser(superuser, password or secrets.token_urlsafe(24)),
            file_size_limit=file_size_limit,
            temporary=temporary,
        )
        try:
            server._make_directory()
            server._initdb(initdb_args, major=major)
            server._configure({**THROWAWAY, **settings})
            server.launch()
        except BaseException:
            server.stop()
            raise
        return server

    # -- the cluster -----------------------------------------------------------------------

    def _make_directory(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        if any(self.directory.iterdir()):
            raise ConfigError(
                f"`{self.directory}` is not empty, so no server is created in it",
                help="name a new directory",
                code="directory-not-empty",
            )
        self._runner.own(self.directory)
        self.directory.chmod(0o700)
        reached = subprocess.run(
            ["/bin/sh", "-c", 'test -w "$0"', str(self.directory)],
            cwd="/",
            check=False,
            **self._runner.popen_options(),
        )
        if reached.returncode != 0:
            raise ConfigError(
                f"the unprivileged user that runs PostgreSQL cannot reach `{self.directory}`",
                help="name a directory whose parents all users may enter, such as one in /tmp",
                code="directory-unreachable",
            )

    def _initdb(self, more: Sequence[str], *, major: int) -> None:
        locale = ["--encoding=UTF8", "--locale=C"]
        if major >= BUILTIN_LOCALE_SINCE:  # letters beyond ASCII, whatever the system has
            locale += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        with password_file(self.directory, self.superuser.password, self._runner) as secret:
            done = subprocess.run(
                [
                    str(self.bin / "initdb"),
                    f"--pgdata={self.data}",
                    f"--username={self.superuser.name}",
                    f"--pwfile={secret}",
                    "--auth=scram-sha-256",
                    "--no-sync",
                    "--no-instructions",
                    *locale,
                    *more,
                ],
                cwd="/",
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
                check=False,
                **self._runner.popen_options(),
            )
        if done.returncode != 0:
            raise ConfigError(
                f"initdb could not create a cluster in `{self.data}`: {done.stderr.strip()}",
                help="is there room on the disk? are the initdb arguments right?",
                code="initdb-failed",
            )

    def _configure(self, settings: Mapping[str, str]) -> None:
        fixed = {"listen_addresses": HOST, "unix_socket_directories": ""}
        lines = [
            f"{name} = '{value.replace(chr(39), chr(39) * 2)}'\n"
            for name, value in {**settings, **fixed}.items()
        ]
        with (self.data / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.writelines(lines)

    # -- starting and stopping ---------------------------------------------------------------

    def launch(self) -> None:
        """Start the server on its cluster: first by `start`, again after `kill` or `stop`.

        It keeps the port it had; the first time it takes a free one. Raise TryAgainError when
        it does not come up.
        """
        for tried in range(1, TRIES + 1):
            port = self.port or _free_port()
            postmaster = Postmaster.spawn(
                [str(self.bin / "postgres"), "-D", str(self.data), "-p", str(port)],
                log=self.log,
                environment=self._environment(),
                runner=self._runner,
                file_size_limit=self._file_size_limit,
            )
            if postmaster.wait_until_ready(self.data):
                self.port, self._postmaster = port, postmaster
                atexit.register(self.stop)
                return
            time.sleep(0.2 * tried)  # the port was taken, or a killed server's children still live
        last = " / ".join(lines(self.log)[-3:])
        raise TryAgainError(
            f"the embedded PostgreSQL did not start; its log ends with: {last}",
            help=f"the whole log: {self.log}",
            code="server-not-started",
        )

    def stop(self) -> None:
        """End all sessions and stop; a temporary directory is removed. A second call is free."""
        atexit.unregister(self.stop)
        if self._postmaster is not None:
            self._postmaster.stop()
            self._postmaster = None
        if self._temporary and self.directory.exists():
            shutil.rmtree(self.directory)

    def kill(self) -> None:
        """Kill the postmaster with SIGKILL, as an accident would; `launch` recovers."""
        self._running().kill()
        self._postmaster = None

    def detach(self) -> int:
        """Let the server live on after this process; return the pid, which SIGINT ends."""
        postmaster = self._running()
        atexit.unregister(self.stop)
        postmaster.dismiss_watchdog()
        return postmaster.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        failure: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    # -- talking to it -------------------------------------------------------------------------

    @property
    def pid(self) -> int:
        """Return the postmaster's process id; TryAgainError when the server is down."""
        return self._running().pid

    @property
    def running(self) -> bool:
        """Tell whether the postmaster lives."""
        return self._postmaster is not None and self._postmaster.alive

    def url(
        self, database: str = "postgres", user: str | None = None, password: str | None = None
    ) -> str:
        """Return `postgresql://user:password@host:port/database`, by default the superuser's."""
        name = self.superuser.name if user is None else user
        secret = self.superuser.password if password is None else password
        account_part = f"{quote(name, safe='')}:{quote(secret, safe='')}"
        return f"postgresql://{account_part}@{HOST}:{self.port}/{quote(database, safe='')}"

    def sql(self, sql: str, *, database: str = "postgres") -> str:
        """Run SQL as superuser through psql; return rows as lines, columns parted by `|`."""
        return self._psql(["--command", sql], database=database)

    def _psql(self, arguments: Sequence[str], *, database: str) -> str:
        done = subprocess.run(
            [
                str(self.bin / "psql"),
                "--no-psqlrc",
                "--no-align",
                "--tuples-only",
                "--set=ON_ERROR_STOP=1",
                "--set=VERBOSITY=sqlstate",  # place and code; the message may quote a row
                *arguments,
            ],
            env={
                **self._environment(),
                "PGHOST": HOST,
                "PGPORT": str(self.port),
                "PGUSER": self.superuser.name,
                "PGPASSWORD": self.superuser.password,
                "PGDATABASE": database,
                "PGCLIENTENCODING": "UTF8",
                "PGOPTIONS": "-c client_min_messages=warning",
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        if done.returncode != 0:
            raise DataError(
                f"psql stopped in database `{database}`: {done.stderr.strip()}",
                help=f"the server's log says more: {self.log}",
                code="psql-failed",
            )
        return done.stdout.removesuffix("\n")

    def _running(self) -> Postmaster:
        if self._postmaster is None:
            raise TryAgainError(
                "the embedded PostgreSQL is not running",
                help="start it with launch()",
                code="server-down",
            )
        return self._postmaster

    def _environment(self) -> dict[str, str]:
        """Return an environment without the caller's PG* variables and locale."""
        path = os.environ.get("PATH", os.defpath)
        return {"PATH": path, "LC_ALL": "C", "TZ": "UTC", "HOME": str(self.directory)}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        number: int = probe.getsockname()[1]
        return number

"""Servers that stay after the demo ends, and how a later call stops them."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from masker.demo.folder import Folder, write_private
from masker.demo.postmaster import STOP_SECONDS, lines
from masker.demo.servers import EmbeddedServer
from masker.errors import TryAgainError

_NAME = "servers.json"


@dataclass(frozen=True, slots=True)
class Stayed:
    """A server that was left running: its process and the directory of its cluster."""

    pid: int
    directory: Path

    @property
    def alive(self) -> bool:
        """Tell whether it still runs: its cluster names the process, and the process lives."""
        if lines(self.directory / "data" / "postmaster.pid")[:1] != [str(self.pid)]:
            return False  # it ended, and the pid may be another program's by now
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def stop(self) -> None:
        """End it with its sessions and remove its cluster; TryAgainError if it does not end."""
        if self.alive:
            with contextlib.suppress(ProcessLookupError):  # it ended by itself just now
                os.kill(self.pid, signal.SIGINT)
        deadline = time.monotonic() + STOP_SECONDS
        while self.alive:
            if time.monotonic() > deadline:
                raise TryAgainError(
                    f"the server with process id {self.pid} does not stop",
                    help=f"its log: {self.directory / 'server.log'}",
                    code="server-not-stopped",
                )
            time.sleep(0.05)
        if self.directory.exists():
            shutil.rmtree(self.directory)


def leave(folder: Folder, servers: Sequence[EmbeddedServer]) -> None:
    """Let servers outlive this process and note them in the folder."""
    noted = [{"pid": server.pid, "directory": str(server.directory)} for server in servers]
    write_private(folder.path / _NAME, json.dumps(noted) + "\n")
    for server in servers:
        server.detach()


def stayed(folder: Folder) -> tuple[Stayed, ...]:
    """Return the servers that an earlier demo left in this folder and that still run."""
    return tuple(each for each in _noted(folder) if each.alive)


def stop(folder: Folder) -> int:
    """Stop what an earlier demo left running; return how many servers ran."""
    noted = tuple(_noted(folder))
    running = sum(each.alive for each in noted)
    for each in noted:
        each.stop()
    (folder.path / _NAME).unlink(missing_ok=True)
    folder.urls.unlink(missing_ok=True)
    return running


def _noted(folder: Folder) -> Iterator[Stayed]:
    path = folder.path / _NAME
    if path.exists():
        for each in json.loads(path.read_text(encoding="utf-8")):
            yield Stayed(each["pid"], Path(each["directory"]))

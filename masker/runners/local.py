"""Run a plan's steps on this machine: one lane in this process, or several worker processes."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait

from masker.catalog import TableName
from masker.errors import Bug, MaskerError, TryAgainError
from masker.evidence import Evidence
from masker.extract import Range
from masker.runners.lane import Journey, Lane
from masker.runners.messages import Failed, Finished, Moved, Sealed

Progress = Callable[[TableName, int, int], None]
_GRACE = 5.0  # seconds a worker gets to end by itself


def run_here(journey: Journey, parts: Iterable[Range], *, progress: Progress) -> Evidence:
    """Move all ranges in this process and return the evidence."""
    with Lane(journey) as lane:
        for part in parts:

            def moved(rows: int, size: int, table: TableName = part.table) -> None:
                progress(table, rows, size)

            lane.run(part, moved=moved)
        return lane.seal()


def run_workers(
    journey: Journey, parts: Iterable[Range], *, workers: int, progress: Progress
) -> Evidence:
    """Move all ranges over worker processes and return the merged evidence.

    Ranges are handed out one at a time, so that no worker waits while another has a queue. The
    first failure stops all workers and is raised; a worker that died is a TryAgainError.
    """
    waiting = deque(parts)
    crew = [_Worker.start(journey) for _ in range(max(1, min(workers, len(waiting))))]
    try:
        sealed = _direct(crew, waiting, progress)
    except BaseException:
        for worker in crew:
            worker.kill()
        raise
    for worker in crew:
        worker.end()
    return Evidence.merged(sealed)


@dataclass
class _Worker:
    process: subprocess.Popen[bytes]
    connection: Connection
    life: int
    part: Range | None = None

    @classmethod
    def start(cls, journey: Journey) -> _Worker:
        ours, theirs = socket.socketpair()
        heard, life = os.pipe()
        environment = {k: v for k, v in os.environ.items() if not k.startswith("MASKER_KEY")}
        process = subprocess.Popen(
            [sys.executable, "-m", "masker.runners.worker", str(theirs.fileno()), str(heard)],
            pass_fds=(theirs.fileno(), heard),
            stdin=subprocess.DEVNULL,
            env=environment,
            process_group=0,  # Ctrl-C in a terminal is for the parent, which ends its workers
        )
        theirs.close()
        os.close(heard)
        connection = Connection(ours.detach())
        worker = cls(process, connection, life)
        try:
            connection.send(journey)
        except OSError:
            raise worker.death() from None
        return worker

    def give(self, part: Range | None) -> None:
        self.part = part
        try:
            self.connection.send(part)
        except OSError:
            raise self.death() from None

    def death(self) -> TryAgainError:
        self.process.wait(_GRACE)
        table = f" while it moved `{self.part.table}`" if self.part else ""
        return TryAgainError(
            f"a worker process ended with status {self.process.returncode}{table}",
            help="was it killed, or is memory short? try again, with fewer workers if it recurs",
            code="worker-died",
        )

    def kill(self) -> None:
        with suppress(OSError):
            os.close(self.life)
        self.process.kill()
        self.process.wait()
        self.connection.close()

    def end(self) -> None:
        try:
            self.process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.life)
        self.connection.close()


def _direct(crew: list[_Worker], waiting: deque[Range], progress: Progress) -> list[Evidence]:
    by_connection = {worker.connection: worker for worker in crew}
    for worker in crew:
        worker.give(waiting.popleft() if waiting else None)
    sealed: list[Evidence] = []
    while by_connection:
        for ready in wait(list(by_connection)):
            worker = by_connection[ready]  # type: ignore[index]
            try:
                message = worker.connection.recv()
            except (EOFError, OSError):
                raise worker.death() from None
            match message:
                case Moved(table=table, rows=rows, bytes=size):
                    progress(table, rows, size)
                case Finished():
                    worker.give(waiting.popleft() if waiting else None)
                case Sealed(evidence=evidence):
                    sealed.append(evidence)
                    del by_connection[worker.connection]
                case Failed(failure=failure):
                    raise _ours(failure)
                case _:
                    raise Bug(f"a worker sent a {type(message).__name__}")
    return sealed


def _ours(failure: MaskerError) -> MaskerError:
    return failure if isinstance(failure, MaskerError) else Bug("a worker failed")

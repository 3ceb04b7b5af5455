"""One attempt at a run: a process of its own, which is what `masker run` is anyway.

A run that takes all memory, hangs or crashes takes nothing else with it, and what it used is given
back. What it says is JSON on both outputs; anything else that it writes is counted, never shown.
"""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import IO, Protocol

from masker.errors import (
    Bug,
    ConfigError,
    DataError,
    Interrupted,
    LeakError,
    TryAgainError,
    UnsafeError,
)
from masker.ledger import PUBLISHED, SKIPPED
from masker.schedule.end import End, died, outcome_of, run_of
from masker.schedule.stop import LIFE

_LAST_WORDS = 5.0  # seconds for what its own children still hold open
_KNOWN = frozenset(
    {0}
    | {
        kind.exit_code
        for kind in (
            *(ConfigError, UnsafeError, LeakError, DataError),
            *(TryAgainError, Interrupted, Bug),
        )
    }
)


class Attempt(Protocol):
    """A run that goes on elsewhere."""

    @property
    def phase(self) -> str:
        """Return the phase that it has reached."""
        ...

    def heard(self) -> list[Mapping[str, object]]:
        """Return what it has told since it was last asked, one JSON object per event."""
        ...

    def poll(self) -> End | None:
        """Return how it ended, None while it goes on."""
        ...

    def stop(self) -> None:
        """Ask it to end before it publishes, or to finish if it publishes already."""
        ...

    def kill(self) -> None:
        """End it at once."""
        ...


def command_of(pipeline: Path, *, records: Path, due: datetime) -> list[str]:
    """Return the command of an attempt, which a person may repeat."""
    return [
        *(sys.executable, "-m", "masker", "run", str(pipeline)),
        *("--records", str(records), "--due", due.isoformat(timespec="seconds")),
        *("--json", "--log-format", "json", "--no-notify"),
    ]


class Process:
    """An attempt in a process of its own, which is asked to stop when this one is gone."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        environ: Mapping[str, str],
        now: datetime,
    ) -> None:
        self._began = now
        self._events: deque[Mapping[str, object]] = deque()
        self._answer: list[str] = []
        self._strange = 0
        self.phase = ""
        life, self._life = os.pipe()
        try:
            self._process = subprocess.Popen(
                command,
                env={**environ, LIFE: str(life)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                errors="replace",
                pass_fds=(life,),
                process_group=0,  # Ctrl-C in a terminal is for the scheduler, which asks politely
            )
        except OSError:
            os.close(self._life)
            raise
        finally:
            os.close(life)
        self._readers = [
            threading.Thread(target=reader, args=(stream,), daemon=True)
            for reader, stream in (
                (self._read_answer, self._process.stdout),
                (self._read_events, self._process.stderr),
            )
        ]
        try:
            for reader in self._readers:
                reader.start()
        except RuntimeError:  # no thread could be started
            self._leave()
            raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN)) from None

    def _leave(self) -> None:
        """End a process to which nobody can listen."""
        self._process.kill()
        self._process.wait()
        os.close(self._life)
        for reader, stream in zip(
            self._readers, (self._process.stdout, self._process.stderr), strict=True
        ):
            if reader.ident is None and stream is not None:  # one that runs closes its own
                stream.close()

    def _read_answer(self, stream: IO[str]) -> None:
        with stream:
            self._answer.append(stream.read())

    def _read_events(self, stream: IO[str]) -> None:
        with stream:
            for line in stream:
                event = _object(line)
                if event is None:
                    self._strange += 1
                    continue
                if event.get("event") == "phase":
                    self.phase = str(event.get("phase", ""))
                self._events.append(event)

    def heard(self) -> list[Mapping[str, object]]:
        """Return what it has told since it was last asked, one JSON object per event."""
        return [self._events.popleft() for _ in range(len(self._events))]

    def poll(self) -> End | None:
        """Return how it ended, None while it goes on."""
        status = self._process.poll()
        if status is None:
            return None
        for reader in self._readers:
            reader.join(_LAST_WORDS)
        if self._life >= 0:
            os.close(self._life)
            self._life = -1
        answer = _object("".join(self._answer)) or {}
        return replace(end_of(status, answer, strange=self._strange), started=self._began)

    def stop(self) -> None:
        """Ask it to end before it publishes, or to finish if it publishes already."""
        self._process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()


def end_of(status: int, answer: Mapping[str, object], *, strange: int = 0) -> End:
    """Read how an attempt ended from its exit status and the JSON that it printed."""
    if status not in _KNOWN or not answer:
        how = (
            f"was killed by signal {-status}"
            if status < 0
            else f"ended with status {status} and no word"
        )
        more = f"; {strange} lines that it wrote are not shown" if strange else ""
        return died(
            f"the process of the run {how}{more}",
            help="was memory short? `masker run` by hand shows more",
        )
    if status == 0 and answer.get("outcome") == SKIPPED:
        return End(
            outcome=SKIPPED,
            exit_code=0,
            run=str(answer.get("run") or ""),
            message=str(answer.get("message", "")),
        )
    if status == 0:
        rows = answer.get("rows")
        return End(
            outcome=PUBLISHED,
            exit_code=0,
            run=str(answer.get("run", "")),
            rows=sum(rows.values()) if isinstance(rows, dict) else 0,
            manifest=_path(answer.get("manifest_file")),
        )
    findings = answer.get("findings")
    told = (
        [each for each in findings if isinstance(each, dict)] if isinstance(findings, list) else []
    )
    manifest = _path(answer.get("manifest_file"))
    return End(
        outcome=outcome_of(status),
        exit_code=status,
        run=run_of(manifest),
        message=str(answer.get("message", "")),
        findings=tuple(each for each in told if _stops(each)),
        manifest=manifest,
    )


def _stops(finding: Mapping[str, object]) -> bool:
    return finding.get("severity") != "note" and not finding.get("accepted")


def _path(written: object) -> Path | None:
    return Path(str(written)) if written else None


def _object(text: str) -> dict[str, object] | None:
    try:
        read = json.loads(text)
    except ValueError:
        return None
    return read if isinstance(read, dict) else None

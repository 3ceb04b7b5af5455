"""A PostgreSQL server's process: started, waited for, ended, and never left behind."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from masker.demo.binaries import Account

START_SECONDS = 60.0
STOP_SECONDS = 30.0
# POSIX: ulimit -f counts blocks of 512 bytes.
BLOCK = 512
# Reads until its standard input ends, which is when masker dies in whatever way; a line on it
# means that the server may stay. Portable, and indifferent to which thread started the server
# (Linux's PR_SET_PDEATHSIG fires when that thread ends).
WATCHDOG = 'read -r stay || kill -INT "$0"'


@dataclass(frozen=True, slots=True)
class Postmaster:
    """The server's process and the watchdog that ends it when this process dies."""

    process: subprocess.Popen[bytes]
    watchdog: subprocess.Popen[bytes]

    @classmethod
    def spawn(
        cls,
        command: Sequence[str],
        *,
        log: Path,
        environment: Mapping[str, str],
        runner: Account,
        file_size_limit: int | None = None,
    ) -> Self:
        """Start the server under `runner`; its output goes to the end of `log`."""
        if file_size_limit is not None:
            blocks = max(1, file_size_limit // BLOCK)
            command = ["/bin/sh", "-c", f'ulimit -f {blocks}; exec "$0" "$@"', *command]
        # A session of its own: Ctrl-C in the terminal is for masker alone.
        with log.open("ab") as output:
            process = subprocess.Popen(
                command,
                cwd="/",
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                **runner.popen_options(),
            )
        watchdog = subprocess.Popen(
            ["/bin/sh", "-c", WATCHDOG, str(process.pid)],
            cwd="/",
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            **runner.popen_options(),
        )
        return cls(process, watchdog)

    @property
    def pid(self) -> int:
        """Return the postmaster's process id."""
        return self.process.pid

    @property
    def alive(self) -> bool:
        """Tell whether the postmaster runs."""
        return self.process.poll() is None

    def wait_until_ready(self, cluster: Path) -> bool:
        """Wait until postmaster.pid says `ready`; False, and all ended, when that never comes."""
        deadline = time.monotonic() + START_SECONDS
        while self.alive and time.monotonic() < deadline:
            written = lines(cluster / "postmaster.pid")
            if written[:1] == [str(self.pid)] and written[-1].strip() == "ready":
                return True
            time.sleep(0.02)
        self.kill()
        return False

    def stop(self) -> None:
        """End all sessions and shut down: fast, then immediately, then by force."""
        self._end(signal.SIGINT, signal.SIGQUIT, signal.SIGKILL)

    def kill(self) -> None:
        """Kill the process with SIGKILL."""
        self._end(signal.SIGKILL)

    def dismiss_watchdog(self) -> None:
        """Send the watchdog away, so that the server outlives this process."""
        if self.watchdog.poll() is None:
            self.watchdog.communicate(b"stay\n")

    def _end(self, *signals: signal.Signals) -> None:
        self.dismiss_watchdog()  # first: afterwards the pid may be another process's
        for number in signals:
            if not self.alive:
                return
            self.process.send_signal(number)
            try:
                self.process.wait(timeout=STOP_SECONDS)
            except subprocess.TimeoutExpired:
                continue


def lines(path: Path) -> list[str]:
    """Return the lines of a small file, none when it does not exist."""
    try:
        return path.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return []

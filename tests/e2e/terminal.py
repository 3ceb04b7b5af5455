"""A program on a terminal of its own, as a person has it: keys go in, a screen comes out."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

_STYLE = re.compile(r"\x1b(\[[0-9;?]*[A-Za-z]|\].*?\x07|[()][A-Z0-9])")


class Terminal:
    """A running program and its terminal."""

    def __init__(self, process: subprocess.Popen[bytes], end: int) -> None:
        self.process = process
        self.screen = ""
        self._end = end

    def read(self, until: str = "", *, seconds: float = 60) -> str:
        """Read until a text is on the screen, or to the end of the program; return the screen."""
        deadline = time.monotonic() + seconds
        while not until or until not in self.screen:
            left = deadline - time.monotonic()
            assert left > 0, f"not on the screen: {until!r}\n{self.screen}"
            if not select.select([self._end], [], [], left)[0]:
                continue
            try:
                seen = os.read(self._end, 1 << 16)
            except OSError:  # Linux says so when the last program has closed the terminal
                seen = b""
            if not seen:
                assert not until, f"it ended without {until!r}\n{self.screen}"
                break
            self.screen += _STYLE.sub("", seen.decode(errors="replace"))
        return self.screen

    def type(self, keys: str) -> None:
        os.write(self._end, keys.encode())

    def ended(self) -> int:
        """Read to the end and return the program's status."""
        self.read()
        return self.process.wait(30)


@contextmanager
def terminal(*arguments: str, cwd: Path, environ: Mapping[str, str]) -> Iterator[Terminal]:
    """Run `python -m ARGUMENTS` on a terminal of 120 columns, which Ctrl-C reaches."""
    end, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))

    def own() -> None:
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    process = subprocess.Popen(
        [sys.executable, "-m", *arguments],
        cwd=cwd,
        env={**environ, "TERM": "xterm-256color"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        preexec_fn=own,  # noqa: PLW1509 - nothing else of Python gives a child its terminal
    )
    os.close(theirs)
    try:
        yield Terminal(process, end)
    finally:
        process.kill()
        process.wait()
        os.close(end)

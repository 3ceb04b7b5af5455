"""Ctrl-C, SIGTERM and a closed terminal: every command ends by them, and cleans up undisturbed."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

_SIGNS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_PATIENCE = b"\ncleaning up; Ctrl-C once more ends it at once, and leaves that to the next call\n"


@contextmanager
def interruptible() -> Iterator[None]:
    """Let the first of these signals raise KeyboardInterrupt in the block, and no other.

    A process that heeds no SIGTERM is killed in the middle of its work: by most systems at once,
    as a container's first process after the time that it is given. A second Ctrl-C is answered by
    what goes on, a third one ends the process. What whoever started it has it ignore (`nohup`)
    stays ignored.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # signals are none of its business
        return
    heard: list[int] = []

    def interrupt(number: int, frame: FrameType | None) -> None:
        del frame
        heard.append(number)
        if len(heard) == 1:
            raise KeyboardInterrupt
        if number != signal.SIGINT:
            return
        if heard.count(signal.SIGINT) > 2:  # noqa: PLR2004 - one to end it, one by reflex
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
        with suppress(OSError, ValueError):  # not through a buffer that was being written to
            os.write(sys.__stderr__.fileno(), _PATIENCE)  # type: ignore[union-attr]

    before = {sign: signal.getsignal(sign) for sign in _SIGNS}
    ours = [sign for sign, handler in before.items() if handler != signal.SIG_IGN]
    for sign in ours:
        signal.signal(sign, interrupt)
    try:
        yield
    finally:
        for sign in ours:
            signal.signal(sign, before[sign])

"""COPY OUT in blocks: the rows of many CopyData messages at once, read from the socket itself.

libpq, and so psycopg, hands COPY data out one row a call; at a million rows a second those calls
cost more than the server does. While a connection is idle, its socket is at a message boundary
and libpq's buffer is empty, so the COPY may be sent and read here, message for message as the
PostgreSQL manual describes them ("Frontend/Backend Protocol", 54.7 "Message Formats"), and the
connection handed back as idle as it was. Encrypted connections are left to psycopg.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

HEADER = 5  # a message's type byte and the four bytes of its length
MARK = b"0000\t"  # as long as a header
_NEWLINE = 0x0A
_COPY_DATA = ord("d")
_ERROR = ord("E")
_READY = b"Z\0\0\0\5"  # ReadyForQuery without its last byte, the transaction's state

Bytes = NDArray[np.uint8]


class WireError(Exception):
    """The server answered with an error, told by its fields; never seen outside the engine."""

    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__(fields.get("C", ""))
        self.fields = fields


@dataclass(slots=True)
class Block:
    """Whole CopyData messages, each one row: their bytes and where each message begins.

    `buffer` is a view of the reader's memory: take the text before asking for the next block.
    """

    buffer: Bytes
    starts: NDArray[np.int64]

    @property
    def rows(self) -> int:
        """Return the number of rows."""
        return len(self.starts)

    def text(self) -> bytes:
        """Return the rows as COPY text, the messages' headers taken out."""
        keep = np.ones(len(self.buffer), dtype=bool)
        for offset in range(HEADER):
            keep[self.starts + offset] = False
        return self.buffer[keep].tobytes()

    def marked(self) -> bytes:
        """Return the rows as COPY text with `MARK` in front of each: one more column.

        Overwriting a header in place is several times as fast as cutting it out.
        """
        for offset, byte in enumerate(MARK):
            self.buffer[self.starts + offset] = byte
        return self.buffer.tobytes()


def boundaries(buffer: Bytes) -> tuple[NDArray[np.int64], int]:
    """Return where the whole CopyData messages of a buffer begin, and where the last one ends.

    The buffer begins with a message. COPY text escapes newlines, so a row's only newline is its
    last byte, and every message but the first follows one. A newline byte inside a length, or a
    length that ends in one before a row that starts with `d`, looks the same: so each candidate's
    length must lead to the next candidate, and only what is reached from the first one counts.
    """
    ends = np.flatnonzero(buffer == _NEWLINE) + 1
    ends = ends[ends + HEADER <= len(buffer)]
    starts = np.concatenate([np.zeros(1, dtype=np.int64), ends[buffer[ends] == _COPY_DATA]])
    if len(buffer) < HEADER or buffer[0] != _COPY_DATA:
        return starts[:0], 0
    lengths = np.zeros(len(starts), dtype=np.int64)
    for offset in range(1, HEADER):
        lengths = (lengths << 8) | buffer[starts + offset]
    after = starts + 1 + lengths
    if not np.array_equal(after[:-1], starts[1:]):
        starts, after = _reached(starts, after)
    if after[-1] > len(buffer):
        starts, after = starts[:-1], after[:-1]
    return starts, int(after[-1]) if len(after) else 0


def _reached(
    starts: NDArray[np.int64], after: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Keep the candidates that a walk along the lengths reaches; pointers double each round."""
    none = len(starts)
    following = np.searchsorted(starts, after)
    known = following < none
    known[known] &= starts[following[known]] == after[known]
    following = np.append(np.where(known, following, none), none)
    reached = np.zeros(1, dtype=np.int64)
    while True:
        more = following[reached]
        more = more[more < none]
        if not len(more):
            break
        reached = np.concatenate([reached, more])
        following = following[following]
    reached.sort()
    return starts[reached], after[reached]


def copy_out(link: socket.socket, statement: str, *, block_bytes: int) -> Iterator[Block]:
    """Send a COPY … TO STDOUT over an idle connection's socket and yield its rows in blocks.

    When the generator ends, the connection is idle again. When it is closed early the connection
    is in the middle of a COPY and the caller must close it. Raise WireError for an error of the
    server, OSError when the connection breaks or the socket's timeout passes.
    """
    query = statement.encode() + b"\0"
    link.sendall(b"Q" + struct.pack("!I", len(query) + 4) + query)
    buffer = np.empty(block_bytes, dtype=np.uint8)
    filled = 0
    fields: dict[str, str] | None = None
    while True:
        filled, done = _fill(link, buffer, filled)
        taken = 0
        while filled - taken >= HEADER:
            if buffer[taken] == _COPY_DATA:
                starts, size = boundaries(buffer[taken:filled])
                if not size:
                    break
                yield Block(buffer[taken : taken + size], starts)
            else:
                size = 1 + int.from_bytes(buffer[taken + 1 : taken + HEADER].tobytes(), "big")
                if filled - taken < size:
                    break
                if buffer[taken] == _ERROR:
                    fields = _fields(buffer[taken + HEADER : taken + size].tobytes())
            taken += size
        if done and taken == filled:
            break
        left = buffer[taken:filled].copy()
        if not taken and filled == len(buffer):
            buffer = np.empty(2 * len(buffer), dtype=np.uint8)  # one row is longer than a block
        buffer[: len(left)] = left
        filled = len(left)
    if fields is not None:
        raise WireError(fields)


def _fill(link: socket.socket, buffer: Bytes, filled: int) -> tuple[int, bool]:
    """Receive until the buffer is full or the server is ready for the next query.

    COPY text holds no zero byte, so the six bytes of ReadyForQuery cannot stand inside a row.
    """
    view = buffer.data
    while filled < len(buffer):
        got = link.recv_into(view[filled:])
        if not got:
            raise ConnectionError("the server closed the connection")
        filled += got
        if filled > len(_READY) and bytes(view[filled - 1 - len(_READY) : filled - 1]) == _READY:
            return filled, True
    return filled, False


def _fields(body: bytes) -> dict[str, str]:
    """Return the fields of an ErrorResponse by their type letter."""
    parts = body.rstrip(b"\0").split(b"\0")
    return {part[:1].decode(): part[1:].decode(errors="replace") for part in parts if part}

"""COPY OUT read from the socket: framing, faults, and the connection as idle as before."""

import os
import socket
import struct
import threading

import numpy as np
import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from masker.engines.postgres.wire import HEADER, MARK, Block, WireError, boundaries, copy_out

# Rows as the server sends them: no raw newline but the last byte, no zero byte.
row = st.binary(min_size=0, max_size=400).map(
    lambda b: b.replace(b"\n", b"d").replace(b"\0", b"d") + b"\n"
)


def message(payload):
    return b"d" + struct.pack("!I", len(payload) + 4) + payload


@given(st.lists(row, min_size=1, max_size=60), st.integers(0, 30))
def test_boundaries_are_those_of_the_messages(rows, cut):
    stream = b"".join(map(message, rows))
    stream = stream[: len(stream) - min(cut, len(stream) - 1)]
    starts, end = boundaries(np.frombuffer(stream, dtype=np.uint8))
    expected, at = [], 0
    for payload in rows:
        if at + HEADER + len(payload) > len(stream):
            break
        expected.append(at)
        at += HEADER + len(payload)
    assert starts.tolist() == expected
    assert end == at


@pytest.mark.parametrize(
    "payload",
    [b"d2345\n", b"d" * 261 + b"\n", b"x" * 2655 + b"d" + b"\n" * 1, b"d\n"],
    ids=["length-10", "length-266", "length-2660-looks-like-newline-d", "shortest"],
)
def test_a_length_that_looks_like_the_end_of_a_row_is_seen_through(payload):
    rows = [payload] * 50
    starts, end = boundaries(np.frombuffer(b"".join(map(message, rows)), dtype=np.uint8))
    assert len(starts) == len(rows)
    assert end == 50 * (HEADER + len(payload))


@pytest.fixture
def connection(production):
    with psycopg.connect(production.url("postgres"), autocommit=True) as made:
        yield made


@pytest.fixture
def link(connection):
    with socket.socket(fileno=os.dup(connection.fileno())) as made:
        made.settimeout(30)
        yield made


ROWS = "select i, repeat('d', i % 300), case when i % 7 > 0 then i::text end from generate_series"


@pytest.mark.parametrize("block", [64, 4096, 1 << 20])
@pytest.mark.parametrize("count", [0, 1, 3000])
def test_blocks_hold_what_copy_sends(connection, link, block, count):
    statement = f"copy ({ROWS}(1, {count}) i) to stdout"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        expected = b"".join(copy)
    blocks = [(b.rows, b.text()) for b in copy_out(link, statement, block_bytes=block)]
    assert b"".join(text for _, text in blocks) == expected
    assert sum(rows for rows, _ in blocks) == count
    assert connection.execute("select 1").fetchone() == (1,)


def test_marked_rows_have_one_more_column(link):
    statement = "copy (select 'a', null) to stdout"
    (block,) = [b.marked() for b in copy_out(link, statement, block_bytes=4096)]
    assert block == b"0000\ta\t\\N\n"


def test_an_error_of_the_server_leaves_the_connection_usable(connection, link):
    with pytest.raises(WireError) as caught:
        list(copy_out(link, "copy nowhere to stdout", block_bytes=4096))
    assert caught.value.fields["C"] == "42P01"
    assert connection.execute("select 1").fetchone() == (1,)


def test_an_error_in_the_middle_is_raised_after_the_rows(connection, link):
    statement = "copy (select 1 / (5000 - i) from generate_series(1, 9000) i) to stdout"
    rows = 0
    with pytest.raises(WireError) as caught:
        for block in copy_out(link, statement, block_bytes=4096):
            rows += block.rows
    assert caught.value.fields["C"] == "22012"
    assert 0 < rows < 5000
    assert connection.execute("select 1").fetchone() == (1,)


def test_a_cancel_from_another_thread_ends_the_copy(connection, link):
    timer = threading.Timer(0.3, lambda: connection.cancel_safe(timeout=5))
    timer.start()
    with pytest.raises(WireError) as caught:
        list(copy_out(link, "copy (select pg_sleep(20)) to stdout", block_bytes=4096))
    timer.join()
    assert caught.value.fields["C"] == "57014"


def test_a_server_that_hangs_up_is_a_connection_error(connection, link, production):
    other = psycopg.connect(production.url("postgres"), autocommit=True)
    pid = connection.info.backend_pid
    timer = threading.Timer(0.3, lambda: other.execute("select pg_terminate_backend(%s)", [pid]))
    timer.start()
    with pytest.raises((WireError, ConnectionError)):
        list(copy_out(link, "copy (select pg_sleep(20)) to stdout", block_bytes=4096))
    timer.join()
    other.close()


@given(st.lists(row, min_size=1, max_size=60))
def test_a_mark_stands_where_the_header_was(rows):
    stream = np.frombuffer(b"".join(map(message, rows)), dtype=np.uint8).copy()
    starts, _ = boundaries(stream)
    assert Block(stream.copy(), starts).marked() == b"".join(MARK + payload for payload in rows)
    assert Block(stream, starts).text() == b"".join(rows)

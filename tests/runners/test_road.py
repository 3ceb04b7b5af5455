"""Several threads on one road: order kept, memory bounded, the first failure told."""

import threading
import time

import pytest

from masker.runners.road import QUEUE_LENGTH, move


def nothing(*_):
    return 1, 0


def into(written):
    def write(block):
        written.append(block)
        return 1, len(block)

    return write


def masked(block):
    return block.upper()


def test_blocks_arrive_in_order_and_are_counted():
    written, told = [], []
    move(
        (bytes([97 + i % 26]) for i in range(100)),
        (masked, bytes.swapcase),
        into(written),
        moved=lambda rows, size: told.append((rows, size)),
        cancel=nothing,
    )
    assert written == [bytes([97 + i % 26]) for i in range(100)]
    assert told == [(1, 1)] * 100


def test_no_blocks_are_fine():
    written = []
    move(iter(()), (masked,), into(written), moved=nothing, cancel=nothing)
    assert written == []


def test_a_slow_writer_holds_the_reader_back():
    read, ahead, written = 0, [], []

    def blocks():
        nonlocal read
        for _ in range(30):
            read += 1
            yield b"x"

    def write(block):
        time.sleep(0.005)
        written.append(block)
        ahead.append(read - len(written))
        return 1, len(block)

    move(blocks(), (masked,), write, moved=nothing, cancel=nothing)
    # Two full queues, one block in each thread's hands.
    assert max(ahead) <= 2 * QUEUE_LENGTH + 3
    assert len(written) == 30


def broken(_=None):
    raise ValueError("the first failure")


def endless():
    while True:
        yield b"x"


def failing_reader():
    yield b"x"
    broken()


@pytest.mark.parametrize(
    ("read", "steps", "write"),
    [
        pytest.param(failing_reader, (masked,), nothing, id="reader"),
        pytest.param(endless, (broken,), nothing, id="first-step"),
        pytest.param(endless, (masked, broken), nothing, id="second-step"),
        pytest.param(endless, (masked,), broken, id="writer"),
        pytest.param(endless, (), broken, id="writer-alone"),
    ],
)
def test_the_first_failure_stops_all_and_is_raised(read, steps, write):
    cancelled = []
    with pytest.raises(ValueError, match="the first failure"):
        move(read(), steps, write, moved=nothing, cancel=lambda: cancelled.append(1))
    assert cancelled == [1]
    assert not [t for t in threading.enumerate() if t.name.startswith(("reader", "step"))]


def test_cancel_wakes_a_reader_that_waits_for_its_server():
    woken = threading.Event()

    def stuck():
        yield b"x"
        assert woken.wait(20)

    with pytest.raises(ValueError, match="the first failure"):
        move(stuck(), (masked,), broken, moved=nothing, cancel=woken.set)


def test_control_c_in_the_writing_thread_stops_the_others():
    def interrupted(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        move(endless(), (masked,), interrupted, moved=nothing, cancel=nothing)
    assert not [t for t in threading.enumerate() if t.name.startswith(("reader", "step"))]

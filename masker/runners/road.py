"""One table range from source to target: reading, each step and writing overlap in threads.

Reading and writing wait for the network and release the interpreter's lock, and so do polars'
expressions; bounded queues between them give back-pressure, so memory is flat in the table's size.
"""

from __future__ import annotations

import functools
import itertools
import queue
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

Item = TypeVar("Item")
Step = Callable[[Any], Any]
QUEUE_LENGTH = 1  # batches under way between two threads
_POLL = 0.1  # seconds between looks at the stop sign


class Stopped(Exception):  # noqa: N818 - a signal between threads, never seen outside
    """Another thread of the road failed; there is nothing left to do."""


class Road:
    """Threads that share a stop sign; the first failure is the one that is raised.

    `cancel` is called once on the first failure, so that a thread that waits for a server wakes.
    """

    def __init__(self, cancel: Callable[[], None]) -> None:
        self._cancel = cancel
        self._stop = threading.Event()
        self._failures: list[BaseException] = []
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []

    def start(self, name: str, work: Callable[[], None]) -> None:
        """Run work in a thread of its own."""
        thread = threading.Thread(target=self._guarded, args=(work,), name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Stopped:
            return
        except BaseException as failure:  # noqa: BLE001 - raised again in the caller's thread
            self.fail(failure)

    def fail(self, failure: BaseException) -> None:
        """Record a failure and tell all threads to stop."""
        with self._lock:
            first = not self._failures
            self._failures.append(failure)
        self._stop.set()
        if first:
            self._cancel()

    def put(self, line: queue.Queue[Item], item: Item) -> None:
        """Put an item, waiting while the queue is full; Stopped when the road failed."""
        while not self._stop.is_set():
            try:
                line.put(item, timeout=_POLL)
            except queue.Full:
                continue
            return
        raise Stopped

    def take(self, line: queue.Queue[Item | None]) -> Iterator[Item]:
        """Yield items until None comes; Stopped when the road failed."""
        while not self._stop.is_set():
            try:
                item = line.get(timeout=_POLL)
            except queue.Empty:
                continue
            if item is None:
                return
            yield item
        raise Stopped

    def finish(self) -> None:
        """Wait for all threads and raise the first failure."""
        for thread in self._threads:
            thread.join()
        if self._failures:
            raise self._failures[0]


def move(
    read: Iterable[Any],
    steps: Sequence[Step],
    write: Callable[[Any], tuple[int, int]],
    *,
    moved: Callable[[int, int], None],
    cancel: Callable[[], None],
) -> None:
    """Move all batches of `read` through `steps` into `write`.

    A step takes what the one before it returns, in a thread of its own. `write` returns the numbers
    of rows and bytes written; `moved` is told both of every batch. The caller's thread writes;
    whatever fails first is raised, and `cancel` is called so that a reader that waits for the
    source does not wait for ever. What `read` and `write` do besides waiting overlaps with the
    steps, too.
    """
    road = Road(cancel)
    lines: list[queue.Queue[Any]] = [queue.Queue(QUEUE_LENGTH) for _ in range(len(steps) + 1)]

    def reader() -> None:
        for batch in read:
            road.put(lines[0], batch)
        road.put(lines[0], None)

    def stepper(
        step: Callable[[Any], Any], before: queue.Queue[Any], after: queue.Queue[Any]
    ) -> None:
        for batch in road.take(before):
            road.put(after, step(batch))
        road.put(after, None)

    road.start("reader", reader)
    for number, (step, ends) in enumerate(zip(steps, itertools.pairwise(lines), strict=True)):
        road.start(f"step {number + 1}", functools.partial(stepper, step, *ends))
    try:
        for batch in road.take(lines[-1]):
            moved(*write(batch))
    except Stopped:
        pass
    except BaseException as failure:  # noqa: BLE001 - raised by finish(), after the threads ended
        road.fail(failure)
    road.finish()

"""One table range from source to target: read, mask and write overlap in three threads.

Reading and writing wait for the network and release the interpreter's lock, and so do polars'
expressions; bounded queues between them give back-pressure, so memory is flat in the table's size.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")
Raw = TypeVar("Raw")
Ready = TypeVar("Ready")
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
    read: Iterable[Raw],
    mask: Callable[[Raw], tuple[Ready, int]],
    write: Callable[[Ready], int],
    *,
    moved: Callable[[int, int], None],
    cancel: Callable[[], None],
) -> None:
    """Move all batches of `read` through `mask` into `write`.

    `mask` returns the masked batch and its number of rows, `write` the number of bytes written;
    `moved` is told both of every batch. The caller's thread writes; whatever fails first is
    raised, and `cancel` is called so that a reader that waits for the source does not wait for
    ever. What `read` and `write` do besides waiting overlaps with the masking, too.
    """
    road = Road(cancel)
    raw: queue.Queue[Raw | None] = queue.Queue(QUEUE_LENGTH)
    ready: queue.Queue[tuple[Ready, int] | None] = queue.Queue(QUEUE_LENGTH)

    def reader() -> None:
        for batch in read:
            road.put(raw, batch)
        road.put(raw, None)

    def masker() -> None:
        for batch in road.take(raw):
            road.put(ready, mask(batch))
        road.put(ready, None)

    road.start("reader", reader)
    road.start("masker", masker)
    try:
        for batch, rows in road.take(ready):
            moved(rows, write(batch))
    except Stopped:
        pass
    except BaseException as failure:  # noqa: BLE001 - raised by finish(), after the threads ended
        road.fail(failure)
    road.finish()

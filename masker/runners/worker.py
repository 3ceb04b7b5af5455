"""A worker process: gets everything, the key included, through a socket; dies with its parent.

Started as `python -m masker.runners.worker FD LIFE`: `FD` is one end of a socket pair, `LIFE` the
reading end of a pipe whose writing end only the parent holds.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from multiprocessing.connection import Connection

from masker.catalog import TableName
from masker.errors import Bug, MaskerError
from masker.extract import Range
from masker.runners.lane import Journey, Lane
from masker.runners.messages import Failed, Finished, Moved, Sealed


def main(channel: int, life: int) -> None:
    """Serve ranges until the parent sends None, then hand over the evidence."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what Ctrl-C means
    threading.Thread(target=_die_with_parent, args=(life,), daemon=True).start()
    connection = Connection(channel)
    try:
        journey = connection.recv()
        _serve(connection, journey)
    except MaskerError as failure:
        connection.send(Failed(failure))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return  # the parent is gone
    except Exception as failure:  # noqa: BLE001 - told to the parent as ours, without its text
        connection.send(Failed(_bug(failure)))


def _serve(connection: Connection, journey: Journey) -> None:
    with Lane(journey) as lane:
        while True:
            part: Range | None = connection.recv()
            if part is None:
                break
            table = part.table

            def moved(rows: int, size: int, table: TableName = table) -> None:
                connection.send(Moved(table, rows, size))

            lane.run(part, moved=moved)
            connection.send(Finished(part))
        connection.send(Sealed(lane.seal()))


def _bug(failure: Exception) -> Bug:
    """Name the kind and place of a failure of ours; its text may hold values."""
    trace = failure.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = (
        f"{os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}"  # noqa: PTH119
        if trace is not None
        else "unknown place"
    )
    return Bug(
        f"a worker failed with {type(failure).__name__} at {place}",
        help="please report this with the version of masker and the plan",
    )


def _die_with_parent(life: int) -> None:
    os.read(life, 1)  # returns only when the parent has gone and its end is closed
    os._exit(70)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))

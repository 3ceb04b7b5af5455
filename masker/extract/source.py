"""One lane's view of the source: a session in the run's snapshot, tables in ranges."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Self

from masker.catalog import TableName
from masker.engines.postgres.address import Address
from masker.engines.postgres.read import Part, join_snapshot, parts, parts_by_number, read
from masker.engines.postgres.session import Session, Side
from masker.engines.rows import Ids
from masker.extract.pace import Pace
from masker.plan.model import Plan, Step
from masker.rules.policy import Treatment

Range = Part
_SHARES = 4  # ranges a worker gets of a table, so that none waits long for the last one


class Extract:
    """Read ranges of tables, all as of one snapshot."""

    def __init__(self, session: Session, *, pace: Pace, encoding: str | None = None) -> None:
        self._session = session
        self._pace = pace
        self._encoding = encoding
        self._stop = threading.Event()

    @classmethod
    def join(
        cls, address: Address, snapshot: str, *, pace: Pace, encoding: str | None = None
    ) -> Self:
        """Open a session on the source that sees an exported snapshot.

        `encoding` is the true one of a SQL_ASCII database.
        """
        session = Session.open(address, side=Side.SOURCE)
        try:
            join_snapshot(session, snapshot)
        except BaseException:
            session.close()
            raise
        return cls(session, pace=pace, encoding=encoding)

    def read(
        self, part: Range, columns: Sequence[str], *, batch_bytes: int, marked: bool = False
    ) -> Iterator[bytes]:
        """Yield a range's rows as blocks of COPY text, with `marked` a mark before each row."""
        return self._pace.keep(
            read(
                self._session,
                part,
                columns,
                batch_bytes=batch_bytes,
                max_duration=self._pace.max_duration,
                encoding=self._encoding,
                marked=marked,
            ),
            stop=self._stop,
        )

    def cancel(self) -> None:
        """Ask the source to stop what it sends, and wait no more; safe from another thread."""
        self._stop.set()
        self._session.cancel()

    def close(self) -> None:
        """Close the session."""
        self._session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def ranges(
    plan: Plan, *, workers: int, kept: Mapping[TableName, Ids | None] | None = None
) -> list[Range]:
    """Return the ranges of all loaded tables, those of the largest tables first.

    Of a table in `kept` with numbers only those rows are read. The order decides only how evenly
    workers end: foreign keys are built after the load.
    """
    steps = [step for step in plan.steps if step.treatment is Treatment.LOAD]
    largest_first: Iterable[Step] = sorted(steps, key=lambda step: -step.pages)
    count = workers * _SHARES if workers > 1 else 1
    return [part for step in largest_first for part in _ranges(step, count, kept or {})]


def _ranges(step: Step, count: int, kept: Mapping[TableName, Ids | None]) -> Iterable[Range]:
    ids = kept.get(step.table)
    if ids is None:
        return parts(step.table, pages=step.pages, count=count, where=step.where)
    # The table's own condition chose among them already, and parents come whatever it says.
    return parts_by_number(step.table, ids, count=count)

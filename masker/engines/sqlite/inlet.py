"""Where rows go into a new file: one connection, one transaction for each part of a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Self

from masker.catalog import TableName
from masker.engines.engine import Write
from masker.engines.sqlite import layout as lay
from masker.engines.sqlite.address import Address
from masker.engines.sqlite.codec import Block
from masker.engines.sqlite.session import Session, Side, quote
from masker.engines.sqlite.values import has_broken_text

# Nobody sees the file before it is whole, and a run that dies leaves it to be dropped.
_PRAGMAS = (
    "PRAGMA journal_mode = OFF",
    "PRAGMA synchronous = OFF",
    "PRAGMA locking_mode = EXCLUSIVE",
    "PRAGMA cache_size = -65536",
)


def open_new(path: Path) -> Session:
    """Open a file that a run is making, which must be there, with nothing kept for a crash."""
    session = Session.open(Address(path), side=Side.TARGET)
    try:
        for pragma in _PRAGMAS:
            session.query(pragma)
    except BaseException:
        session.close()
        raise
    return session


class SqliteInlet:
    """Loads rows by INSERT."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @contextmanager
    def load(self, table: TableName, columns: Sequence[str]) -> Iterator[Write]:
        """Load rows of these columns into a table, in one transaction.

        Without a journal a failure leaves what was written: the file is worth nothing then.
        """
        self._session.execute("BEGIN")
        yield self.writing(table, columns)
        self._session.execute("COMMIT")

    def writing(self, table: TableName, columns: Sequence[str], conflict: str = "") -> Write:
        """Return what writes blocks into a table; `conflict` ends its INSERT."""
        what = f"loading `{table}`"
        plain = _insert(table, columns, [False] * len(columns)) + conflict

        def write(block: Block) -> int:
            before = self._size()
            with self._session.mapped(what):
                if columns and _is_broken(block):
                    self._write_bytes(table, columns, block, conflict)
                else:
                    self._session.raw.executemany(plain, block)
            return max(0, self._size() - before)

        return write

    def _write_bytes(
        self, table: TableName, columns: Sequence[str], block: Block, conflict: str
    ) -> None:
        """Write rows some of whose texts are no UTF-8, which sqlite3 binds as bytes only."""
        values = list(zip(*block, strict=True))
        broken = has_broken_text(values)
        bound: list[Sequence[Any]] = []
        for column, apart in zip(values, broken, strict=True):
            if apart:
                bound.append([isinstance(value, str) for value in column])
                bound.append([_raw(value) for value in column])
            else:
                bound.append(column)
        statement = _insert(table, columns, broken) + conflict
        self._session.raw.executemany(statement, zip(*bound, strict=True))

    def _size(self) -> int:
        pages: int = self._session.one("PRAGMA page_count")
        size: int = self._session.one("PRAGMA page_size")
        return pages * size

    def close(self) -> None:
        """Close the connection."""
        self._session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _insert(table: TableName, columns: Sequence[str], broken: Sequence[bool]) -> str:
    if not columns:
        return f"INSERT INTO {lay.sql(table)} DEFAULT VALUES"
    names = ", ".join(map(quote, columns))
    both = "iif(?, CAST(?{} AS TEXT), ?{})"
    place = 0
    marks: list[str] = []
    for apart in broken:
        place += 2 if apart else 1
        marks.append(
            both.replace("?,", f"?{place - 1},", 1).format(place, place) if apart else f"?{place}"
        )
    return f"INSERT INTO {lay.sql(table)} ({names}) VALUES ({', '.join(marks)})"


def _is_broken(block: Block) -> bool:
    return any(has_broken_text([list(chain.from_iterable(block))]))


def _raw(value: Any) -> Any:
    return value.encode("utf-8", "surrogateescape") if isinstance(value, str) else value


@dataclass(frozen=True, slots=True)
class SqliteWriter:
    """The new file, for whoever writes to it."""

    path: Path

    def open(self) -> SqliteInlet:
        """Open the file, which must be there; its tables have neither indexes nor triggers."""
        return SqliteInlet(open_new(self.path))

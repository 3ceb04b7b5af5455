"""How many rows tables hold and how much room they take, without reading them whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from masker.engines.sqlite.session import MAIN, Session, quote

COUNTED = 100_000  # rows that are counted one by one; beyond them a statistic must do
_STATISTICS = "SELECT tbl, max(CAST(stat AS INTEGER)) FROM sqlite_stat1 GROUP BY tbl"


@dataclass(frozen=True, slots=True)
class Sizes:
    """Estimates by table."""

    rows: Mapping[str, int | None]
    bytes: Mapping[str, int]

    @classmethod
    def read(cls, session: Session, tables: Sequence[str]) -> Self:
        """Read the estimates: rows counted where they are few, else as ANALYZE found them.

        Bytes are the file's, divided by rows and columns: SQLite knows them of a table only by
        reading all of it.
        """
        there = session.one("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_stat1'")
        known = dict(session.query(_STATISTICS)) if there else {}
        rows = {table: _rows(session, table, known.get(table)) for table in tables}
        return cls(rows, _bytes(session, rows))

    def of(self, table: str) -> tuple[int | None, int]:
        """Return a table's rows, None where nobody knows, and its bytes."""
        return self.rows[table], self.bytes[table]


def _rows(session: Session, table: str, analysed: int | None) -> int | None:
    some = f"SELECT 1 FROM {quote(MAIN, table)} LIMIT {COUNTED + 1}"
    counted: int = session.one(f"SELECT count(*) FROM ({some})")
    if counted <= COUNTED:
        return counted
    return max(analysed, counted) if analysed else None


def _bytes(session: Session, rows: Mapping[str, int | None]) -> dict[str, int]:
    size = session.one("PRAGMA page_count") * session.one("PRAGMA page_size")
    width = dict(
        session.query(
            "SELECT t.name, count(*) FROM sqlite_schema t, pragma_table_info(t.name) c "
            "WHERE t.type = 'table' AND t.rootpage > 0 GROUP BY t.name"
        )
    )
    most = max([1, *(count for count in rows.values() if count is not None)])
    shares = {
        table: (most if count is None else count) * (1 + width.get(table, 1))
        for table, count in rows.items()
    }
    every = sum(shares.values()) or 1
    return {table: size * share // every for table, share in shares.items()}

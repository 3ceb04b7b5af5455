"""How the tables of one snapshot number their rows: looked up once, for whoever asks by number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from masker.catalog import TableName
from masker.engines.rows import Ids
from masker.engines.sqlite import given
from masker.engines.sqlite import layout as lay
from masker.engines.sqlite.fetch import BATCH_BYTES, Row, batches
from masker.engines.sqlite.layout import Layout
from masker.engines.sqlite.numbering import Numbering
from masker.engines.sqlite.session import Session, quote


class Places:
    """Layouts of tables, and the numberings of those WITHOUT ROWID that were asked for."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._without = {one.name: one.without_rowid for one in lay.relations(session)}
        self._layouts: dict[TableName, Layout] = {}
        self._numberings: dict[TableName, Numbering] = {}

    def layout(self, table: TableName) -> Layout:
        """Return how a table names its rows."""
        if table not in self._layouts:
            without = self._without[table.name]
            self._layouts[table] = lay.layout(self._session, table, without_rowid=without)
        return self._layouts[table]

    def numbering(self, table: TableName) -> Numbering:
        """Return the numbers of a table WITHOUT ROWID; the first call reads its key."""
        if table not in self._numberings:
            made = Numbering(self._session, table, self.layout(table))
            self._numberings[table] = made
        return self._numberings[table]

    def names(self, alias: str, table: TableName) -> list[str]:
        """Return the SQL that names a row of a table: its rowid, or the columns of its key."""
        layout = self.layout(table)
        names = [layout.rowid] if layout.rowid is not None else [name for name, _ in layout.key]
        return [f"{alias}.{quote(name)}" for name in names]

    def rows(
        self,
        table: TableName,
        ids: Ids,
        columns: Sequence[str],
        *,
        batch_bytes: int = BATCH_BYTES,
    ) -> Iterator[tuple[Ids, list[Row]]]:
        """Yield rows by number as they are stored; `columns` are SQL."""
        layout = self.layout(table)
        if layout.rowid is None:
            yield from self.numbering(table).rows(ids, columns)
            return
        what = f"reading rows of {table}"
        wanted = ", ".join([*self.names("t", table), *columns])
        rows = (
            f"SELECT {wanted} FROM {lay.sql(table)} t "
            f"WHERE t.{quote(layout.rowid)} IN (SELECT value FROM json_each(?))"
        )
        for part in given.chunks(ids):
            with self._session.cursor(what, rows, [given.numbers(part)]) as cursor:
                for batch in batches(cursor, batch_bytes):
                    numbers = np.array([row[0] for row in batch], dtype=np.int64)
                    yield numbers, [row[1:] for row in batch]

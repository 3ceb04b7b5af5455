"""Where a lane reads: the source's own connection, for no other shares its snapshot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Self

from masker.engines.part import Part
from masker.engines.sqlite import layout as lay
from masker.engines.sqlite.codec import Block, Values
from masker.engines.sqlite.fetch import batches
from masker.engines.sqlite.places import Places
from masker.engines.sqlite.session import Session, quote
from masker.errors import Bug


def read(
    session: Session,
    places: Places,
    part: Part,
    columns: Sequence[str],
    *,
    batch_bytes: int,
    max_duration: float | None = None,
) -> Iterator[Block]:
    """Yield a part's rows in blocks of about `batch_bytes`, every value as it is stored."""
    names = [quote(column) for column in columns]
    what = f"reading {part.table}"
    with session.limited(what, max_duration):
        if part.ids is not None:
            if part.where is not None:
                raise Bug("rows were asked for by number and by a condition")
            for _, rows in places.rows(part.table, part.ids, names, batch_bytes=batch_bytes):
                yield rows
            return
        # The newline ends a comment that the predicate may end with.
        where = f" WHERE ({part.where}\n)" if part.where is not None else ""
        wanted = ", ".join(names) or "NULL"
        with session.cursor(what, f"SELECT {wanted} FROM {lay.sql(part.table)}{where}") as cursor:
            for rows in batches(cursor, batch_bytes):
                yield rows if names else [()] * len(rows)


class SqliteOutlet:
    """Reads parts of tables through the source's connection, which stays open afterwards."""

    def __init__(self, session: Session, places: Places) -> None:
        self._session = session
        self._places = places

    def read(
        self, part: Part, codec: Values, *, batch_bytes: int, max_duration: float | None
    ) -> Iterator[Block]:
        """Yield the rows of a part in blocks of tuples."""
        return read(
            self._session,
            self._places,
            part,
            codec.names,
            batch_bytes=batch_bytes,
            max_duration=max_duration,
        )

    def cancel(self) -> None:
        """Stop what is being read; safe from another thread."""
        self._session.cancel()

    def close(self) -> None:
        """Leave the connection to the source, which closes it."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class SqliteReader:
    """Opens outlets in the process that opened the source: one file, one snapshot."""

    session: Session = field(repr=False)
    places: Places = field(repr=False)

    def open(self) -> SqliteOutlet:
        """Return the source's connection as an outlet."""
        return SqliteOutlet(self.session, self.places)

"""Where a lane reads: a session of its own in the run's snapshot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Self

from masker.engines.part import Part
from masker.engines.postgres.address import Address
from masker.engines.postgres.codec import CopyText
from masker.engines.postgres.read import join_snapshot, read
from masker.engines.postgres.session import Session, Side


class PostgresOutlet:
    """Reads parts of tables as COPY text; `encoding` is the true one of a SQL_ASCII database."""

    def __init__(self, session: Session, *, encoding: str | None = None) -> None:
        self._session = session
        self._encoding = encoding

    def read(
        self, part: Part, codec: CopyText, *, batch_bytes: int, max_duration: float | None
    ) -> Iterator[bytes]:
        """Yield the rows of a part in blocks of COPY text."""
        return read(
            self._session,
            part,
            codec.names,
            batch_bytes=batch_bytes,
            max_duration=max_duration,
            encoding=self._encoding,
            marked=codec.marked,
        )

    def cancel(self) -> None:
        """Ask the server to stop what it sends; safe from another thread."""
        self._session.cancel()

    def close(self) -> None:
        """Close the session."""
        self._session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresReader:
    """Opens outlets, in whichever process, that see an exported snapshot."""

    address: Address = field(repr=False)
    snapshot: str
    encoding: str | None = None

    def open(self) -> PostgresOutlet:
        """Open a session that sees the snapshot, else ConfigError."""
        session = Session.open(self.address, side=Side.SOURCE)
        try:
            join_snapshot(session, self.snapshot)
        except BaseException:
            session.close()
            raise
        return PostgresOutlet(session, encoding=self.encoding)

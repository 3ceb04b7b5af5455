"""Read a source: one snapshot for all readers, tables in ranges, rows as blocks of COPY text."""

from __future__ import annotations

import io
import os
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from masker.catalog import TableName
from masker.engines.part import Part
from masker.engines.postgres.encodings import to_utf8
from masker.engines.postgres.numbers import GIVEN, MOST, chunks, give
from masker.engines.postgres.session import Session, literal, quote
from masker.engines.postgres.wire import MARK, copy_out
from masker.engines.rows import Ids
from masker.errors import ConfigError, MaskerError, TryAgainError

BEGIN = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
BATCH_BYTES = 8 << 20
LEAST_ROWS = 4096  # given by number; smaller parts cost more round trips than they save
LEAST_PAGES = 256  # smaller ranges cost more round trips than they save
CANCELLED = "57014"
# What importing a snapshot gives that this server does not know; 42704 from version 17 on.
NO_SUCH_SNAPSHOT = frozenset({"22023", "42704", "58P01"})


def begin_snapshot(session: Session) -> str:
    """Begin a read-only transaction and return the name by which other sessions see the same.

    The snapshot lives as long as this transaction. Standbys can export one too.
    """
    session.execute(BEGIN)
    name: str = session.one("SELECT pg_catalog.pg_export_snapshot()")
    return name


def join_snapshot(session: Session, snapshot: str) -> None:
    """Begin a read-only transaction that sees an exported snapshot, else ConfigError."""
    session.execute(BEGIN)
    try:
        session.execute(f"SET TRANSACTION SNAPSHOT {literal(snapshot)}")
    except MaskerError as failure:
        session.rollback()
        if failure.sqlstate not in NO_SUCH_SNAPSHOT:
            raise
        raise ConfigError(
            f"two connections to `{session.address}` do not reach the same server: "
            "the snapshot of the first is not known to the second",
            help="the URL leads to a pool or a load balancer; name one server itself",
            code="pooled-url",
            subject=session.address.host,
        ) from None


def parts(
    table: TableName, *, pages: int, count: int, where: str | None = None
) -> tuple[Part, ...]:
    """Divide a table of so many blocks into at most `count` ranges of equal size.

    The last one has an open end: the table may have grown since its blocks were counted.
    """
    wanted = max(1, min(count, pages // LEAST_PAGES))
    cuts = [pages * number // wanted for number in range(1, wanted)]
    return tuple(
        Part(table=table, low=low, high=high, where=where)
        for low, high in zip([None, *cuts], [*cuts, None], strict=True)
    )


def parts_by_number(table: TableName, ids: Ids, *, count: int) -> tuple[Part, ...]:
    """Divide rows given by their numbers into `count` parts, or more where that is too many."""
    size = max(LEAST_ROWS, min(MOST, -(-len(ids) // count)))
    return tuple(Part(table=table, ids=each) for each in chunks(ids, size))


def copy_sql(part: Part, columns: Sequence[str], *, as_stored: bool = False) -> str:
    """Return the COPY that reads a part: its own rows only, not those of tables below it.

    `as_stored` asks for the bytes as they are: of an SQL_ASCII database the server would
    otherwise refuse what is not UTF-8.
    """
    table = quote(part.table.schema, part.table.name)
    names = ", ".join(quote(column) for column in columns)
    conditions = [
        *([f"ctid >= '({part.low},0)'"] if part.low is not None else []),
        *([f"ctid < '({part.high},0)'"] if part.high is not None else []),
        *([f"ctid = ANY({GIVEN})"] if part.ids is not None else []),
        # The newline ends a comment that the predicate may end with.
        *([f"({part.where}\n)"] if part.where is not None else []),
    ]
    option = " WITH (ENCODING 'SQL_ASCII')" if as_stored else ""
    if not conditions:  # COPY of a table reads it alone, as ONLY does, without the executor
        return f"COPY {table}{f' ({names})' if names else ''} TO STDOUT{option}"
    rows = f"SELECT {names} FROM ONLY {table} WHERE {' AND '.join(conditions)}"
    return f"COPY ({rows}) TO STDOUT{option}"


def read(
    session: Session,
    part: Part,
    columns: Sequence[str],
    *,
    batch_bytes: int = BATCH_BYTES,
    max_duration: float | None = None,
    encoding: str | None = None,
    marked: bool = False,
) -> Iterator[bytes]:
    """Yield a part's rows as COPY text in blocks of whole rows, about `batch_bytes` each.

    The text is UTF-8; `encoding` is what the bytes of an SQL_ASCII database are said to be. With
    `marked`, `MARK` stands in front of each row, one more column: that is faster to make.
    `max_duration` is the longest the COPY may take, in seconds, the reader's own pauses included;
    then the server cancels it and TryAgainError is raised. Whoever stops in the middle leaves the
    session closed.
    """
    if part.ids is not None:
        give(session, part.ids)
    yield from stream(
        session,
        copy_sql(part, columns, as_stored=encoding is not None),
        what=f"reading {part.table}",
        batch_bytes=batch_bytes,
        max_duration=max_duration,
        encoding=encoding,
        marked=marked,
    )


def stream(
    session: Session,
    statement: str,
    *,
    what: str,
    batch_bytes: int = BATCH_BYTES,
    max_duration: float | None = None,
    encoding: str | None = None,
    marked: bool = False,
) -> Iterator[bytes]:
    """Yield what a `COPY … TO STDOUT` gives, as `read` does; `what` is told when it fails."""
    done = False
    try:
        with _limited(session, what, max_duration), session.mapped(what):
            through = _through_psycopg if _encrypted(session) else _through_socket
            blocks = through(session, statement, batch_bytes, marked=marked)
            yield from blocks if encoding is None else to_utf8(blocks, encoding)
        done = True
    finally:
        if not done:
            session.close()


def _encrypted(session: Session) -> bool:
    link = session.raw.pgconn
    return bool(link.ssl_in_use or link.used_gssapi)


def _through_socket(
    session: Session, statement: str, batch_bytes: int, *, marked: bool
) -> Iterator[bytes]:
    # The copy of the descriptor shares its flags with libpq, which wants it non-blocking.
    with socket.socket(fileno=os.dup(session.raw.pgconn.socket)) as link:
        link.setblocking(True)
        try:
            for block in copy_out(link, statement, block_bytes=batch_bytes):
                yield block.marked() if marked else block.text()
        except OSError:
            raise TryAgainError(
                f"the connection to {session.side} {session.address} broke during COPY",
                help="is the server up? try again",
                code="postgres-connection",
            ) from None
        finally:
            link.setblocking(False)


def _through_psycopg(
    session: Session, statement: str, batch_bytes: int, *, marked: bool
) -> Iterator[bytes]:
    front = MARK if marked else b""
    batch = io.BytesIO()
    with session.raw.cursor() as cursor, cursor.copy(statement.encode()) as copy:
        for row in copy:
            batch.write(front)
            batch.write(row)
            if batch.tell() >= batch_bytes:
                yield batch.getvalue()
                batch = io.BytesIO()
    if batch.tell():
        yield batch.getvalue()


@contextmanager
def _limited(session: Session, what: str, seconds: float | None) -> Iterator[None]:
    """Cancel what runs on the session when the block takes longer than this."""
    if seconds is None:
        yield
        return
    passed = threading.Event()

    def stop() -> None:
        passed.set()
        session.cancel()

    timer = threading.Timer(seconds, stop)
    timer.daemon = True
    timer.start()
    try:
        yield
    except MaskerError as failure:
        if not passed.is_set() or failure.sqlstate != CANCELLED:
            raise
        raise TryAgainError(
            f"{what} on {session.side} {session.address} took longer than {seconds:g} s",
            help="raise `limits.max_duration`, or read fewer rows",
            code="max-duration",
        ) from None
    finally:
        timer.cancel()
        timer.join()

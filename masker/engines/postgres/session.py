"""One connection to PostgreSQL, with the settings that every session of ours has."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from masker.engines.postgres.address import Address
from masker.engines.postgres.errors import mapped
from masker.errors import ConfigError

if TYPE_CHECKING:
    import psycopg

Params = Sequence[Any]


class Side(enum.StrEnum):
    """Whether a session reads production or writes a target."""

    SOURCE = "source"
    TARGET = "target"


# One text form for every value, whatever the server's, role's or database's own settings say.
SETTINGS: tuple[tuple[str, str], ...] = (
    ("row_security", "off"),  # COPY would silently lose rows; off makes it fail instead
    ("search_path", ""),
    ("client_encoding", "UTF8"),
    ("DateStyle", "ISO"),
    ("IntervalStyle", "postgres"),
    ("extra_float_digits", "3"),
    ("bytea_output", "hex"),
    ("TimeZone", "UTC"),
    ("lc_monetary", "C"),
    ("xmloption", "content"),
    ("lock_timeout", "10s"),
    ("idle_in_transaction_session_timeout", "0"),
    ("statement_timeout", "0"),
    ("synchronize_seqscans", "off"),
)
TRANSACTION_TIMEOUT_SINCE = 170000


def quote(*names: str) -> str:
    """Return names quoted as SQL identifiers, joined by dots."""
    return ".".join('"' + name.replace('"', '""') + '"' for name in names if name)


def literal(text: str) -> str:
    """Return text as a SQL string literal, for the places that take no bind parameter."""
    escaped = text.replace("'", "''")
    if "\\" in escaped:
        return " E'" + escaped.replace("\\", "\\\\") + "'"
    return f"'{escaped}'"


def bindable(sql: str) -> str:
    """Return SQL whose percent signs, of names or types, are no places for parameters."""
    return sql.replace("%", "%%")


def _taken(address: Address) -> str:
    """Return an address for psycopg; ConfigError where its client library does not take it."""
    import psycopg  # noqa: PLC0415 - the vendor is loaded when a server is spoken to
    from psycopg.conninfo import conninfo_to_dict  # noqa: PLC0415

    try:
        conninfo_to_dict(address.conninfo)
    except psycopg.ProgrammingError:
        raise ConfigError(
            f"the URL of {address} has a part that PostgreSQL's client library does not take",
            help="check the options behind `?`, and write other characters as %20 and the like",
            code="bad-url",
        ) from None
    return address.conninfo


class Session:
    """A connection in autocommit mode; transactions are begun in so many words.

    A source session is read-only by the server's word from its first statement. Every database
    error leaves as one of ours, without a value of the data.
    """

    def __init__(
        self, address: Address, *, side: Side, connection: psycopg.Connection[Any]
    ) -> None:
        self.address = address
        self.side = side
        self._connection = connection

    @classmethod
    def open(cls, address: Address, *, side: Side, connect_timeout: int = 15) -> Session:
        """Connect and set every setting; ConfigError or TryAgainError say what is wrong."""
        import psycopg  # noqa: PLC0415 - the vendor is loaded when a server is spoken to

        with mapped(f"connecting to {side} {address}"):
            connection = psycopg.connect(
                _taken(address),
                autocommit=True,
                connect_timeout=connect_timeout,
                application_name="masker",
                fallback_application_name="masker",
                prepare_threshold=None,
                keepalives=1,
                keepalives_idle=30,
            )
        session = cls(address, side=side, connection=connection)
        session._prepare()
        return session

    def _prepare(self) -> None:
        settings = list(SETTINGS)
        if self.side is Side.SOURCE:
            settings.append(("default_transaction_read_only", "on"))
        else:
            settings.append(("client_connection_check_interval", "10s"))
        if self.version >= TRANSACTION_TIMEOUT_SINCE:
            settings.append(("transaction_timeout", "0"))
        calls = ", ".join("pg_catalog.set_config(%s, %s, false)" for _ in settings)
        self.query(f"SELECT {calls}", [part for pair in settings for part in pair])

    def renew(self) -> None:
        """Set every setting anew, after statements that may have changed any of them."""
        self.execute("RESET SESSION AUTHORIZATION")
        self.execute("RESET ALL")
        self._prepare()

    @property
    def version(self) -> int:
        """Return the server's version as a number, such as 180001."""
        return self._connection.info.server_version

    @property
    def raw(self) -> psycopg.Connection[Any]:
        """Return the psycopg connection, for the files of this engine only."""
        return self._connection

    def query(self, sql: str, params: Params | None = None) -> list[tuple[Any, ...]]:
        """Run a statement with bind parameters (`%s`) and return its rows."""
        with self.mapped("query"), self._connection.cursor() as cursor:
            cursor.execute(sql, params)
            return cursor.fetchall() if cursor.description else []

    def one(self, sql: str, params: Params | None = None) -> Any:
        """Run a statement and return the first value of its first row, None without a row."""
        rows = self.query(sql, params)
        return rows[0][0] if rows else None

    def execute(self, sql: str, params: Params | None = None) -> int:
        """Run statements and return the number of rows of the last; several only without params."""
        with self.mapped("statement"), self._connection.cursor() as cursor:
            cursor.execute(sql, params)
            return cursor.rowcount

    @contextmanager
    def transaction(self, begin: str = "BEGIN") -> Iterator[None]:
        """Run a block between `begin` and COMMIT; anything raised inside rolls back."""
        self.execute(begin)
        try:
            yield
        except BaseException:
            self.rollback()
            raise
        self.execute("COMMIT")

    def rollback(self) -> None:
        """Roll back what is open; a connection that is already gone is left as it is."""
        if not self.closed and self.in_transaction:
            self.execute("ROLLBACK")

    @property
    def in_transaction(self) -> bool:
        """Tell whether a transaction is open on the server."""
        return self._connection.info.transaction_status.name != "IDLE"

    @property
    def closed(self) -> bool:
        """Tell whether the connection is closed or broken."""
        return self._connection.closed or self._connection.broken

    @contextmanager
    def copy_in(self, sql: str, *, what: str = "COPY") -> Iterator[Callable[[bytes], None]]:
        """Run `COPY … FROM STDIN`; the block gets a function that writes bytes.

        `what` is told when it fails, such as which table was being loaded.
        """
        with self.mapped(what), self._connection.cursor() as cursor, cursor.copy(sql) as copy:
            yield copy.write

    def cancel(self) -> None:
        """Ask the server to cancel what runs on this connection; safe from another thread."""
        self._connection.cancel_safe(timeout=5)

    @contextmanager
    def mapped(self, what: str) -> Iterator[None]:
        """Turn psycopg's errors inside the block into ours."""
        with mapped(f"{what} on {self.side} {self.address}"):
            yield

    def close(self) -> None:
        """Close the connection; a transaction that is open is lost."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        failure: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

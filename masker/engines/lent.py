"""A connection that somebody lends: whose driver it is, and that a transaction is open on it.

Statements go to the driver itself, not through SQLAlchemy, whose log of statements would hold their
parameters, and those are values of rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy
from sqlalchemy.exc import SQLAlchemyError

from masker.engines.in_place import InPlace
from masker.engines.postgres.lent import PostgresInPlace
from masker.engines.sqlite.address import file_of, refuse_missing
from masker.engines.sqlite.lent import SqliteInPlace
from masker.errors import ConfigError, TryAgainError

Connection = sqlalchemy.Connection
_DRIVERS = "psycopg, psycopg2 or sqlite3"
_HELP = (
    "give a `sqlalchemy.Connection` on PostgreSQL (psycopg, psycopg2) or SQLite, such as "
    "`engine.connect()`, `session.connection()` or `op.get_bind()`"
)


def lent(connection: Connection | Any) -> InPlace:
    """Return what changes tables through a caller's connection.

    Takes a connection of SQLAlchemy, or one of psycopg, psycopg2 or sqlite3 itself. ConfigError for
    anything else, and for one that commits every statement.
    """
    if isinstance(connection, sqlalchemy.Engine):
        raise ConfigError(
            "an Engine is no connection: masking belongs into a transaction of yours",
            help="use `with engine.begin() as connection:` and give that",
            code="no-connection",
        )
    place, driver = _place(connection)
    if place is None:
        raise ConfigError(
            f"masking in place goes through {_DRIVERS}, and this is a connection of `{driver}`",
            help=_HELP,
            code="no-connection",
        )
    return place


@contextmanager
def looking_at(database: str | sqlalchemy.Engine | Connection | Any) -> Iterator[InPlace]:
    """Look at a database and leave it as it is.

    `database` is a URL, an Engine, or what `lent` takes; a transaction that is begun for the look
    is rolled back. ConfigError for anything else, and for a file of SQLite that is not there: no
    look creates one.
    """
    if isinstance(database, str):
        engine = _engine(database)
        try:
            with looking_at(engine) as place:
                yield place
        finally:
            engine.dispose()
    elif isinstance(database, sqlalchemy.Engine):
        file = file_of(database.url) if database.dialect.name == "sqlite" else None
        if file is not None:
            refuse_missing(file, "the database")
        with _mapped(), database.connect() as connection:
            with looking_at(connection) as place:
                yield place
            connection.rollback()
    else:
        begun = _in_transaction(database)
        lying, driver = _place(database)
        if lying is None:
            raise ConfigError(
                f"a database is looked at through {_DRIVERS}, and this is one of `{driver}`",
                help="give a URL such as postgresql://user@host/database, a `sqlalchemy.Engine`, "
                "or a connection",
                code="no-connection",
            )
        with lying.whole():
            yield lying
        if not begun:
            database.rollback()


def _place(connection: Connection | Any) -> tuple[InPlace | None, str]:
    """Return what a connection leads to, None where no engine knows it, and whose driver it is."""
    wrapped = isinstance(connection, sqlalchemy.Connection)
    raw: Any = _begun(connection) if wrapped else connection
    driver = type(raw).__module__.partition(".")[0]
    if driver in {"psycopg", "psycopg2"} and hasattr(raw, "cursor"):
        return PostgresInPlace(raw), driver
    return SqliteInPlace(raw) if driver == "sqlite3" else None, driver


def _engine(url: str) -> sqlalchemy.Engine:
    try:
        made = sqlalchemy.make_url(url)
        if made.drivername in {"postgresql", "postgres"}:
            made = made.set(drivername="postgresql+psycopg")
        if made.get_driver_name() in {"psycopg", "psycopg2"}:
            made = made.update_query_dict({"client_encoding": "utf8"})
        return sqlalchemy.create_engine(made, poolclass=sqlalchemy.NullPool)
    except (SQLAlchemyError, ValueError, ImportError):
        raise ConfigError(
            "the database URL cannot be read, or its driver is not installed",
            help="write postgresql://user@host/database or sqlite:///file.db",
            code="bad-url",
        ) from None


@contextmanager
def _mapped() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError:
        raise TryAgainError(
            "the database cannot be reached",
            help="is it up, and does the URL lead to it?",
            code="no-connection",
        ) from None


def _in_transaction(connection: Any) -> bool:
    """Tell whether a transaction of the caller's is open, which is not ours to end."""
    if isinstance(connection, sqlalchemy.Connection):
        return connection.in_transaction()
    if hasattr(connection, "in_transaction"):
        return bool(connection.in_transaction)
    info = getattr(connection, "info", None)
    return info is None or int(info.transaction_status) != 0


def _begun(connection: Connection) -> Any:
    """Return the driver's connection under SQLAlchemy's, which has begun its transaction."""
    try:
        connection.exec_driver_sql("SELECT 1")  # begins what `connection.commit()` will end
        raw = connection.connection.driver_connection
    except SQLAlchemyError:
        raise ConfigError(
            "the connection is closed, or its transaction has failed",
            help="roll back, or open another connection",
            code="no-connection",
        ) from None
    return raw

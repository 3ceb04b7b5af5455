"""What psycopg or the server reports, told as our errors: names and codes, never a row.

PostgreSQL puts the failing row into DETAIL and CONTEXT, sometimes into the message itself, so
none of those texts is told: only the SQLSTATE, the place in the server's source, and the names
of schema, table, column, constraint and type; of CONTEXT the column alone that COPY stopped at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self

from masker.engines.postgres.wire import WireError
from masker.errors import (
    CollisionError,
    ConfigError,
    DataError,
    MaskerError,
    TryAgainError,
)

# The longest matching prefix of the SQLSTATE decides (PostgreSQL manual, appendix A).
STATES: dict[str, tuple[type[MaskerError], str, str]] = {
    "08": (TryAgainError, "the connection was lost", "is the server up? try again"),
    "0A": (ConfigError, "the server does not support this", ""),
    "22": (DataError, "a value does not fit its type", "see the column's type in the plan"),
    "22021": (
        DataError,
        "the database holds bytes that are not text in its encoding",
        "is it SQL_ASCII? then declare its `encoding:`",
    ),
    "23": (DataError, "a constraint does not hold", "see the constraint's definition"),
    "23505": (
        CollisionError,
        "two values under a unique constraint are equal",
        "use a transformer that is injective or unique on this column",
    ),
    "25": (ConfigError, "the transaction does not allow this", ""),
    "25006": (ConfigError, "the session is read-only", "the source is never written"),
    "25P02": (DataError, "an earlier statement of the transaction failed", ""),
    "25P03": (TryAgainError, "the server ended the idle transaction", "raise its timeout"),
    "2B": (ConfigError, "something else depends on the object", "drop that one first"),
    "28": (ConfigError, "the server refused the role or its password", "check the URL"),
    "3D": (ConfigError, "the database does not exist", "check the name in the URL"),
    "3F": (ConfigError, "the schema does not exist", "create it, or look at search_path"),
    "40": (TryAgainError, "the server gave the transaction up", "try again"),
    "42": (ConfigError, "the server does not know a name or refuses the statement", ""),
    "42501": (ConfigError, "the role lacks a right", "grant it, or use another role"),
    "44": (DataError, "a row does not meet the condition of its view", ""),
    "53": (TryAgainError, "the server is out of resources", "try again when there is room"),
    "53100": (
        TryAgainError,
        "the server's disk is full, or its files may not grow",
        "free disk space, then try again",
    ),
    "53300": (TryAgainError, "the server has no free connection", "lower limits.connections"),
    "54": (DataError, "a limit of the server is exceeded", ""),
    "55": (TryAgainError, "the object is not available now", "try again"),
    "55006": (TryAgainError, "the object is in use", "close the sessions that use it"),
    "55P03": (TryAgainError, "a lock was not available in time", "try again later"),
    "57": (TryAgainError, "the server or a person stopped the statement", "try again"),
    "57014": (TryAgainError, "the statement took too long or was cancelled", "raise its limit"),
    "58": (TryAgainError, "the server's system failed", "see the server's log"),
    "72": (TryAgainError, "the snapshot is too old", "try again"),
    "F0": (ConfigError, "the server's configuration file is wrong", ""),
    "P0": (DataError, "a function of the database raised an error", "see the server's log"),
    "XX": (TryAgainError, "the server reports an internal error", "see the server's log"),
}

# No SQLSTATE and no server's text: what the system says when there is no way to the server.
_NO_HOST = re.compile(
    r"[Nn]ame or service not known|[Nn]o address associated|nodename nor servname"
    r"|getaddrinfo failed"
)
_NO_NAME_SERVICE = re.compile(r"Temporary failure in name resolution")
_REFUSED = re.compile(r"[Cc]onnection refused")

# What COPY was reading when it failed. The failing value follows; neither name may reach into it.
_COPIED = re.compile(r'COPY [^,:"\n]+, line \d+, column ([^,:"\n]+): ')

# Where the server writes what makes a file larger; a limit of file size has no SQLSTATE of its own.
_GROWING = frozenset({"mdextend", "mdzeroextend", "BufFileDumpBuffer"})

# A failed connection carries no SQLSTATE, only text; these words hold no data.
_CONNECT = (
    (re.compile(r"password authentication failed|no password supplied"), "28P01"),
    (re.compile(r'role "[^"]*" does not exist|is not permitted to log in'), "28000"),
    (re.compile(r"no pg_hba\.conf entry"), "28000"),
    (re.compile(r'database "[^"]*" does not exist'), "3D000"),
    (re.compile(r"too many (clients|connections)|remaining connection slots"), "53300"),
    (re.compile(r"starting up|shutting down|recovery mode"), "57P03"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What may be told of a server's error: its code, the names in it, the place in the source."""

    state: str
    schema: str = ""
    table: str = ""
    column: str = ""
    constraint: str = ""
    type: str = ""
    file: str = ""
    function: str = ""

    @classmethod
    def of(cls, failure: Any) -> Self:
        """Read a psycopg.Error."""
        diag = failure.diag
        return cls(
            state=failure.sqlstate or _state_of_connect(failure),
            schema=diag.schema_name or "",
            table=diag.table_name or "",
            column=diag.column_name or _copied(diag.context or ""),
            constraint=diag.constraint_name or "",
            type=diag.datatype_name or "",
            file=diag.source_file or "",
            function=diag.source_function or "",
        )

    @classmethod
    def of_wire(cls, failure: WireError) -> Self:
        """Read an ErrorResponse (PostgreSQL manual, 54.8 "Error and Notice Message Fields")."""
        letters = {
            "state": "C",
            "schema": "s",
            "table": "t",
            "column": "c",
            "constraint": "n",
            "type": "d",
            "file": "F",
            "function": "R",
        }
        return cls(**{name: failure.fields.get(letter, "") for name, letter in letters.items()})


@contextmanager
def mapped(where: str) -> Iterator[None]:
    """Turn what is raised inside the block into our errors; `where` names server and task."""
    import psycopg  # noqa: PLC0415 - the vendor is loaded when a server is spoken to

    try:
        yield
    except psycopg.Error as failure:
        told = _no_way(failure, where) or tell(Fault.of(failure), where)
    except WireError as failure:
        told = tell(Fault.of_wire(failure), where)
    else:
        return
    raise told from None


def tell(fault: Fault, where: str) -> MaskerError:
    """Return our error for a server's."""
    full = fault.state == "XX000" and fault.function in _GROWING
    kind, sentence, mend = _look_up("53100" if full else fault.state)
    names = [
        f"{word} `{name}`"
        for word, name in (
            ("schema", fault.schema),
            ("table", fault.table),
            ("column", fault.column),
            ("constraint", fault.constraint),
            ("type", fault.type),
        )
        if name
    ]
    place = [
        f"SQLSTATE {fault.state}" if fault.state else "",
        ":".join(part for part in (fault.file, fault.function) if part),
    ]
    place = [part for part in place if part]
    told = kind(
        f"{where}: {sentence}"
        + (f" ({', '.join(names)})" if names else "")
        + (f" [{', '.join(place)}]" if place else ""),
        help=mend,
        code=f"postgres-{fault.state or 'connection'}",
        subject=".".join(part for part in (fault.schema, fault.table, fault.column) if part),
    )
    told.sqlstate = fault.state
    told.constraint = fault.constraint
    return told


def _no_way(failure: Any, where: str) -> MaskerError | None:
    """Return our error for a server that was never reached, None where one has spoken."""
    text = "" if failure.sqlstate else str(failure)
    if _NO_HOST.search(text):
        return ConfigError(
            f"{where}: the name service knows no such host",
            help="check the host in the URL",
            code="unknown-host",
        )
    if _NO_NAME_SERVICE.search(text):
        return TryAgainError(
            f"{where}: the name service gave no answer for the host",
            help="check the host in the URL; if it is right, try again",
            code="unresolved-host",
        )
    if _REFUSED.search(text):
        return TryAgainError(
            f"{where}: nothing listens on this host and port",
            help="is the server up, and the port right? then try again",
            code="connection-refused",
        )
    return None


def _look_up(state: str) -> tuple[type[MaskerError], str, str]:
    for length in (5, 4, 3, 2):
        if state[:length] in STATES:
            return STATES[state[:length]]
    if state:
        return (
            ConfigError,
            "the server refuses the statement",
            "see its manual, appendix A",
        )
    return TryAgainError, "the server could not be reached or hung up", "is it up? try again"


def _copied(context: str) -> str:
    """Return the column that COPY was reading, nothing where the server does not say it."""
    found = _COPIED.match(context)
    return found.group(1) if found else ""


def _state_of_connect(failure: object) -> str:
    text = str(failure)
    return next((state for pattern, state in _CONNECT if pattern.search(text)), "")

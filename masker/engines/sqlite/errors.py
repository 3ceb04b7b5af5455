"""What sqlite3 reports, told as our errors: codes and names, never a value.

A message of SQLite may hold what a row holds: text that is not UTF-8 is printed whole, a trigger
says what it likes, functions repeat their arguments. So no message is told. The extended result
code is (https://www.sqlite.org/rescode.html), and of broken constraints alone the names, read by
the exact form in which SQLite writes them.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from masker.errors import CollisionError, ConfigError, DataError, MaskerError, TryAgainError

_CONSTRAINT = "see the constraint's definition"
_UNIQUE = (
    CollisionError,
    "two values under a unique constraint are equal",
    "use a transformer that is injective or unique on this column",
)

# By the name of the extended result code; the longest matching front decides.
CODES: dict[str, tuple[type[MaskerError], str, str]] = {
    "SQLITE_ERROR": (ConfigError, "SQLite does not know a name or refuses the statement", ""),
    "SQLITE_INTERNAL": (TryAgainError, "SQLite reports an internal error", "try again"),
    "SQLITE_PERM": (ConfigError, "the file may not be opened so", "check the rights on the file"),
    "SQLITE_ABORT": (TryAgainError, "the statement was given up", "try again"),
    "SQLITE_BUSY": (
        TryAgainError,
        "another connection holds the database",
        "wait until it is done, then try again",
    ),
    "SQLITE_LOCKED": (TryAgainError, "a table is locked within the process", "try again"),
    "SQLITE_NOMEM": (TryAgainError, "there is not enough memory", "try again when there is"),
    "SQLITE_READONLY": (ConfigError, "the database cannot be written", "check the file's rights"),
    "SQLITE_READONLY_DBMOVED": (
        TryAgainError,
        "the file was moved while it was open",
        "try again",
    ),
    **dict.fromkeys(
        ("SQLITE_READONLY_ROLLBACK", "SQLITE_READONLY_RECOVERY", "SQLITE_READONLY_CANTINIT"),
        (
            TryAgainError,
            "a crash left a journal, which whoever may write must bring into the file first",
            "let its application open it once, or run `sqlite3 FILE 'SELECT 1 FROM sqlite_schema'`",
        ),
    ),
    "SQLITE_INTERRUPT": (TryAgainError, "the statement was cancelled", "try again"),
    "SQLITE_IOERR": (TryAgainError, "the file could not be read or written", "check the disk"),
    "SQLITE_CORRUPT": (
        DataError,
        "the database is damaged",
        "run `PRAGMA integrity_check` on it, and restore it from a backup",
    ),
    "SQLITE_FULL": (TryAgainError, "the disk is full", "free disk space, then try again"),
    "SQLITE_CANTOPEN": (
        ConfigError,
        "the file cannot be opened",
        "check the rights on it and its folder; one in WAL mode needs its `-shm` file as well",
    ),
    "SQLITE_PROTOCOL": (TryAgainError, "the file's locks were busy", "try again"),
    "SQLITE_SCHEMA": (TryAgainError, "the schema was changed meanwhile", "try again"),
    "SQLITE_TOOBIG": (DataError, "a text or blob is too large for SQLite", ""),
    "SQLITE_CONSTRAINT": (DataError, "a constraint does not hold", _CONSTRAINT),
    "SQLITE_CONSTRAINT_CHECK": (DataError, "a CHECK does not hold", _CONSTRAINT),
    "SQLITE_CONSTRAINT_DATATYPE": (
        DataError,
        "a value does not fit its column's type",
        "see the column's type in the plan",
    ),
    "SQLITE_CONSTRAINT_FOREIGNKEY": (DataError, "a foreign key does not hold", _CONSTRAINT),
    "SQLITE_CONSTRAINT_NOTNULL": (DataError, "a null stands where none may", _CONSTRAINT),
    "SQLITE_CONSTRAINT_PRIMARYKEY": _UNIQUE,
    "SQLITE_CONSTRAINT_ROWID": _UNIQUE,
    "SQLITE_CONSTRAINT_TRIGGER": (DataError, "a trigger refused a row", "see the trigger"),
    "SQLITE_CONSTRAINT_UNIQUE": _UNIQUE,
    "SQLITE_MISMATCH": (
        DataError,
        "a value does not fit its column's type",
        "see the column's type in the plan",
    ),
    "SQLITE_AUTH": (ConfigError, "SQLite refused the statement", ""),
    "SQLITE_RANGE": (ConfigError, "SQLite refused a parameter", ""),
    "SQLITE_NOTADB": (
        ConfigError,
        "the file is no SQLite database, or it is encrypted",
        "check the path in the URL",
    ),
}

# Codes whose names Python 3.11 does not know.
_UNNAMED = {19 | 12 << 8: "SQLITE_CONSTRAINT_DATATYPE"}

# After these words stand names alone; the longest form of a name is what the schema calls it.
_NAMED = re.compile(
    r"(?:UNIQUE|NOT NULL) constraint failed: (?!index ')(?P<columns>.+)"
    r"|UNIQUE constraint failed: index '(?P<index>.+)'"
    r"|CHECK constraint failed: (?P<check>\w+)"
    r"|cannot store (?:NULL|INTEGER|REAL|TEXT|BLOB) value in \w+ column (?P<typed>.+)",
    re.DOTALL,
)
# The codes whose messages are made of names of the schema; see sqlite3UniqueConstraint,
# sqlite3HaltConstraint and OP_TypeCheck in SQLite's sources.
_NAMING = frozenset(
    f"SQLITE_CONSTRAINT_{kind}"
    for kind in ("UNIQUE", "PRIMARYKEY", "NOTNULL", "CHECK", "DATATYPE", "ROWID")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What may be told of an error of sqlite3: its code and the names in it."""

    code: str
    columns: str = ""  # `table.column`, several joined by commas
    constraint: str = ""

    @classmethod
    def of(cls, failure: Exception) -> Fault:
        """Read an error of sqlite3, which has no code where Python itself refused something."""
        code = _code(failure)
        found = _NAMED.fullmatch(str(failure)) if code in _NAMING else None
        if found is None:
            return cls(code=code)
        return cls(
            code=code,
            columns=found["columns"] or found["typed"] or "",
            constraint=found["index"] or found["check"] or "",
        )


def _code(failure: Exception) -> str:
    number: int | None = getattr(failure, "sqlite_errorcode", None)
    if number is None:
        return ""
    said: str = failure.sqlite_errorname  # type: ignore[attr-defined]
    if said.startswith("SQLITE_"):
        return said
    plain = {getattr(sqlite3, name, None): name for name in CODES}
    return _UNNAMED.get(number) or plain.get(number & 0xFF, "")


@contextmanager
def mapped(where: str) -> Iterator[None]:
    """Turn what sqlite3 raises inside the block into our errors; `where` names file and task."""
    try:
        yield
    except (sqlite3.Error, sqlite3.Warning) as failure:  # two statements at once are a Warning
        told = tell(Fault.of(failure), where)
    except OverflowError:  # a number beyond 64 bits, which sqlite3 refuses to bind
        told = DataError(
            f"{where}: a number has more than 64 bits",
            help="SQLite stores integers of 64 bits; mask the column by another transformer",
            code="sqlite-overflow",
        )
    else:
        return
    raise told from None


def tell(fault: Fault, where: str) -> MaskerError:
    """Return our error for one of sqlite3's."""
    kind, sentence, mend = _look_up(fault.code)
    names = [
        f"{word} `{name}`"
        for word, name in (("column", fault.columns), ("constraint", fault.constraint))
        if name
    ]
    told = kind(
        f"{where}: {sentence}"
        + (f" ({', '.join(names)})" if names else "")
        + (f" [{fault.code}]" if fault.code else ""),
        help=mend,
        code=fault.code.lower().replace("_", "-") or "sqlite",
        subject=fault.columns,
    )
    told.constraint = fault.constraint
    return told


def _look_up(code: str) -> tuple[type[MaskerError], str, str]:
    while code:
        if code in CODES:
            return CODES[code]
        code = code.rpartition("_")[0]
    return ConfigError, "sqlite3 refuses the statement or a value in it", ""

"""Run statements that a person wrote, as the person would have run them with the sqlite3 shell."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from masker.engines.sqlite.errors import mapped
from masker.engines.sqlite.session import Session
from masker.errors import ConfigError, MaskerError

_HELP = "correct the statement; the sqlite3 shell, on a copy of staging, shows its message"


def run_statements(session: Session, text: str, *, file: str) -> None:
    """Run all statements of a file in one transaction.

    Errors name the file and the line where the statement begins; never what stands there.
    """
    with session.transaction():
        for line, statement in statements(text):
            _run(session, statement, place=f"`{file}`, line {line}")
            if not session.in_transaction:
                raise ConfigError(
                    f"`{file}`, line {line}: the statement ends the transaction, and all "
                    "statements shall count or none",
                    help="take BEGIN, COMMIT and ROLLBACK out of the file",
                    code="bad-after",
                    subject=file,
                )


def run_inside(session: Session, text: str, *, file: str) -> None:
    """Run all statements of a file in the transaction that is open, which none of them can end.

    Errors name the file and the line where the statement begins; never what stands there.
    """
    session.raw.set_authorizer(_authorize)
    try:
        for line, statement in statements(text):
            _run(session, statement, place=f"`{file}`, line {line}")
    finally:
        session.raw.set_authorizer(None)


def _run(session: Session, statement: str, *, place: str) -> None:
    try:
        with mapped(place):
            session.raw.execute(statement)
    except MaskerError as failure:
        failure.help = failure.help or _HELP
        raise


def _authorize(action: int, *_: str | None) -> int:
    return sqlite3.SQLITE_DENY if action == sqlite3.SQLITE_TRANSACTION else sqlite3.SQLITE_OK


def statements(text: str) -> Iterator[tuple[int, str]]:
    """Yield the statements of a script, each with the line on which it begins, counted from 1."""
    start = end = 0
    while (end := text.find(";", end) + 1) > 0:
        if sqlite3.complete_statement(text[start:end]):
            yield _placed(text, start, end)
            start = end
    if text[start:].strip():
        yield _placed(text, start, len(text))


def _placed(text: str, start: int, end: int) -> tuple[int, str]:
    statement = text[start:end]
    blank = len(statement) - len(statement.lstrip())
    return text.count("\n", 0, start + blank) + 1, statement

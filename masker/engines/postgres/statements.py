"""Run statements that a person wrote, as the person would have run them with psql."""

from __future__ import annotations

from typing import Any

from masker.engines.postgres.errors import Fault, tell
from masker.engines.postgres.session import Session, literal
from masker.errors import ConfigError, MaskerError

_NUMBER = "SELECT pg_catalog.pg_current_xact_id()::text"


def run_statements(session: Session, text: str, *, file: str) -> None:
    """Run all statements of a file in one transaction, with the database's own search path.

    Errors name the file, and the line where the server tells one; never what stands there.
    ConfigError where they end that transaction: what came before would stay, or be gone, unseen.
    """
    import psycopg  # noqa: PLC0415 - the vendor is loaded when a server is spoken to

    session.execute("RESET search_path")
    session.execute("RESET lock_timeout")
    with session.transaction():
        number = session.query(_NUMBER)
        try:
            session.raw.execute(text.encode())
        except psycopg.Error as failure:
            told = _told(failure, text, file)
            if not failure.sqlstate:  # it may wait for rows that never come: no ROLLBACK helps
                session.close()
            raise told from None
        if not session.in_transaction or session.query(_NUMBER) != number:
            raise ConfigError(
                f"`{file}` ends the transaction that all of it runs in",
                help="take COMMIT, ROLLBACK, BEGIN and their like out; masker commits",
                code="bad-after",
                subject=file,
            )


def run_inside(session: Session, text: str, *, file: str) -> None:
    """Run all statements of a file in the transaction that is open, which none of them can end.

    The server refuses COMMIT and its like inside a block of PL/pgSQL. Errors are as of
    `run_statements`; settings that the statements change are set anew.
    """
    import psycopg  # noqa: PLC0415 - the vendor is loaded when a server is spoken to

    session.execute("RESET search_path")
    session.execute("RESET lock_timeout")
    block = f"BEGIN EXECUTE {literal(text)}; END"
    try:
        session.raw.execute(f"DO LANGUAGE plpgsql {literal(block)}".encode())
    except psycopg.Error as failure:
        told = _told(failure, text, file)
        raise told from None
    session.renew()


def _told(failure: Any, text: str, file: str) -> MaskerError:
    import psycopg  # noqa: PLC0415 - loaded with the session

    if not failure.sqlstate and isinstance(failure, psycopg.ProgrammingError):
        return ConfigError(
            f"`{file}` copies rows from a client, which is not there",
            help="write INSERT in place of COPY … FROM STDIN",
            code="bad-after",
            subject=file,
        )
    diag = failure.diag
    inside = diag.internal_position if diag.internal_query == text else None
    told = tell(Fault.of(failure), f"`{file}`{_place(inside or diag.statement_position, text)}")
    told.help = told.help or "correct the statement; with psql, a copy of staging shows its message"
    return told


def _place(position: str | None, text: str) -> str:
    """Return where in the file a failure is; the server counts characters from 1."""
    if not position:
        return ""
    return f", line {text.count(chr(10), 0, int(position) - 1) + 1}"

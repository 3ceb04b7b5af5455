"""How the database that a URL leads to is tied to one that is changed where it lies."""

from __future__ import annotations

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from masker.engines.in_place import Tie
from masker.engines.postgres.address import NAMES, Address
from masker.engines.postgres.identity import Kinship, kinship
from masker.engines.postgres.session import Session, Side
from masker.errors import ConfigError, MaskerError

SECONDS = 3  # that a migration waits at most for a source that does not answer


def tie_to(url: str, session: Session) -> Tie:
    """Ask the server that a URL leads to; if it does not answer, the spelling tells what it can."""
    try:
        backend = make_url(url).get_backend_name()
        other = Address.parse(url) if backend in NAMES else None
    except (ArgumentError, ValueError, ConfigError):
        return Tie.NONE
    if other is None:
        return Tie.NONE
    if _spelled(other) == _spelled(session.address):
        return Tie.SAME
    try:
        with Session.open(other, side=Side.SOURCE, connect_timeout=SECONDS) as source:
            source.execute(f"SET statement_timeout = '{SECONDS}s'")
            return tie(source, session)
    except MaskerError:
        return Tie.UNKNOWN


def tie(other: Session, session: Session) -> Tie:
    """Tell by the servers' own word; a lock is taken on the second for a moment."""
    kin = kinship(other, session)
    if kin is not Kinship.SAME:
        return Tie.COPY if kin is Kinship.COPY else Tie.NONE
    here, there = (each.one("SELECT current_database()") for each in (session, other))
    return Tie.SAME if here == there else Tie.NONE


def _spelled(address: Address) -> tuple[str, int, str]:
    return address.host, address.port, address.database

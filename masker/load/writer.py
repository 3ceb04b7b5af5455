"""Where a lane writes: sessions on the new database, and the COPY that a table takes."""

from __future__ import annotations

from dataclasses import dataclass, field

from masker.engines.postgres.address import Address
from masker.engines.postgres.session import Session, Side, quote
from masker.plan.model import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """The new database, for whoever writes to it.

    `search_path` is set only where triggers of recomputed columns fire while rows arrive; they
    may rely on it.
    """

    address: Address = field(repr=False)
    search_path: tuple[str, ...] = ()

    def open(self) -> Session:
        """Open a session for COPY; no key and no foreign trigger is there yet."""
        session = Session.open(self.address, side=Side.TARGET)
        # The rows are worth nothing before the exchange, whose commit writes all log to disk.
        session.execute("SET synchronous_commit = off")
        if self.search_path:
            path = ", ".join(quote(name) for name in self.search_path)
            session.execute(f"SET search_path = {path}")
        return session


def copy_sql(step: Step) -> str:
    """Return the COPY that loads a step's rows."""
    names = ", ".join(quote(column.name) for column in step.moved)
    columns = f" ({names})" if names else ""
    return f"COPY {quote(step.into.schema, step.into.name)}{columns} FROM STDIN"

"""The new file as the audit reads it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Self

import polars as pl

from masker.catalog import Catalog, Check, Column, Table, TableName
from masker.engines.part import Part
from masker.engines.plain import plain
from masker.engines.sqlite import layout as lay
from masker.engines.sqlite.address import Address
from masker.engines.sqlite.catalog import read_catalog
from masker.engines.sqlite.codec import Values
from masker.engines.sqlite.outlet import read
from masker.engines.sqlite.places import Places
from masker.engines.sqlite.session import MAIN, Session, Side
from masker.engines.sqlite.words import fold
from masker.errors import Bug, DataError

BATCH_BYTES = 4 << 20
_SOUND = "ok"
_CHECK = "CHECK constraint failed in "  # `_unmet` knows which
_DECLARED = "SELECT count(DISTINCT id) FROM pragma_foreign_key_list(?, 'main')"
_DANGLING = "SELECT DISTINCT parent FROM pragma_foreign_key_check(?, 'main')"
# What PRAGMA integrity_check says of rows; it names indexes and tables, and numbers rows.
_SAID = (
    (re.compile(r"(?:non-unique entry in|row \d+ missing from|wrong # of entries in) index (.+)"),
     "index"),
    (re.compile(r"NULL value in (.+)\.[^.]+"), "not null"),
    (re.compile(r"(?:non-)?[A-Z]+ value in (.+)\.[^.]+"), "type"),
)  # fmt: skip


class SqliteLoaded:
    """A read-only connection to the new file, for the audit."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._catalog: Catalog | None = None

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a file that is loaded; nobody writes to it any more."""
        return cls(Session.open(Address(path), side=Side.TARGET, mode="ro"))

    def catalog(self) -> Catalog:
        """Return all that the file holds; it is read once, for nobody changes it any more."""
        if self._catalog is None:
            self._catalog = read_catalog(self._session)
        return self._catalog

    def broken(self) -> Iterator[tuple[str, TableName, str]]:
        """Yield what does not hold: damage, indexes, CHECKs, foreign keys, each once.

        A foreign key that the catalog calls not validated is not told again. A null or a value of
        a wrong type has its table's name; where the file is damaged nothing else is told.
        """
        try:
            said = [line for (line,) in self._session.query("PRAGMA integrity_check(1000)")]
        except DataError:
            said = [""]  # so damaged that SQLite cannot say how
        told = {_said(line) for line in said if line != _SOUND and not line.startswith(_CHECK)}
        if ("file", "") in told:  # nothing else can be trusted then
            yield "file", TableName("", self._session.address.database), ""
            return
        catalog = self.catalog()
        owners = dict(self._session.query("SELECT name, tbl_name FROM sqlite_schema"))
        for kind, name in sorted(told):
            yield kind, TableName(MAIN, owners.get(name, name)), name
        for table in catalog.tables:
            yield from self._unmet(table)
            yield from self._dangling(table)

    def _unmet(self, table: Table) -> Iterator[tuple[str, TableName, str]]:
        """Yield CHECKs that rows do not meet; not every version looks at all in its own check."""
        for check in table.checks:
            unmet = f"SELECT 1 FROM {lay.sql(table.name)} WHERE NOT {_inside(check)} LIMIT 1"
            if self._session.one(unmet) is not None:
                yield "check", table.name, check.name

    def _dangling(self, table: Table) -> Iterator[tuple[str, TableName, str]]:
        """Yield foreign keys that SQLite finds broken, and that the catalog takes for whole."""
        links = [link for link in table.foreign_keys if link.validated]
        declared = self._session.one(_DECLARED, [table.name.name])
        if not links or declared != len(table.foreign_keys):
            return  # one without a parent makes SQLite refuse to look at the others
        told = self._session.query(_DANGLING, [table.name.name])
        parents = {fold(parent) for (parent,) in told}
        for link in links:
            every = [each for each in table.foreign_keys if each.parent == link.parent]
            if fold(link.parent.name) in parents and all(each.validated for each in every):
                yield "foreign key", table.name, link.name

    def count(self, table: TableName) -> int:
        """Count the rows of a table."""
        found: int = self._session.one(f"SELECT count(*) FROM {lay.sql(table)}")
        return found

    def frames(self, table: TableName, columns: Sequence[Column]) -> Iterator[pl.DataFrame]:
        """Yield a table's rows as plain Strings, generated columns too."""
        codec = Values(tuple(columns))
        places = Places(self._session)
        blocks = read(
            self._session, places, Part(table=table), codec.names, batch_bytes=BATCH_BYTES
        )
        return plain(blocks, codec)

    def view(self, name: TableName) -> Iterator[pl.DataFrame]:
        """Raise Bug: SQLite's views store nothing."""
        raise Bug(f"`{name}` is no materialised view: SQLite has none")

    def close(self) -> None:
        """Close the connection."""
        self._session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _inside(check: Check) -> str:
    # The newline ends a comment that the definition may end with.
    return check.definition.removeprefix("CHECK ").removesuffix(")") + "\n)"


def _said(line: str) -> tuple[str, str]:
    for pattern, kind in _SAID:
        found = pattern.fullmatch(line)
        if found:
            return kind, found.group(1)
    return "file", ""

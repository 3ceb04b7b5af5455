"""The definition of a SQLite file, apart from the place that it was read at."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from masker.catalog import TableName
from masker.engines.engine import Source
from masker.engines.sqlite.build import Entry, Schema, read_schema
from masker.engines.sqlite.session import quote
from masker.engines.sqlite.source import of_sqlite
from masker.engines.sqlite.words import fold
from masker.errors import Bug
from masker.findings import Findings

SCRIPTED = False
_BEFORE = frozenset({"table"})
_LEFT_OUT = frozenset({"virtual", "shadow"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SqliteDdl:
    """The statements of a file, and a digest of its path: enough for the guard to know it again.

    `exclude` are the names, folded, of tables that were left out.
    """

    made: Schema
    place: str
    exclude: tuple[str, ...] = ()
    findings: Findings = field(default_factory=Findings)

    def texts(self) -> Iterator[tuple[str, str]]:
        """Yield each statement under the name of what it builds."""
        for entry in self._entries():
            if entry.sql:
                yield f"definition of {entry.type} `{entry.name}`", entry.sql

    def scripts(self, sequences: Sequence[tuple[TableName, int | None, bool]]) -> tuple[str, str]:
        """Return what the sqlite3 shell runs before the rows and after them."""
        del sequences  # a file has its own table of them
        before: list[str] = []
        after: list[str] = []
        for entry in self._entries():
            if entry.sql:
                (before if entry.type in _BEFORE else after).append(f"{entry.sql};")
        after += [
            f"UPDATE sqlite_sequence SET seq = {last} WHERE name = {_text(name)};"
            for name, last in self.made.sequences
        ]
        return "\n\n".join([*before, ""]), "\n\n".join([*after, ""])

    def _entries(self) -> Iterator[Entry]:
        gone = set(self.exclude)
        for entry in self.made.entries:
            names = {fold(entry.name), fold(entry.table)}
            if entry.type not in _LEFT_OUT and not names & gone:
                yield entry

    def as_facts(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {
            "schema": asdict(self.made),
            "place": self.place,
            "exclude": list(self.exclude),
        }


def read(
    source: Source,
    *,
    schemas: Sequence[str],
    exclude: Collection[TableName],
    tools: Path | None,
) -> SqliteDdl:
    """Read the definition that the source's transaction sees."""
    del schemas, tools  # a file has one schema, and needs no program
    origin = of_sqlite(source)
    return SqliteDdl(
        made=read_schema(origin.session),
        place=place_of(origin.address.path),
        exclude=tuple(sorted(fold(table.name) for table in exclude)),
    )


def of_facts(facts: Mapping[str, Any]) -> SqliteDdl:
    """Return it from its JSON object; KeyError, TypeError or ValueError where it is none."""
    known = dict(facts["schema"])
    entries = tuple(Entry(**each) for each in known.pop("entries"))
    sequences = tuple((str(name), int(last)) for name, last in known.pop("sequences"))
    return SqliteDdl(
        made=Schema(entries=entries, sequences=sequences, **known),
        place=str(facts["place"]),
        exclude=tuple(str(name) for name in facts["exclude"]),
    )


def rows_around(table: TableName, columns: Sequence[str]) -> tuple[bytes, bytes]:
    """Tell nothing: rows of SQLite are no text."""
    raise Bug(f"a script was asked for of {len(columns)} columns of `{quote(table.name)}`")


def place_of(path: Path) -> str:
    """Return a digest of where a file is."""
    return hashlib.sha256(str(path.resolve()).encode(errors="surrogateescape")).hexdigest()


def _text(name: str) -> str:
    return "'" + name.replace("'", "''") + "'"

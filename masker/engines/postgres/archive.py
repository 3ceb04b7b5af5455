"""What pg_restore prints, taken apart: one entry per object, with its SQL and what it needs.

`pg_restore --verbose` heads every entry with its number, the numbers it depends on, its name and
its kind. A header counts only where the table of contents has that entry next or later, so that
a function body that looks like a header does not part an entry.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_LISTED = re.compile(r"^(\d+); (\d+) (\d+) ", re.MULTILINE)
_HEAD = re.compile(
    r"^--\n-- TOC entry (\d+) \(class (\d+) OID (\d+)\)\n"
    r"(?:-- Dependencies: ([\d ]+)\n)?"
    r"-- Name: (.*); Type: (.*?); Schema: (.*?); Owner: .*\n"
    r"(?:-- Data Pos: .*\n)?--\n",
    re.MULTILINE,
)
# What an entry needs of the session stands before its header, at the end of the one before it.
_TAIL = re.compile(r"\n(SET (default_\w+) = [^\n]*;)\n*\Z")
_SET = re.compile(r"^SET (\w+) = .*;$", re.MULTILINE)
_FOOTER = "\n-- Completed on "


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One object of a dump.

    `kind` is pg_dump's word (TABLE, FK CONSTRAINT, …), `name` its tag: for what belongs to a
    table (constraint, trigger, policy, rule) `table name`. `depends` holds entry numbers,
    `settings` the SETs that its SQL relies on, by name.
    """

    id: int
    kind: str
    schema: str
    name: str
    sql: str
    depends: tuple[int, ...] = ()
    settings: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        place = f"{self.schema}.{self.name}" if self.schema else self.name
        return f"{self.kind.lower()} `{place}`"

    @property
    def statements(self) -> str:
        """Return the SQL with the settings that it relies on before it."""
        return "\n".join([*(sql for _, sql in self.settings), self.sql])


@dataclass(frozen=True, slots=True)
class Script:
    """One section of a dump: the session settings it begins with, by name, and its entries."""

    settings: Mapping[str, str]
    entries: tuple[Entry, ...]


def parse(listing: str, script: str) -> Script:
    """Part what `pg_restore --verbose --file=-` printed, by the table of contents `listing`."""
    places = {match.groups(): at for at, match in enumerate(_LISTED.finditer(listing))}
    script = script.rpartition(_FOOTER)[0] or script
    heads: list[re.Match[str]] = []
    last = -1
    for match in _HEAD.finditer(script):
        at = places.get(match.groups()[:3], -1)
        if at > last:
            heads.append(match)
            last = at
    preamble = script[: heads[0].start()] if heads else script
    entries: list[Entry] = []
    current = {}
    for match in _SET.finditer(preamble):
        if match.group(1).startswith("default_"):
            current[match.group(1)] = match.group(0)
    ends = [*(match.start() for match in heads[1:]), len(script)][: len(heads)]
    for match, end in zip(heads, ends, strict=True):
        sql, later = _without_tail(script[match.end() : end])
        entries.append(_entry(match, sql, tuple(current.items())))
        current.update(later)
    return Script({m.group(1): m.group(0) for m in _SET.finditer(preamble)}, tuple(entries))


def _entry(match: re.Match[str], sql: str, settings: tuple[tuple[str, str], ...]) -> Entry:
    number, _, _, depends, name, kind, schema = match.groups()
    return Entry(
        id=int(number),
        kind=kind,
        schema="" if schema == "-" else schema,
        name=name,
        sql=sql.strip("\n"),
        depends=tuple(int(part) for part in (depends or "").split()),
        settings=settings,
    )


def _without_tail(sql: str) -> tuple[str, dict[str, str]]:
    later: dict[str, str] = {}
    while match := _TAIL.search(sql):
        later.setdefault(match.group(2), match.group(1))
        sql = sql[: match.start()]
    return sql, later

"""The definition of a PostgreSQL database, apart from the server that it came from."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from masker.catalog import TableName
from masker.engines.engine import Source
from masker.engines.postgres import databases, schema
from masker.engines.postgres.archive import Entry
from masker.engines.postgres.identity import Identity, identify
from masker.engines.postgres.session import literal, quote
from masker.engines.postgres.source import of_postgres
from masker.engines.postgres.tools import Tools
from masker.errors import Bug
from masker.findings import Findings

SCRIPTED = True
_TUPLES = frozenset({"depends", "settings", "grants"})
# pg_dump's words for what stands beside tables, and those of people.
_OBJECTS = {
    "VIEW": "views",
    "MATERIALIZED VIEW": "materialised views",
    **dict.fromkeys(("FUNCTION", "PROCEDURE", "AGGREGATE"), "functions"),
    "TRIGGER": "triggers",
    "INDEX": "indexes",
    **dict.fromkeys(("TYPE", "DOMAIN"), "types and domains"),
    "COMMENT": "comments",
    "POLICY": "row-security policies",
    "RULE": "rules",
    "SEQUENCE": "sequences",
}
_UNIQUE = "CREATE UNIQUE INDEX"
_QUOTED = re.compile(r'"(?:[^"]|"")*"')
# As pg_get_constraintdef writes them; a list of columns after SET NULL is PostgreSQL's alone.
_CLAUSE = re.compile(
    r"ON (?:UPDATE|DELETE) (?:CASCADE|RESTRICT|SET NULL|SET DEFAULT)(?! \()"
    r"|DEFERRABLE(?: INITIALLY DEFERRED)?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresDdl:
    """Statements before and after the rows, and what the guard must know of the source's server.

    `policies` are (schema, `table policy`, role) of row-security policies; `database` says how
    text is stored and compared; `version` is the server's number (180001).
    """

    made: schema.Schema
    policies: tuple[tuple[str, str, str], ...]
    database: databases.Database
    identity: Identity
    version: int
    findings: Findings = field(default_factory=Findings)

    def texts(self) -> Iterator[tuple[str, str]]:
        """Yield each statement under the name of what it builds."""
        for entry in (*self.made.before, *self.made.after):
            yield f"definition of {entry}", entry.sql

    def scripts(self, sequences: Sequence[tuple[TableName, int | None, bool]]) -> tuple[str, str]:
        """Return what psql runs before the rows and after them."""
        head = "\n".join(self.made.settings.values())
        # An empty database has a schema public, and nothing else of it.
        before = [
            entry.statements.replace("CREATE SCHEMA ", "CREATE SCHEMA IF NOT EXISTS ", 1)
            if entry.kind == "SCHEMA"
            else entry.statements
            for entry in self.made.before
        ]
        views = [
            f"REFRESH MATERIALIZED VIEW {quote(entry.schema, entry.name)};"
            for entry in self.made.before
            if entry.kind == "MATERIALIZED VIEW"
        ]
        numbers = [
            f"SELECT pg_catalog.setval({literal(quote(name.schema, name.name))}, {last}, {called});"
            for name, last, called in sequences
            if last is not None
        ]
        after = [*(entry.statements for entry in self.made.after), *numbers, *views]
        return "\n\n".join([head, *before, ""]), "\n\n".join([head, *after, ""])

    def clauses(self) -> dict[str, str]:
        """Return what each foreign key does and when, by `schema.table name`."""
        return {
            f"{entry.schema}.{entry.name}": " ".join(_CLAUSE.findall(_QUOTED.sub("", entry.sql)))
            for entry in (*self.made.before, *self.made.after)
            if entry.kind == "FK CONSTRAINT"
        }

    def objects(self) -> dict[str, list[str]]:
        """Return the names of what is in no table, by kind in the plural."""
        found: dict[str, list[str]] = {}
        for entry in (*self.made.before, *self.made.after):
            kind = _OBJECTS.get(entry.kind)
            if kind is not None and not entry.sql.startswith(_UNIQUE):  # those are keys
                name = f"{entry.schema}.{entry.name}" if entry.schema else entry.name
                found.setdefault(kind, []).append(name)
        return found

    def as_facts(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {
            "settings": self.made.settings,
            "before": [asdict(entry) for entry in self.made.before],
            "after": [asdict(entry) for entry in self.made.after],
            "policies": [list(policy) for policy in self.policies],
            "database": asdict(self.database),
            "identity": asdict(self.identity),
            "version": self.version,
        }

    def fitted(self, roles: Iterable[str]) -> schema.Schema:
        """Return the schema for a server that has these roles."""
        return self.made.fitted(roles, self.policies)


def rows_around(table: TableName, columns: Sequence[str]) -> tuple[bytes, bytes]:
    """Return what stands before and after COPY text in a script for psql."""
    names = ", ".join(map(quote, columns))
    listed = f" ({names})" if names else ""
    return f"COPY {quote(table.schema, table.name)}{listed} FROM stdin;\n".encode(), b"\\.\n"


def read(
    source: Source,
    *,
    schemas: Sequence[str],
    exclude: Collection[TableName],
    tools: Path | None,
) -> PostgresDdl:
    """Dump the definition in the source's snapshot; ConfigError when pg_dump fails."""
    origin = of_postgres(source)
    session = origin.session
    made = schema.dump(
        session,
        tools=Tools.find(session.version // 10000, folder=tools),
        snapshot=origin.snapshot,
        schemas=schemas,
        exclude=exclude,
    )
    database = databases.read(session, str(session.one("SELECT current_database()")))
    if database is None:
        raise Bug("the source's database is not in its own catalog")
    identity = identify(session)
    return PostgresDdl(
        made=replace(made, findings=Findings()),
        policies=tuple(schema.policy_roles(session)),
        database=databases.fresh(database, name=database.name, owner=""),
        # Where the server keeps its files is nobody's business who gets the snapshot.
        identity=replace(identity, data_directory=None, port=None),
        version=session.version,
        findings=made.findings,
    )


def of_facts(facts: Mapping[str, Any]) -> PostgresDdl:
    """Return it from its JSON object; KeyError, TypeError or ValueError where it is none."""
    before, after = (
        tuple(Entry(**_exact(Entry, each)) for each in facts[part]) for part in ("before", "after")
    )
    return PostgresDdl(
        made=schema.Schema(dict(facts["settings"]), before, after, Findings()),
        policies=tuple((str(a), str(b), str(c)) for a, b, c in facts["policies"]),
        database=databases.Database(**_exact(databases.Database, facts["database"])),
        identity=Identity(**_exact(Identity, facts["identity"])),
        version=int(facts["version"]),
    )


def _exact(kind: Any, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return a dataclass's fields as it has them: JSON knows lists only."""
    return {
        each.name: _tuple(facts[each.name]) if each.name in _TUPLES else facts[each.name]
        for each in fields(kind)
    }


def _tuple(listed: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(_tuple(each) if isinstance(each, list) else each for each in listed)

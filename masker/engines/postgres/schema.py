"""The schema of a database as SQL from pg_dump, without the wires that production hangs on.

Nothing here touches the disk: a dump may hold constants of the schema and passwords of wires.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from masker.catalog import TableName
from masker.engines.postgres import archive
from masker.engines.postgres.archive import Entry
from masker.engines.postgres.session import Session, quote
from masker.engines.postgres.tools import Tools
from masker.findings import Finding, Findings, note, warning

FLAGS = (
    "--format=custom",
    "--schema-only",
    "--no-owner",
    "--no-privileges",
    "--no-publications",
    "--no-subscriptions",
    "--no-security-labels",
    "--encoding=UTF8",
    "--lock-wait-timeout=10000",
)
RESTORE = (
    "--verbose",
    "--no-owner",
    "--no-privileges",
    "--no-publications",
    "--no-subscriptions",
    "--no-security-labels",
)
NO_STATISTICS_SINCE = 18
# What binds a database to other servers, or acts on its own: never copied.
WIRES = frozenset(
    {
        "EVENT TRIGGER",
        "FOREIGN DATA WRAPPER",
        "FOREIGN TABLE",
        "PUBLICATION",
        "PUBLICATION TABLE",
        "PUBLICATION TABLES IN SCHEMA",
        "SERVER",
        "SUBSCRIPTION",
        "SUBSCRIPTION TABLE",
        "USER MAPPING",
    }
)
_REPLICATION = """
SELECT 'subscription', s.subname FROM pg_catalog.pg_subscription s
 WHERE s.subdbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
UNION ALL SELECT 'publication', p.pubname FROM pg_catalog.pg_publication p ORDER BY 1, 2
"""
_POLICY_ROLES = """
SELECT n.nspname, c.relname || ' ' || p.polname, r.rolname
  FROM pg_catalog.pg_policy p
  JOIN pg_catalog.pg_class c ON c.oid = p.polrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_roles r ON r.oid = ANY (p.polroles)
"""
# What refers to a relation: foreign keys, and views by their rule.
_REFERENCES = """
SELECT 'FK CONSTRAINT', n.nspname, c.relname || ' ' || k.conname, pn.nspname, p.relname
  FROM pg_catalog.pg_constraint k
  JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_class p ON p.oid = k.confrelid
  JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace
 WHERE k.contype = 'f' AND k.conparentid = 0
UNION
SELECT CASE v.relkind WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'VIEW' END,
       n.nspname, v.relname, pn.nspname, p.relname
  FROM pg_catalog.pg_depend d
  JOIN pg_catalog.pg_rewrite w ON w.oid = d.objid
  JOIN pg_catalog.pg_class v ON v.oid = w.ev_class AND v.relkind IN ('v', 'm')
  JOIN pg_catalog.pg_namespace n ON n.oid = v.relnamespace
  JOIN pg_catalog.pg_class p ON p.oid = d.refobjid AND p.oid <> v.oid
  JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace
 WHERE d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
   AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
   AND pn.nspname NOT IN ('pg_catalog', 'information_schema')
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e WHERE e.objid = p.oid AND e.deptype = 'e'
                      AND e.classid = 'pg_catalog.pg_class'::pg_catalog.regclass)
"""


@dataclass(frozen=True, slots=True)
class Schema:
    """A dumped schema in two sections, `before` and `after` the rows, and what was left out.

    `settings` are SETs that pg_dump wants of a session, by name; a target may not know them all.
    """

    settings: dict[str, str]
    before: tuple[Entry, ...]
    after: tuple[Entry, ...]
    findings: Findings

    def fitted(self, roles: Iterable[str], policies: Iterable[tuple[str, str, str]]) -> Schema:
        """Leave out row-security policies that name roles the target's server lacks."""
        known = set(roles)
        lacking: dict[tuple[str, str], list[str]] = {}
        for schema, name, role in policies:
            if role not in known:
                lacking.setdefault((schema, name), []).append(role)

        def why(entry: Entry) -> Finding | None:
            missing = lacking.get((entry.schema, entry.name))
            if entry.kind != "POLICY" or not missing:
                return None
            return warning(
                "policy-role-missing",
                f"row-security policy `{entry.schema}.{entry.name}` names roles that the target "
                f"lacks: {', '.join(f'`{role}`' for role in missing)}; it is left out, row "
                "security stays on",
                subject=f"{entry.schema}.{entry.name}",
                help="create the roles on the target's server",
            )

        return self.without(why)

    def without(self, why: Callable[[Entry], Finding | None]) -> Schema:
        """Leave out the entries for which `why` answers, and whatever depends on them."""
        gone: dict[int, str] = {}
        findings: list[Finding] = []
        for entry in (*self.before, *self.after):
            found = why(entry)
            cause = next((gone[number] for number in entry.depends if number in gone), None)
            if found is not None:
                findings.append(found)
            elif cause is not None and entry.kind != "COMMENT":
                findings.append(_left_out(entry, because=cause))
            if found is not None or cause is not None:
                gone[entry.id] = str(entry)
        return replace(
            self,
            before=tuple(entry for entry in self.before if entry.id not in gone),
            after=tuple(entry for entry in self.after if entry.id not in gone),
            findings=self.findings + findings,
        )


def dump(
    session: Session,
    *,
    tools: Tools,
    snapshot: str | None = None,
    schemas: Sequence[str] = (),
    exclude: Iterable[TableName] = (),
) -> Schema:
    """Dump the schema of the session's database, wires and their dependents left out.

    `snapshot` is an exported one, whose transaction is still open. `schemas` restrict the dump to
    those (none: all), `exclude` leaves tables out, with the foreign keys and views that refer to
    them. ConfigError when pg_dump fails.
    """
    excluded = tuple(exclude)
    options = [*FLAGS]
    if tools.major >= NO_STATISTICS_SINCE:
        options.append("--no-statistics")
    if snapshot is not None:
        options.append(f"--snapshot={snapshot}")
    options += [f"--schema={quote(schema)}" for schema in schemas]
    if schemas:  # pg_dump leaves all extensions out as soon as a schema is named
        options.append("--extension=*")
    options += [f"--exclude-table={quote(table.schema, table.name)}" for table in excluded]
    packed = tools.dump(session.address, options)
    listing = tools.restore(packed, ["--list", *RESTORE[1:]])
    before, after = (
        archive.parse(listing, tools.restore(packed, [*RESTORE, f"--section={part}", "--file=-"]))
        for part in ("pre-data", "post-data")
    )
    made = Schema(dict(before.settings), before.entries, after.entries, Findings())
    made = made.without(_wire)
    if schemas or excluded:
        made = _whole(session, made)
    return replace(made, findings=made.findings + _replication(session))


def policy_roles(session: Session) -> list[tuple[str, str, str]]:
    """Return (schema, `table policy`, role) for every role that a row-security policy names."""
    return [(str(a), str(b), str(c)) for a, b, c in session.query(_POLICY_ROLES)]


def roles(session: Session) -> list[str]:
    """Return the names of all roles of a server."""
    return [str(name) for (name,) in session.query("SELECT rolname FROM pg_catalog.pg_roles")]


def _wire(entry: Entry) -> Finding | None:
    return _left_out(entry) if entry.kind in WIRES else None


def _replication(session: Session) -> list[Finding]:
    return [
        note(
            "wire-left-out",
            f"{kind} `{name}` is left out",
            subject=f"{kind} {name}",
            help="create the target's own in `after:` if it needs one",
        )
        for kind, name in session.query(_REPLICATION)
    ]


def _left_out(entry: Entry, *, because: str = "") -> Finding:
    reason = f", because it needs {because}" if because else ""
    return note(
        "wire-left-out" if not because else "dependent-left-out",
        f"{entry} is left out{reason}",
        subject=str(entry).replace("`", ""),
        help="create the target's own in `after:` if it needs one",
    )


def _whole(session: Session, made: Schema) -> Schema:
    """Leave out what refers to a relation that is not part of the dump."""
    tables = {
        (entry.schema, entry.name)
        for entry in (*made.before, *made.after)
        if entry.kind in {"TABLE", "VIEW", "MATERIALIZED VIEW", "SEQUENCE"}
    }
    lacking: dict[tuple[str, str, str], str] = {}
    references = session.query(_REFERENCES)
    grown = True
    while grown:  # a view of a view that is left out is left out, too
        grown = False
        for kind, schema, name, to_schema, to_name in references:
            if (to_schema, to_name) in tables or (kind, schema, name) in lacking:
                continue
            lacking[kind, schema, name] = f"`{to_schema}.{to_name}`"
            tables.discard((schema, name))
            grown = True

    def why(entry: Entry) -> Finding | None:
        cause = lacking.get((entry.kind, entry.schema, entry.name))
        return _left_out(entry, because=cause) if cause else None

    return made.without(why)

"""What loading into the target itself needs: its tables, rights on them, what refers to them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from masker.catalog import Catalog, Table, TableName
from masker.engines.postgres import afterwards, fit
from masker.engines.postgres.catalog import read_catalog
from masker.engines.postgres.recompute import INSERT, UPDATE
from masker.engines.postgres.session import Session, quote
from masker.engines.postgres.switches import Switches
from masker.engines.postgres.upsert import Upsert, key_of
from masker.findings import Finding, Findings, Severity, error, note, warning
from masker.load.settings import REPLACE, TRUNCATE, UPSERT, TargetSettings
from masker.plan.constraints import unmet
from masker.plan.model import Plan, Step
from masker.rules.policy import Treatment

_WANTED = {REPLACE: ("SELECT", "INSERT", "DELETE"), UPSERT: ("SELECT", "INSERT", "UPDATE")}
_LOCKING = "SELECT", "INSERT", "UPDATE"  # LOCK TABLE asks for more than INSERT before 16
_RIGHTS = """
SELECT n.nspname, c.relname, pg_catalog.pg_has_role(c.relowner, 'USAGE'),
       pg_catalog.pg_get_userbyid(c.relowner),
       ARRAY(SELECT r FROM unnest(%s::text[]) r
              WHERE NOT pg_catalog.has_table_privilege(c.oid, r)),
       c.relrowsecurity AND NOT (SELECT rolsuper OR rolbypassrls FROM pg_catalog.pg_roles
                                  WHERE rolname = current_user)
                        AND (c.relforcerowsecurity
                             OR NOT pg_catalog.pg_has_role(c.relowner, 'USAGE'))
  FROM unnest(%s::text[], %s::text[]) t(schema, name)
  JOIN pg_catalog.pg_namespace n ON n.nspname = t.schema
  JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = t.name
 ORDER BY 1, 2
"""
_MAY = """
SELECT current_user, pg_catalog.has_database_privilege(current_database(), 'TEMPORARY'),
       pg_catalog.pg_has_role(datdba, 'USAGE')
  FROM pg_catalog.pg_database WHERE datname = current_database()
"""
_MEMBER = (
    "make the loading role a member of the table's owner, or let it set "
    "session_replication_role (PostgreSQL 15 and later)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What the target has for a plan.

    `tables` hold the plan's rows, `emptied` those that `replace` empties, a partitioned root for
    its partitions; `upserts` say how rows find those with the same key.
    """

    catalog: Catalog
    tables: tuple[TableName, ...]
    emptied: tuple[TableName, ...]
    upserts: dict[TableName, Upsert]
    switches: Switches
    findings: tuple[Finding, ...]

    @classmethod
    def look(cls, session: Session, plan: Plan, settings: TargetSettings) -> Ground:
        """Look at the target; `findings` say all that would make the run fail, at once."""
        catalog = read_catalog(session)
        moved = {step.into: [column.name for column in step.moved] for step in _loaded(plan)}
        computed = [
            (step.into, column.name)
            for step in _loaded(plan)
            for column in step.columns
            if column.recomputed
        ]
        found: list[Finding] = fit.check(session, moved, computed=computed)
        found += unmet(plan, catalog)
        touched = [step for step in plan.steps if step.treatment is not Treatment.EXCLUDE]
        if settings.mode != REPLACE:
            touched = _loaded(plan)
        there = [name for name in dict.fromkeys(s.into for s in touched) if name in catalog]
        tops = tuple(dict.fromkeys(top_of(catalog, name) for name in there))
        truncates = settings.mode == REPLACE and settings.clear == TRUNCATE
        switches = Switches(
            session,
            there,
            truncates=truncates,
            computed=computed,
            events=INSERT | UPDATE if settings.mode == UPSERT else INSERT,
        )
        found += _without_trigger(computed, switches, mode=settings.mode)
        upserts: dict[TableName, Upsert] = {}
        if settings.mode == UPSERT:
            upserts = dict(_upserts(catalog, moved))
            found += _without_key(catalog, moved, upserts)
            found += _one_way(plan, upserts)
        found += _rights(session, there, tops, settings, switches)
        found += _owned(session, plan, there, switches)
        if settings.mode == REPLACE:
            found += _emptied_too(plan, catalog, tops)
        return cls(
            catalog=catalog,
            tables=tuple(there),
            emptied=tops,
            upserts=upserts,
            switches=switches,
            findings=tuple(found),
        )

    @property
    def blocking(self) -> Findings:
        """Return the errors alone."""
        return Findings(tuple(one for one in self.findings if one.severity is Severity.ERROR))


def _loaded(plan: Plan) -> list[Step]:
    return [step for step in plan.steps if step.treatment is Treatment.LOAD]


def top_of(catalog: Catalog, name: TableName) -> TableName:
    """Return the partitioned root of a partition, any other table itself."""
    table = catalog.table(name)
    while table.is_partition and table.parent is not None and table.parent in catalog:
        table = catalog.table(table.parent)
    return table.name


def _emptied_too(plan: Plan, catalog: Catalog, tops: Sequence[TableName]) -> Iterator[Finding]:
    """Yield an error for each partition that is left out, and would be emptied with its root."""
    for step in plan.steps:
        name = step.table
        if step.treatment is not Treatment.EXCLUDE or name not in catalog or name in tops:
            continue
        if top_of(catalog, name) in tops:
            yield error(
                "partition-emptied",
                f"`replace` empties `{top_of(catalog, name)}` with all of its partitions, and "
                f"`{name}` is excluded: its rows would go, and none would come",
                subject=str(name),
                help="load the partition, too, exclude the whole table, or use `mode: swap`",
            )


def _without_trigger(
    computed: Sequence[tuple[TableName, str]], switches: Switches, *, mode: str
) -> Iterator[Finding]:
    events = "INSERT and UPDATE" if mode == UPSERT else "INSERT"
    for table, name in computed:
        if (table, name) not in switches.filled:
            yield error(
                "recompute-without-trigger",
                f"`{table}.{name}` is to be recomputed, but no BEFORE {events} … FOR EACH ROW "
                "trigger names it",
                subject=f"{table}.{name}",
                help="give the column another transformer, or use `mode: swap`",
            )


def _upserts(
    catalog: Catalog, moved: dict[TableName, list[str]]
) -> Iterator[tuple[TableName, Upsert]]:
    for number, (name, columns) in enumerate(moved.items()):
        key = key_of(catalog.table(name), columns) if name in catalog else None
        if key is not None:
            yield (
                name,
                Upsert(table=name, columns=tuple(columns), key=key, aside=f"masker_rows_{number}"),
            )


def _without_key(
    catalog: Catalog, moved: dict[TableName, list[str]], upserts: dict[TableName, Upsert]
) -> Iterator[Finding]:
    for name in moved:
        if name not in catalog:
            continue  # told by the fit
        if name not in upserts:
            yield error(
                "no-upsert-key",
                f"`{name}` has no key by which a row could be found again: no primary key, no "
                "unique key without nulls that is checked at once",
                subject=str(name),
                help="add one in the target, exclude the table, or use another mode",
            )
            continue
        yield from _identities(catalog.table(name), upserts[name])


def _identities(table: Table, upsert: Upsert) -> Iterator[Finding]:
    for column in table.columns:
        if column.identity == "always" and column.name in set(upsert.columns) - set(upsert.key):
            subject = f"{table.name}.{column.name}"
            yield error(
                "identity-outside-key",
                f"`{subject}` is GENERATED ALWAYS AS IDENTITY outside of the key, so that no row "
                "that is there can take the source's value",
                subject=subject,
                help="make it GENERATED BY DEFAULT in the target, or use another mode",
            )


def _one_way(plan: Plan, upserts: dict[TableName, Upsert]) -> Iterator[Finding]:
    for step in _loaded(plan) if plan.one_way else ():
        key = upserts[step.into].key if step.into in upserts else ()
        masked = sorted({column.name for column in step.masked} & set(key))
        if masked:
            yield warning(
                "key-never-again",
                f"`{step.into}` is upserted by `{', '.join(masked)}`, which is masked with a key "
                "that ends with this run: no later run finds these rows again",
                subject=str(step.into),
                help="set MASKER_KEY, or keep the column",
            )


def _rights(
    session: Session,
    tables: Sequence[TableName],
    tops: Sequence[TableName],
    settings: TargetSettings,
    switches: Switches,
) -> Iterator[Finding]:
    role, temporary, owner = session.query(_MAY)[0]
    wanted = list(_WANTED.get(settings.mode, _LOCKING))
    if settings.mode == REPLACE and settings.clear == TRUNCATE:
        wanted.append("TRUNCATE")
    every = list(dict.fromkeys([*tables, *tops]))
    schemas, names = [each.schema for each in every], [each.name for each in every]
    owners = set()
    for schema, name, owned, _, lacking, hidden in session.query(_RIGHTS, [wanted, schemas, names]):
        table = f"{schema}.{name}"
        if owned:
            owners.add(TableName(schema, name))
        if lacking:
            yield error(
                "no-table-right",
                f"the role `{role}` may not {', '.join(lacking)} on `{table}`",
                subject=table,
                help=f"GRANT {', '.join(lacking)} ON {quote(schema, name)} TO {quote(role)}",
            )
        if hidden:
            yield error(
                "row-security-applies",
                f"row-level security hides rows of `{table}` from the role `{role}`",
                subject=table,
                help=f"ALTER ROLE {quote(role)} BYPASSRLS",
            )
    if settings.mode == UPSERT and not temporary:
        yield error(
            "no-temporary-tables",
            f"the role `{role}` may not make temporary tables in `{settings.database}`",
            subject=role,
            help=f"GRANT TEMPORARY ON DATABASE {quote(settings.database)} TO {quote(role)}",
        )
    if not owner:
        yield note(
            "marker-not-written",
            f"`{settings.database}` does not belong to the role `{role}`, so masker's marker "
            "cannot be left in its comment",
            subject=settings.database,
            help="keep `allow: [unmarked-target]`, or make the role a member of the owner",
        )
    if settings.mode == UPSERT:
        yield from _rules(switches)
    if switches.readers_wait:
        yield note(
            "readers-wait",
            f"the role `{role}` drops and creates foreign keys, so readers of the tables that they "
            "tie wait from the first row to the end",
            subject=settings.database,
            help="from PostgreSQL 15 on: GRANT SET ON PARAMETER session_replication_role TO "
            f"{quote(role)}; then nobody waits"
            if settings.clear != TRUNCATE
            else "`clear: delete` can let readers see the old rows meanwhile",
        )


def _rules(switches: Switches) -> Iterator[Finding]:
    for wire in switches.wires:
        if wire.kind == "RULE":
            yield error(
                "upsert-rule",
                f"the rule `{wire.name}` of `{wire.table}` keeps PostgreSQL from updating what is "
                "there already",
                subject=str(wire.table),
                help="drop the rule, make it a trigger, or use another mode",
            )


def _owned(
    session: Session, plan: Plan, tables: Sequence[TableName], switches: Switches
) -> Iterator[Finding]:
    """Yield what must be altered and belongs to somebody else."""
    yield from _unproved(switches) if switches.quiet else _unswitched(switches)
    for view, owned in afterwards.views_of(session, tables):
        if not owned:
            yield error(
                "view-of-others",
                f"the materialised view `{view}` reads what is loaded and belongs to another role, "
                "so it cannot be refreshed",
                subject=str(view),
                help="make the loading role a member of the view's owner",
            )
    for each in afterwards.sequences_behind(session, plan.sequences):
        if not each.owned:
            yield error(
                "sequence-of-others",
                f"the sequence `{each.name}` must go on further and belongs to another role",
                subject=str(each.name),
                help="make the loading role a member of the sequence's owner",
            )


def _unproved(switches: Switches) -> Iterator[Finding]:
    for link in switches.links:
        if link.validated and not link.readable:
            yield error(
                "no-table-right",
                f"the role may not SELECT on `{link.child}` and `{link.parent}`, so the foreign "
                f"key `{link.name}` cannot be proved",
                subject=str(link.child),
                help="grant SELECT on both tables to the loading role",
            )


def _unswitched(switches: Switches) -> Iterator[Finding]:
    for link in switches.links:
        if not link.owned:
            yield error(
                "foreign-key-of-others",
                f"the foreign key `{link.name}` of `{link.child}`, which refers to "
                f"`{link.parent}`, belongs to another role and cannot be dropped meanwhile",
                subject=f"{link.child}.{link.name}",
                help=_MEMBER,
            )
    for wire in switches.wires:
        if not wire.owned:
            yield error(
                "trigger-of-others",
                f"the {wire.kind.lower()} `{wire.name}` of `{wire.table}` cannot be switched off: "
                "the table belongs to another role",
                subject=f"{wire.table}.{wire.name}",
                help=_MEMBER,
            )

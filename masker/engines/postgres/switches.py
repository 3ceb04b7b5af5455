"""Foreign keys, triggers and rules of tables: off while rows are loaded, on again before COMMIT.

A role that may set `session_replication_role` switches them off for its own session: no table is
locked against readers, and the foreign keys are proved by queries afterwards. Any other role drops
foreign keys and disables triggers and rules inside its transaction, from the server's own
definitions; then readers of these tables wait until it ends.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from masker.catalog import TableName
from masker.engines.postgres.recompute import INSERT, fills
from masker.engines.postgres.session import Session, literal, quote
from masker.errors import DataError, MaskerError

SET_BY_GRANT_SINCE = 150000  # GRANT SET ON PARAMETER
_BROKEN = "23503"
_STATES = {"O": "ENABLE", "A": "ENABLE ALWAYS", "R": "ENABLE REPLICA"}
# A table's partitions and what it is a partition of: a foreign key may stand on any of them.
_OIDS = """
SELECT DISTINCT p.oid FROM unnest(%s::text[], %s::text[]) w(schema, name)
  JOIN pg_catalog.pg_namespace n ON n.nspname = w.schema
  JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = w.name
  CROSS JOIN LATERAL (
    SELECT c.oid UNION SELECT relid::oid FROM pg_catalog.pg_partition_tree(c.oid)
    UNION SELECT relid::oid FROM pg_catalog.pg_partition_ancestors(c.oid)) p(oid)
"""
_LINKS = """
SELECT k.conname, n.nspname, c.relname, c.relkind = 'p', f.nspname, p.relname, p.relkind = 'p',
       pg_catalog.pg_get_constraintdef(k.oid), pg_catalog.obj_description(k.oid, 'pg_constraint'),
       k.convalidated, k.confmatchtype = 'f', pg_catalog.pg_has_role(c.relowner, 'USAGE'),
       pg_catalog.has_table_privilege(c.oid, 'SELECT')
       AND pg_catalog.has_table_privilege(p.oid, 'SELECT'),
       ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY u(number, place)
               JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number
              ORDER BY u.place),
       ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY u(number, place)
               JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.number
              ORDER BY u.place),
       ARRAY(SELECT 'OPERATOR(' || pg_catalog.quote_ident(s.nspname) || '.' || o.oprname || ')'
               FROM unnest(k.conpfeqop) WITH ORDINALITY u(number, place)
               JOIN pg_catalog.pg_operator o ON o.oid = u.number
               JOIN pg_catalog.pg_namespace s ON s.oid = o.oprnamespace ORDER BY u.place)
  FROM pg_catalog.pg_constraint k
  JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_class p ON p.oid = k.confrelid
  JOIN pg_catalog.pg_namespace f ON f.oid = p.relnamespace
 WHERE k.conparentid = 0 AND k.contype = 'f'
       AND (k.conrelid = ANY (%s::oid[]) OR k.confrelid = ANY (%s::oid[]))
 ORDER BY k.oid
"""
_WIRES = """
SELECT 'TRIGGER', n.nspname, c.relname, t.tgname, t.tgenabled::text,
       pg_catalog.pg_has_role(c.relowner, 'USAGE'), t.tgtype::int,
       pg_catalog.pg_get_triggerdef(t.oid) || ' ' || p.prosrc
  FROM pg_catalog.pg_trigger t
  JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid
  JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE t.tgrelid = ANY (%s::oid[]) AND t.tgenabled <> 'D'
       AND (NOT t.tgisinternal OR (t.tgparentid <> 0 AND t.tgconstraint = 0))
UNION ALL
SELECT 'RULE', n.nspname, c.relname, r.rulename, r.ev_enabled::text,
       pg_catalog.pg_has_role(c.relowner, 'USAGE'), 0, ''
  FROM pg_catalog.pg_rewrite r
  JOIN pg_catalog.pg_class c ON c.oid = r.ev_class
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE r.ev_class = ANY (%s::oid[]) AND r.ev_enabled <> 'D' AND r.ev_type <> '1'
 ORDER BY 1, 2, 3, 4
"""
# What only a trigger of the server's own looks after, which `replica` would silence as well.
_DEFERRABLE = """
SELECT EXISTS (SELECT FROM pg_catalog.pg_constraint k
                WHERE k.conrelid = ANY (%s::oid[]) AND k.contype IN ('p', 'u', 'x')
                      AND k.condeferrable)
"""
_TEMPORAL = """
SELECT EXISTS (SELECT FROM pg_catalog.pg_constraint k
                WHERE k.contype = 'f' AND k.conperiod
                      AND (k.conrelid = ANY (%s::oid[]) OR k.confrelid = ANY (%s::oid[])))
"""
_TEMPORAL_SINCE = 180000
_SUPER = "SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user"
_MAY_SET = "SELECT pg_catalog.has_parameter_privilege('session_replication_role', 'SET')"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A foreign key as the server defines it.

    `owned`: the role may drop and create it; `readable`: it may read both of its tables.
    """

    name: str
    child: TableName
    parent: TableName
    definition: str
    comment: str | None
    validated: bool
    owned: bool
    readable: bool
    broken: str  # a query whose first value tells whether a row refers to nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """A trigger or a rule that is on; `events` are the bits of pg_trigger.tgtype."""

    kind: str
    table: TableName
    name: str
    state: str
    owned: bool
    events: int
    text: str


class Switches:
    """Foreign keys from and to some tables, and their triggers and rules.

    Triggers that compute the columns `computed` stay on: those that fire on all of `events`, bits
    of pg_trigger.tgtype. `filled` are the columns that have one.
    """

    def __init__(
        self,
        session: Session,
        tables: Sequence[TableName],
        *,
        truncates: bool = False,
        computed: Collection[tuple[TableName, str]] = (),
        events: int = INSERT,
    ) -> None:
        self._session = session
        schemas, names = [each.schema for each in tables], [each.name for each in tables]
        self._oids = [oid for (oid,) in session.query(_OIDS, [schemas, names])]
        self.links = tuple(_link(*row) for row in session.query(_LINKS, [self._oids] * 2))
        found = tuple(_wire(*row) for row in session.query(_WIRES, [self._oids] * 2))
        computing = {
            (wire, column)
            for wire in found
            for table, column in computed
            if wire.table == table and wire.events & events == events
            if fills(wire.events, wire.text, column)
        }
        self.filled = frozenset((wire.table, column) for wire, column in computing)
        self.wires = tuple(each for each in found if each not in {wire for wire, _ in computing})
        self.quiet = not truncates and not computing and self._may_be_quiet()

    @property
    def readers_wait(self) -> bool:
        """Tell whether switching locks a table against readers."""
        return not self.quiet and (
            bool(self.links) or any(wire.kind == "RULE" for wire in self.wires)
        )

    def _may_be_quiet(self) -> bool:
        """Tell whether `replica` silences what should be silent, and nothing else."""
        session = self._session
        if any(wire.state != "O" for wire in self.wires):  # some would fire, or fire only then
            return False
        if session.one(_DEFERRABLE, [self._oids]):
            return False
        if session.version >= _TEMPORAL_SINCE and session.one(_TEMPORAL, [self._oids] * 2):
            return False
        if session.one(_SUPER):
            return True
        return session.version >= SET_BY_GRANT_SINCE and bool(session.one(_MAY_SET))

    def off(self) -> None:
        """Switch everything off, in the open transaction."""
        if self.quiet:
            self._session.execute("SET LOCAL session_replication_role = replica")
            return
        for link in self.links:
            self._session.execute(
                f"ALTER TABLE {_sql(link.child)} DROP CONSTRAINT {quote(link.name)}"
            )
        for wire in self.wires:
            self._switch(wire, "DISABLE")

    def on(self) -> None:
        """Switch everything on again and prove the foreign keys; DataError names a broken one."""
        if self.quiet:
            self._session.execute("SET LOCAL session_replication_role = origin")
            for link in self.links:
                if link.validated and self._session.one(link.broken):
                    raise _dangling(link)
            return
        for link in self.links:
            self._create(link)
        for wire in self.wires:
            self._switch(wire, _STATES[wire.state])

    def _create(self, link: Link) -> None:
        child, name = _sql(link.child), quote(link.name)
        try:
            self._session.execute(f"ALTER TABLE {child} ADD CONSTRAINT {name} {link.definition}")
        except MaskerError as failure:
            if failure.sqlstate != _BROKEN:
                raise
            raise _dangling(link) from None
        if link.comment:
            words = literal(link.comment)
            self._session.execute(f"COMMENT ON CONSTRAINT {name} ON {child} IS {words}")

    def _switch(self, wire: Wire, how: str) -> None:
        only = "ONLY " if wire.kind == "TRIGGER" else ""
        self._session.execute(
            f"ALTER TABLE {only}{_sql(wire.table)} {how} {wire.kind} {quote(wire.name)}"
        )


def _dangling(link: Link) -> DataError:
    return DataError(
        f"rows of `{link.child}` refer by `{link.name}` to rows that `{link.parent}` does not hold",
        help="load both tables in one run, or remove such rows from the target",
        code="foreign-key-broken",
        subject=f"{link.child}.{link.name}",
    )


def _wire(
    kind: str,
    schema: str,
    table: str,
    name: str,
    state: str,
    owned: bool,
    events: int,
    text: str,
) -> Wire:
    return Wire(
        kind=kind,
        table=TableName(schema, table),
        name=name,
        state=state,
        owned=owned,
        events=events,
        text=text,
    )


def _link(
    name: str,
    schema: str,
    table: str,
    divided: bool,
    far_schema: str,
    far: str,
    far_divided: bool,
    definition: str,
    comment: str | None,
    validated: bool,
    full: bool,
    owned: bool,
    readable: bool,
    columns: Sequence[str],
    parent_columns: Sequence[str],
    operators: Sequence[str],
) -> Link:
    child, parent = TableName(schema, table), TableName(far_schema, far)
    there = " AND ".join(_there(columns))
    if full and len(columns) > 1:  # MATCH FULL: all of them or none
        none = " AND ".join(f"c.{quote(each)} IS NULL" for each in columns)
        there = f"NOT ({none})"
    same = " AND ".join(
        f"p.{quote(theirs)} {operator} c.{quote(mine)}"
        for mine, theirs, operator in zip(columns, parent_columns, operators, strict=True)
    )
    broken = (
        f"SELECT EXISTS (SELECT FROM {'' if divided else 'ONLY '}{_sql(child)} c "
        f"WHERE {there} AND NOT EXISTS (SELECT FROM {'' if far_divided else 'ONLY '}{_sql(parent)} "
        f"p WHERE {same}))"
    )
    return Link(
        name=name,
        child=child,
        parent=parent,
        definition=definition,
        comment=comment,
        validated=validated,
        owned=owned,
        readable=readable,
        broken=broken,
    )


def _there(columns: Sequence[str]) -> Iterator[str]:
    return (f"c.{quote(each)} IS NOT NULL" for each in columns)


def _sql(name: TableName) -> str:
    return quote(name.schema, name.name)

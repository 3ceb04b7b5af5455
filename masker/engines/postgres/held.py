"""What stands in the way of new values in a table: constraints, indexes, triggers; put back whole.

Everything is dropped and created again inside the caller's transaction, from the definitions that
the server itself gives, so that a failure leaves all of it as it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from masker.catalog import TableName
from masker.engines.in_place import Change
from masker.engines.postgres.session import Session, literal, quote
from masker.errors import ConfigError, MaskerError

_UPDATE = 16  # TRIGGER_TYPE_UPDATE of pg_trigger.h

# A partitioned table's own parts have its constraints, too; those are the server's own affair.
_CONSTRAINTS = """
SELECT k.conname, k.contype, n.nspname, c.relname, ARRAY(
         SELECT a.attname::text FROM pg_catalog.pg_attribute a
          WHERE a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey)),
       fn.nspname, fc.relname, ARRAY(
         SELECT a.attname::text FROM pg_catalog.pg_attribute a
          WHERE a.attrelid = k.confrelid AND a.attnum = ANY (k.confkey)),
       pg_catalog.pg_get_constraintdef(k.oid), pg_catalog.obj_description(k.oid, 'pg_constraint'),
       k.conindid
  FROM pg_catalog.pg_constraint k
  JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_class fc ON fc.oid = k.confrelid
  LEFT JOIN pg_catalog.pg_namespace fn ON fn.oid = fc.relnamespace
 WHERE k.conparentid = 0 AND k.contype IN ('p', 'u', 'x', 'f')
       AND (k.conrelid = ANY (%s::oid[]) OR k.confrelid = ANY (%s::oid[]))
 ORDER BY k.contype = 'f', k.oid
"""
_INDEXES = """
SELECT i.indexrelid, n.nspname, t.relname, c.relname, pg_catalog.pg_get_indexdef(i.indexrelid),
       ARRAY(SELECT DISTINCT a.attname::text FROM pg_catalog.pg_depend d
               JOIN pg_catalog.pg_attribute a
                    ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
              WHERE d.objid = i.indexrelid AND d.refobjid = i.indrelid AND d.refobjsubid > 0
                    AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass),
       coalesce(s.spcname, ''), i.indisreplident, i.indisclustered,
       pg_catalog.obj_description(i.indexrelid, 'pg_class'),
       EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conindid = i.indexrelid
                      AND k.conrelid = i.indrelid AND k.contype IN ('p', 'u', 'x'))
  FROM pg_catalog.pg_index i
  JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
  JOIN pg_catalog.pg_class t ON t.oid = i.indrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
  LEFT JOIN pg_catalog.pg_tablespace s ON s.oid = c.reltablespace
 WHERE i.indrelid = ANY (%s::oid[]) AND (i.indisunique OR i.indisexclusion)
       AND NOT c.relispartition
"""
_TRIGGERS = """
SELECT n.nspname, c.relname, t.tgname, t.tgenabled
  FROM pg_catalog.pg_trigger t
  JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE t.tgrelid = ANY (%s::oid[]) AND (t.tgtype::int & %s) <> 0 AND t.tgenabled <> 'D'
       AND (NOT t.tgisinternal OR (t.tgparentid <> 0 AND t.tgconstraint = 0))
"""
# Servers write it down for the column or for its expression, as they are old or new.
_COMPUTED = """
SELECT n.nspname, c.relname, a.attname::text, pg_catalog.array_agg(b.attname::text)
  FROM pg_catalog.pg_attribute a
  JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_attrdef f ON f.adrelid = a.attrelid AND f.adnum = a.attnum
  JOIN pg_catalog.pg_depend d
       ON d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = a.attrelid
       AND ((d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass AND d.objid = f.oid)
            OR (d.classid = d.refclassid AND d.objid = a.attrelid AND d.objsubid = a.attnum))
  JOIN pg_catalog.pg_attribute b ON b.attrelid = a.attrelid AND b.attnum = d.refobjsubid
 WHERE a.attrelid = ANY (%s::oid[]) AND a.attgenerated <> '' AND a.attnum <> b.attnum
 GROUP BY 1, 2, 3
"""
_OIDS = """
SELECT p.oid FROM unnest(%s::text[], %s::text[]) w(schema, name)
  JOIN pg_catalog.pg_namespace n ON n.nspname = w.schema
  JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = w.name
  CROSS JOIN LATERAL (
    SELECT c.oid UNION SELECT relid::oid FROM pg_catalog.pg_partition_tree(c.oid)) p(oid)
"""
_IN_USE = {
    "2BP01": (
        "something else of the database is built on it",
        "pass `ddl=False`, which drops nothing",
    ),
    "55006": (
        "checks of this transaction are still waiting",
        "run `SET CONSTRAINTS ALL IMMEDIATE` first, or mask in a transaction of its own",
    ),
}
_STATES = {"O": "ENABLE", "A": "ENABLE ALWAYS", "R": "ENABLE REPLICA"}


@dataclass(frozen=True, slots=True)
class _Held:
    """Something that is dropped, and how it comes back: statements and its tablespace."""

    drop: str
    create: tuple[str, ...]
    tablespace: str = ""
    link: bool = False  # a foreign key, which leans on the others


class Held:
    """Constraints, unique indexes and triggers of the tables that change."""

    def __init__(self, session: Session, changes: Sequence[Change]) -> None:
        self._session = session
        self._oids = oids_of(session, [change.table.name for change in changes])
        self._changed = {
            change.table.name: {column.name for column in change.columns} for change in changes
        }
        for name, columns in computed(session, changes).items():
            self._changed[name] |= columns
        self._held: list[_Held] = []
        self._triggers: list[tuple[str, str, str]] = []
        self._always: list[tuple[str, str]] = []

    def drop(self, changes: Sequence[Change]) -> None:
        """Take everything out of the way."""
        self._triggers = [
            (quote(schema, table), quote(name), state)
            for schema, table, name, state in triggers(self._session, self._oids)
        ]
        for table, name, _ in self._triggers:
            self._run(f"ALTER TABLE ONLY {table} DISABLE TRIGGER {name}")
        self._always = [
            (quote(change.table.name.schema, change.table.name.name), quote(column.name))
            for change in changes
            for column in change.columns
            if column.identity == "always"
        ]
        for table, name in self._always:
            self._run(f"ALTER TABLE {table} ALTER COLUMN {name} SET GENERATED BY DEFAULT")
        self._held = [*self._constraints(), *self._indexes()]
        for each in sorted(self._held, key=lambda one: not one.link):
            self._run(each.drop)

    def restore(self) -> None:
        """Put everything back; the server proves that it holds."""
        for each in sorted(self._held, key=lambda one: one.link):
            self._session.query(
                "SELECT pg_catalog.set_config('default_tablespace', %s, true)", [each.tablespace]
            )
            for statement in each.create:
                self._run(statement)
        for table, name in self._always:
            self._run(f"ALTER TABLE {table} ALTER COLUMN {name} SET GENERATED ALWAYS")
        for table, name, state in self._triggers:
            self._run(f"ALTER TABLE ONLY {table} {_STATES[state]} TRIGGER {name}")

    def _run(self, statement: str) -> None:
        """Run DDL; tell what stands in its way, and how to do without."""
        try:
            self._session.execute(statement)
        except MaskerError as failure:
            told = _IN_USE.get(failure.sqlstate)
            if told is None:
                raise
            sentence, mend = told
            raise ConfigError(
                f"a constraint or trigger cannot be set aside: {sentence}",
                help=mend,
                code="constraint-in-use",
                subject=failure.subject,
            ) from None

    def _constraints(self) -> Iterator[_Held]:
        known = unique_indexes(self._session, self._oids)
        for row in constraints(self._session, self._oids):
            name, kind, schema, table, mine, far_schema, far, theirs, definition, words, index = row
            changed = self._changed.get(TableName(schema, table), set()) & set(mine)
            if kind == "f":
                changed |= self._changed.get(TableName(far_schema, far), set()) & set(theirs)
            if not changed:
                continue
            there, called = quote(schema, table), quote(name)
            create = [f"ALTER TABLE {there} ADD CONSTRAINT {called} {definition}"]
            if words:
                create.append(f"COMMENT ON CONSTRAINT {called} ON {there} IS {literal(words)}")
            if kind != "f":
                create += _index_marks(known.get(index), there)
            yield _Held(
                f"ALTER TABLE {there} DROP CONSTRAINT {called}",
                tuple(create),
                known[index][6] if kind != "f" and index in known else "",
                link=kind == "f",
            )

    def _indexes(self) -> Iterator[_Held]:
        for row in unique_indexes(self._session, self._oids).values():
            _, schema, table, name, definition, columns, space, *_, of_constraint = row
            changed = self._changed.get(TableName(schema, table), set())
            if of_constraint or not changed.intersection(columns):
                continue
            there = quote(schema, table)
            yield _Held(
                f"DROP INDEX {quote(schema, name)}",
                (definition, *_index_marks(row, there)),
                space,
            )


def _index_marks(row: tuple[Any, ...] | None, there: str) -> Iterator[str]:
    """Yield what is said of an index beside its definition."""
    if row is None:
        return
    _, schema, _, name, *_, replica, clustered, words, _ = row
    if replica:
        yield f"ALTER TABLE {there} REPLICA IDENTITY USING INDEX {quote(name)}"
    if clustered:
        yield f"ALTER TABLE {there} CLUSTER ON {quote(name)}"
    if words:
        yield f"COMMENT ON INDEX {quote(schema, name)} IS {literal(words)}"


def oids_of(session: Session, tables: Sequence[TableName]) -> list[int]:
    """Return the tables' own numbers and those of their partitions."""
    schemas, names = [each.schema for each in tables], [each.name for each in tables]
    return [oid for (oid,) in session.query(_OIDS, [schemas, names])]


def computed(session: Session, changes: Sequence[Change]) -> dict[TableName, set[str]]:
    """Return, by table, the generated columns that change because others do."""
    changed = {change.table.name: {column.name for column in change.columns} for change in changes}
    found: dict[TableName, set[str]] = {}
    for schema, table, name, reads in session.query(_COMPUTED, [oids_of(session, [*changed])]):
        if changed.get(TableName(schema, table), set()).intersection(reads):
            found.setdefault(TableName(schema, table), set()).add(name)
    return found


def constraints(session: Session, oids: Sequence[int]) -> list[tuple[Any, ...]]:
    """Return the keys of tables and the foreign keys from and to them."""
    return session.query(_CONSTRAINTS, [list(oids), list(oids)])


def unique_indexes(session: Session, oids: Sequence[int]) -> Mapping[int, tuple[Any, ...]]:
    """Return the unique indexes of tables, by their number."""
    return {row[0]: row for row in session.query(_INDEXES, [list(oids)])}


def triggers(session: Session, oids: Sequence[int]) -> list[tuple[str, str, str, str]]:
    """Return the triggers that an UPDATE fires: schema, table, name, state."""
    rows = session.query(_TRIGGERS, [list(oids), _UPDATE])
    return [(schema, table, name, state) for schema, table, name, state in rows]

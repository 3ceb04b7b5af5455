"""Who owns and who may use the objects of a database: read from the old, given to the new."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from masker.engines.postgres.databases import Statement
from masker.engines.postgres.session import Session, quote

# pg_identify_object gives a name that means the same in every database. Objects that belong to
# the server or an extension stand here only when somebody changed their rights (pg_init_privs).
_OBJECTS = """
WITH object AS (
  SELECT 'pg_class'::pg_catalog.regclass AS class, c.oid, c.relowner AS owner, c.relacl AS acl,
         CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind,
         c.relnamespace AS schema, c.relkind = 'S' AND EXISTS (
           SELECT FROM pg_catalog.pg_depend d WHERE d.objid = c.oid AND d.deptype IN ('a', 'i')
              AND d.classid = 'pg_class'::pg_catalog.regclass
              AND d.refclassid = 'pg_class'::pg_catalog.regclass) AS owned
    FROM pg_catalog.pg_class c WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S')
  UNION ALL
  SELECT 'pg_proc'::pg_catalog.regclass, p.oid, p.proowner, p.proacl, 'ROUTINE',
         p.pronamespace, false FROM pg_catalog.pg_proc p
  UNION ALL
  SELECT 'pg_namespace'::pg_catalog.regclass, n.oid, n.nspowner, n.nspacl, 'SCHEMA', n.oid, false
    FROM pg_catalog.pg_namespace n
  UNION ALL
  SELECT 'pg_type'::pg_catalog.regclass, t.oid, t.typowner, t.typacl, 'TYPE',
         t.typnamespace, false FROM pg_catalog.pg_type t
   WHERE t.typtype IN ('d', 'e', 'r', 'b') AND t.typelem = 0
      OR t.typtype = 'c' AND EXISTS (SELECT FROM pg_catalog.pg_class c
                                      WHERE c.oid = t.typrelid AND c.relkind = 'c')
  UNION ALL
  SELECT 'pg_language'::pg_catalog.regclass, l.oid, l.lanowner, l.lanacl, 'LANGUAGE', 0, false
    FROM pg_catalog.pg_language l
  UNION ALL
  SELECT 'pg_statistic_ext'::pg_catalog.regclass, s.oid, s.stxowner, NULL, 'STATISTICS',
         s.stxnamespace, false FROM pg_catalog.pg_statistic_ext s
  UNION ALL
  SELECT 'pg_collation'::pg_catalog.regclass, c.oid, c.collowner, NULL, 'COLLATION',
         c.collnamespace, false FROM pg_catalog.pg_collation c
  UNION ALL
  SELECT 'pg_ts_config'::pg_catalog.regclass, t.oid, t.cfgowner, NULL,
         'TEXT SEARCH CONFIGURATION', t.cfgnamespace, false FROM pg_catalog.pg_ts_config t
  UNION ALL
  SELECT 'pg_ts_dict'::pg_catalog.regclass, t.oid, t.dictowner, NULL, 'TEXT SEARCH DICTIONARY',
         t.dictnamespace, false FROM pg_catalog.pg_ts_dict t
)
SELECT o.kind, (pg_catalog.pg_identify_object(o.class, o.oid, 0)).identity,
       pg_catalog.pg_get_userbyid(o.owner), o.owned, o.acl IS NOT NULL AND NOT o.same,
       o.foreign, o.class::pg_catalog.oid, o.oid
  FROM (
    SELECT o.*, coalesce(o.acl = i.initprivs OR (o.acl @> i.initprivs AND o.acl <@ i.initprivs),
                         false) AS same,
           n.nspname IN ('pg_catalog', 'information_schema') OR n.nspname LIKE 'pg\\_%'
             OR o.kind = 'LANGUAGE' OR EXISTS (
               SELECT FROM pg_catalog.pg_depend d WHERE d.classid = o.class AND d.objid = o.oid
                  AND d.deptype = 'e') AS foreign
      FROM object o
      LEFT JOIN pg_catalog.pg_namespace n ON n.oid = o.schema
      LEFT JOIN pg_catalog.pg_init_privs i
             ON i.classoid = o.class AND i.objoid = o.oid AND i.objsubid = 0
  ) o
 WHERE NOT o.foreign OR (o.acl IS NOT NULL AND NOT o.same)
 ORDER BY 1, 2
"""
_GRANTS = """
SELECT x.class, x.oid, x.column, pg_catalog.pg_get_userbyid(nullif(a.grantee, 0)),
       a.privilege_type, a.is_grantable
  FROM (
    SELECT 'pg_class'::pg_catalog.regclass::pg_catalog.oid AS class, oid, '' AS column,
           relowner AS owner, relacl AS acl FROM pg_catalog.pg_class
    UNION ALL SELECT 'pg_class'::pg_catalog.regclass, t.attrelid, t.attname, c.relowner, t.attacl
      FROM pg_catalog.pg_attribute t JOIN pg_catalog.pg_class c ON c.oid = t.attrelid
     WHERE t.attacl IS NOT NULL AND NOT t.attisdropped
    UNION ALL SELECT 'pg_proc'::pg_catalog.regclass, oid, '', proowner, proacl
      FROM pg_catalog.pg_proc
    UNION ALL SELECT 'pg_namespace'::pg_catalog.regclass, oid, '', nspowner, nspacl
      FROM pg_catalog.pg_namespace
    UNION ALL SELECT 'pg_type'::pg_catalog.regclass, oid, '', typowner, typacl
      FROM pg_catalog.pg_type
    UNION ALL SELECT 'pg_language'::pg_catalog.regclass, oid, '', lanowner, lanacl
      FROM pg_catalog.pg_language
  ) x, pg_catalog.aclexplode(x.acl) a
 WHERE a.grantee <> x.owner ORDER BY 1, 2, 3, 4, 6, 5
"""
_DEFAULTS = """
SELECT pg_catalog.pg_get_userbyid(d.defaclrole), coalesce(n.nspname, ''), d.defaclobjtype::text,
       pg_catalog.pg_get_userbyid(nullif(a.grantee, 0)), a.privilege_type, a.is_grantable
  FROM pg_catalog.pg_default_acl d
  LEFT JOIN pg_catalog.pg_namespace n ON n.oid = d.defaclnamespace
  LEFT JOIN pg_catalog.aclexplode(d.defaclacl) a ON a.grantee <> d.defaclrole
 ORDER BY 1, 2, 3, 4
"""
_DEFAULT_KINDS = {"r": "TABLES", "S": "SEQUENCES", "f": "ROUTINES", "T": "TYPES", "n": "SCHEMAS",
                  "L": "LARGE OBJECTS"}  # fmt: skip

Grant = tuple[str, str, str, bool]  # column or "", grantee or "" for PUBLIC, privilege, grantable


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """One object's owner and grants; `explicit` when they are not what the server gives by itself.

    `foreign` objects belong to the server or an extension, and keep their owner.
    """

    kind: str
    identity: str
    owner: str
    follows: bool  # a sequence whose owner follows its table's
    explicit: bool
    foreign: bool
    grants: tuple[Grant, ...]


@dataclass(frozen=True, slots=True)
class AllRights:
    """All objects of a database with their rights, and the default privileges for new ones."""

    objects: tuple[Rights, ...]
    defaults: tuple[tuple[str, str, str, str | None, str | None, bool | None], ...]


def read(session: Session) -> AllRights:
    """Read owners, grants and default privileges of the session's database."""
    grants: dict[tuple[int, int], list[Grant]] = {}
    for class_, oid, column, grantee, privilege, grantable in session.query(_GRANTS):
        entry = (column, grantee or "", privilege, grantable)
        grants.setdefault((class_, oid), []).append(entry)
    objects = tuple(
        Rights(
            kind=kind,
            identity=identity,
            owner=owner,
            follows=owned,
            explicit=explicit,
            foreign=foreign,
            grants=tuple(grants.get((class_, oid), ())),
        )
        for kind, identity, owner, owned, explicit, foreign, class_, oid in session.query(_OBJECTS)
    )
    return AllRights(objects, tuple(tuple(row) for row in session.query(_DEFAULTS)))


def carry_over(old: AllRights, new: AllRights, *, owner: str) -> Iterator[Statement]:
    """Give statements that bring the old rights to objects that still exist.

    Grants come first, as the loading role owns what it made; then the owners, of an object that
    the old database had not the database's `owner`; default privileges last.
    """
    present = {(item.kind, item.identity): item for item in new.objects}
    former = {(item.kind, item.identity): item for item in old.objects}
    for key, item in former.items():
        made = present.get(key)
        if item.foreign and made is not None and made.grants == item.grants:
            continue  # the server gives these by itself, without telling (information_schema)
        if item.foreign or made is not None:
            yield from _granted(item)
    for key, item in present.items():
        was = former.get(key)
        if was is None and item.identity == "public" and item.kind == "SCHEMA":
            continue
        to = was.owner if was is not None else owner
        if not item.foreign and not item.follows and item.owner != to:
            yield Statement(
                f"ALTER {item.kind} {item.identity} OWNER TO {quote(to)}",
                "owner-not-carried",
                item.identity,
                f"the owner `{to}` of `{item.identity}`",
            )
    yield from _defaults(old, {item.identity for item in new.objects if item.kind == "SCHEMA"})


def _granted(item: Rights) -> Iterator[Statement]:
    on = f"{item.kind} {item.identity}"
    if item.explicit:
        yield Statement(
            f"REVOKE ALL ON {on} FROM PUBLIC",
            "grant-not-carried",
            item.identity,
            f"the missing rights of PUBLIC on `{item.identity}`",
        )
    elif not any(column for column, *_ in item.grants):
        return
    for (column, grantee, grantable), group in groupby(
        sorted(item.grants, key=lambda g: (g[0], g[1], g[3])), key=lambda g: (g[0], g[1], g[3])
    ):
        privileges = [privilege for _, _, privilege, _ in group]
        if column:
            privileges = [f"{privilege} ({quote(column)})" for privilege in privileges]
        whom = quote(grantee) if grantee else "PUBLIC"
        yield Statement(
            f"GRANT {', '.join(privileges)} ON {on} TO {whom}"
            + (" WITH GRANT OPTION" if grantable else ""),
            "grant-not-carried",
            f"{item.identity} to {grantee or 'PUBLIC'}",
            f"{', '.join(privileges)} on `{item.identity}` for `{grantee or 'PUBLIC'}`",
        )


def _defaults(old: AllRights, schemas: set[str]) -> Iterator[Statement]:
    def place(row: tuple[str, str, str, str | None, str | None, bool | None]) -> tuple[str, ...]:
        return row[0], row[1], row[2]

    for (role, schema, letter), rows in groupby(old.defaults, key=place):
        if schema and quote(schema) not in schemas and schema not in schemas:
            continue
        kind = _DEFAULT_KINDS[letter]
        head = f"ALTER DEFAULT PRIVILEGES FOR ROLE {quote(role)}"
        head += f" IN SCHEMA {quote(schema)}" if schema else ""
        what = f"default privileges of `{role}` on {kind.lower()}"
        if not schema:  # these replace what the server gives by itself
            sql = f"{head} REVOKE ALL ON {kind} FROM PUBLIC"
            yield Statement(sql, "defaults-not-carried", f"{role} {kind.lower()}", what)
        for *_, grantee, privilege, grantable in rows:
            if privilege is None:
                continue
            whom = quote(grantee) if grantee else "PUBLIC"
            option = " WITH GRANT OPTION" if grantable else ""
            yield Statement(
                f"{head} GRANT {privilege} ON {kind} TO {whom}{option}",
                "defaults-not-carried",
                f"{role} {kind.lower()} to {grantee or 'PUBLIC'}",
                f"{what} for `{grantee or 'PUBLIC'}`",
            )

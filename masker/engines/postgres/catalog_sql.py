"""The questions to PostgreSQL's own catalogs, valid for 14 to 18; `catalog.py` reads the answers.

Each is asked once for the whole database. `%s` is a list of schema names or of table oids.
"""

from __future__ import annotations

SERVER = """
SELECT current_database(), current_setting('server_version'), pg_encoding_to_char(encoding),
       current_setting('block_size')::int
FROM pg_catalog.pg_database WHERE datname = current_database()
"""

SCHEMAS = """
SELECT nspname FROM pg_catalog.pg_namespace
WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' ORDER BY 1
"""

EXTENSIONS = "SELECT extname FROM pg_catalog.pg_extension ORDER BY 1"

TABLES = """
SELECT c.oid, n.nspname, c.relname, c.relrowsecurity, row_security_active(c.oid),
       c.reltuples, c.relpages, pg_relation_size(c.oid), pg_table_size(c.oid),
       obj_description(c.oid, 'pg_class'), pg_get_expr(c.relpartbound, c.oid),
       p.partstrat, p.partattrs::int2[], p.partexprs::text, pg_get_partkeydef(c.oid),
       has_schema_privilege(n.oid, 'USAGE'), has_table_privilege(c.oid, 'SELECT'), e.extname
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_partitioned_table p ON p.partrelid = c.oid
LEFT JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_class'::regclass
      AND d.objid = c.oid AND d.objsubid = 0 AND d.deptype = 'e'
LEFT JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND n.nspname = ANY(%s)
"""

PARENTS = """
SELECT i.inhrelid, n.nspname, c.relname
FROM pg_catalog.pg_inherits i
JOIN pg_catalog.pg_class c ON c.oid = i.inhparent
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE i.inhrelid = ANY(%s::oid[]) ORDER BY i.inhrelid, i.inhseqno
"""

COLUMNS = """
SELECT a.attrelid, a.attnum, a.attname, a.atttypid, a.atttypmod,
       format_type(a.atttypid, a.atttypmod), NOT a.attnotnull, a.attgenerated <> '',
       a.attidentity, pg_get_expr(d.adbin, d.adrelid), col_description(a.attrelid, a.attnum),
       NOT coalesce(l.collisdeterministic, true),
       has_column_privilege(a.attrelid, a.attnum, 'SELECT')
FROM pg_catalog.pg_attribute a
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
LEFT JOIN pg_catalog.pg_collation l ON l.oid = a.attcollation
WHERE a.attrelid = ANY(%s::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum
"""

# Each type of a column, and what it is made of: a domain's base type, an array's element type.
TYPES = """
WITH RECURSIVE used AS (
  SELECT DISTINCT a.atttypid AS oid FROM pg_catalog.pg_attribute a
  WHERE a.attrelid = ANY(%s::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
  UNION
  SELECT part.oid FROM used
  JOIN pg_catalog.pg_type t ON t.oid = used.oid
  CROSS JOIN LATERAL (VALUES (t.typbasetype), (t.typelem)) part(oid)
  WHERE part.oid <> 0
)
SELECT t.oid, n.nspname, t.typname, t.typtype,
       CASE WHEN t.typsubscript = 'pg_catalog.array_subscript_handler'::regproc
            THEN t.typelem ELSE 0::oid END,
       t.typbasetype, t.typtypmod, t.typnotnull, format_type(t.oid, NULL),
       ARRAY(SELECT e.enumlabel::text FROM pg_catalog.pg_enum e
             WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder),
       ARRAY(SELECT pg_get_constraintdef(k.oid) FROM pg_catalog.pg_constraint k
             WHERE k.contypid = t.oid AND k.contype = 'c' ORDER BY k.conname)
FROM used
JOIN pg_catalog.pg_type t ON t.oid = used.oid
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
"""

# Unique and exclusion indexes with the constraint they stand for, if any. An invalid index
# enforces nothing and is left out, as pg_dump does.
INDEXES = """
SELECT i.indrelid, coalesce(k.conname, c.relname), i.indisprimary, i.indisunique, i.indisexclusion,
       (i.indkey::int2[])[0:i.indnkeyatts - 1], i.indpred IS NOT NULL, i.indexprs::text,
       coalesce(k.condeferrable, false), pg_get_constraintdef(k.oid)
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
LEFT JOIN pg_catalog.pg_constraint k ON k.conindid = i.indexrelid AND k.conrelid = i.indrelid
      AND k.contype IN ('p', 'u', 'x')
WHERE i.indrelid = ANY(%s::oid[]) AND (i.indisunique OR i.indisexclusion)
      AND (i.indisvalid OR c.relkind = 'I')
ORDER BY i.indrelid, NOT i.indisprimary, 2
"""

CHECKS = """
SELECT k.conrelid, k.conname, coalesce(k.conkey, '{}'), pg_get_constraintdef(k.oid)
FROM pg_catalog.pg_constraint k
WHERE k.conrelid = ANY(%s::oid[]) AND k.contype = 'c'
ORDER BY k.conrelid, k.conname
"""

# A foreign key to a partitioned table has one more row for each partition it may point to, with
# the same referencing table as the row above it; those are the server's own affair.
FOREIGN_KEYS = """
SELECT k.conrelid, k.conname, k.conkey, n.nspname, c.relname,
       ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY AS ref(number, place)
             JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = ref.number
             ORDER BY ref.place),
       k.condeferrable, k.convalidated, k.conparentid <> 0
FROM pg_catalog.pg_constraint k
JOIN pg_catalog.pg_class c ON c.oid = k.confrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_constraint above ON above.oid = k.conparentid
WHERE k.conrelid = ANY(%s::oid[]) AND k.contype = 'f'
      AND above.conrelid IS DISTINCT FROM k.conrelid
ORDER BY k.conrelid, k.conname
"""

# 14 marks a partition's copy of a trigger as internal, as it does the triggers of constraints.
TRIGGERS = """
SELECT t.tgrelid, t.tgname, pg_get_triggerdef(t.oid), n.nspname, p.proname, t.tgtype
FROM pg_catalog.pg_trigger t
JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid
JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE t.tgrelid = ANY(%s::oid[])
      AND (NOT t.tgisinternal OR (t.tgparentid <> 0 AND t.tgconstraint = 0))
ORDER BY t.tgrelid, t.tgname
"""

VIEWS = """
SELECT c.oid, n.nspname, c.relname, c.relkind = 'm', c.relispopulated, pg_get_viewdef(c.oid)
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('v', 'm') AND n.nspname = ANY(%s)
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                      WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid
                            AND d.deptype = 'e')
"""

VIEW_READS = """
SELECT DISTINCT r.ev_class, n.nspname, c.relname
FROM pg_catalog.pg_rewrite r
JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = r.oid
      AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid <> r.ev_class
JOIN pg_catalog.pg_class c ON c.oid = d.refobjid AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE r.ev_class = ANY(%s::oid[])
ORDER BY 1, 2, 3
"""

SEQUENCES = """
SELECT c.oid, n.nspname, c.relname, s.seqincrement, ref.nspname, owner.relname, a.attname,
       has_schema_privilege(n.oid, 'USAGE') AND has_sequence_privilege(c.oid, 'SELECT')
         AND NOT (c.relpersistence = 'u' AND pg_is_in_recovery())
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_sequence s ON s.seqrelid = c.oid
LEFT JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_class'::regclass
      AND d.objid = c.oid AND d.refclassid = 'pg_catalog.pg_class'::regclass
      AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
LEFT JOIN pg_catalog.pg_class owner ON owner.oid = d.refobjid
LEFT JOIN pg_catalog.pg_namespace ref ON ref.oid = owner.relnamespace
LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
WHERE c.relkind = 'S' AND c.relpersistence <> 't' AND n.nspname = ANY(%s)
"""

# The sequence that a column owns goes before the one that its default names.
COLUMN_SEQUENCES = """
SELECT DISTINCT ON (uses.relation, uses.number) uses.relation, uses.number, n.nspname, c.relname
FROM (
  SELECT d.refobjid AS relation, d.refobjsubid AS number, d.objid AS sequence, 0 AS rank
  FROM pg_catalog.pg_depend d
  WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.deptype IN ('a', 'i')
        AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjsubid > 0
        AND d.refobjid = ANY(%s::oid[])
  UNION ALL
  SELECT ad.adrelid, ad.adnum, d.refobjid, 1
  FROM pg_catalog.pg_attrdef ad
  JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_attrdef'::regclass
        AND d.objid = ad.oid AND d.refclassid = 'pg_catalog.pg_class'::regclass
  WHERE ad.adrelid = ANY(%s::oid[])
) uses
JOIN pg_catalog.pg_class c ON c.oid = uses.sequence AND c.relkind = 'S'
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
ORDER BY 1, 2, uses.rank, 3, 4
"""

# Words that people wrote and that a dump carries, outside tables, columns and views. Objects of
# an extension, and the server's own (below FirstNormalObjectId), are not people's words.
TEXTS = """
WITH brought AS (SELECT classid, objid FROM pg_catalog.pg_depend WHERE deptype = 'e'),
words AS (
  SELECT d.classoid, d.objoid, 'comment on '
           || pg_describe_object(d.classoid, d.objoid, d.objsubid), d.description
  FROM pg_catalog.pg_description d
  LEFT JOIN pg_catalog.pg_class c ON d.classoid = 'pg_catalog.pg_class'::regclass
        AND c.oid = d.objoid
  WHERE d.classoid <> 'pg_catalog.pg_extension'::regclass
        AND c.relkind IS DISTINCT FROM 'r' AND c.relkind IS DISTINCT FROM 'p'
  UNION ALL
  SELECT 'pg_catalog.pg_proc'::regclass, p.oid,
         pg_describe_object('pg_catalog.pg_proc'::regclass, p.oid, 0),
         concat_ws(E'\\n', pg_get_function_arguments(p.oid),
                   coalesce(pg_get_function_sqlbody(p.oid), p.prosrc))
  FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_language l ON l.oid = p.prolang
  WHERE l.lanname NOT IN ('internal', 'c')
  UNION ALL
  SELECT 'pg_catalog.pg_policy'::regclass, p.oid,
         pg_describe_object('pg_catalog.pg_policy'::regclass, p.oid, 0),
         concat_ws(E'\\n', pg_get_expr(p.polqual, p.polrelid),
                   pg_get_expr(p.polwithcheck, p.polrelid))
  FROM pg_catalog.pg_policy p
  UNION ALL
  SELECT 'pg_catalog.pg_class'::regclass, i.indexrelid,
         pg_describe_object('pg_catalog.pg_class'::regclass, i.indexrelid, 0),
         pg_get_indexdef(i.indexrelid)
  FROM pg_catalog.pg_index i WHERE i.indexprs IS NOT NULL OR i.indpred IS NOT NULL
  UNION ALL
  SELECT 'pg_catalog.pg_rewrite'::regclass, r.oid,
         pg_describe_object('pg_catalog.pg_rewrite'::regclass, r.oid, 0), pg_get_ruledef(r.oid)
  FROM pg_catalog.pg_rewrite r WHERE r.rulename <> '_RETURN'
  UNION ALL
  SELECT 'pg_catalog.pg_type'::regclass, t.oid,
         pg_describe_object('pg_catalog.pg_type'::regclass, t.oid, 0),
         concat_ws(E'\\n', t.typdefault,
           (SELECT string_agg(e.enumlabel, E'\\n') FROM pg_catalog.pg_enum e
            WHERE e.enumtypid = t.oid),
           (SELECT string_agg(pg_get_constraintdef(k.oid), E'\\n')
            FROM pg_catalog.pg_constraint k WHERE k.contypid = t.oid))
  FROM pg_catalog.pg_type t WHERE t.typtype IN ('d', 'e')
)
SELECT place, words FROM words w(class, object, place, words)
WHERE w.object >= 16384 AND w.words <> ''
      AND NOT EXISTS (SELECT FROM brought b WHERE b.classid = w.class AND b.objid = w.object)
ORDER BY 1, 2
"""

# What ties a database to other systems; what an extension brings is the extension's own.
WIRES = """
SELECT kind, name FROM (
  SELECT 'subscription' AS kind, s.subname::text AS name FROM pg_catalog.pg_subscription s
  JOIN pg_catalog.pg_database b ON b.oid = s.subdbid AND b.datname = current_database()
  UNION ALL SELECT 'publication', pubname FROM pg_catalog.pg_publication
  UNION ALL SELECT 'foreign server', srvname FROM pg_catalog.pg_foreign_server
  UNION ALL SELECT 'user mapping', usename || '@' || srvname FROM pg_catalog.pg_user_mappings
  UNION ALL SELECT 'foreign table', n.nspname || '.' || c.relname FROM pg_catalog.pg_class c
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'f'
  UNION ALL SELECT 'event trigger', evtname FROM pg_catalog.pg_event_trigger t
            WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                              WHERE d.classid = 'pg_catalog.pg_event_trigger'::regclass
                                    AND d.objid = t.oid AND d.deptype = 'e')
) wire ORDER BY 1, 2
"""

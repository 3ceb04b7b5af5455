"""A closure in plain Python over a whole real database, read with psycopg and nothing of masker.

Rows are (table, ctid); links are what pg_constraint says. Everything downward from the roots,
every parent of everything, no lookups.
"""

import hashlib
import hmac
from collections import defaultdict

KEYS = """
SELECT k.conrelid::regclass::text, k.confrelid::regclass::text,
       ARRAY(SELECT attname::text FROM unnest(k.conkey) WITH ORDINALITY x(n, o)
             JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = x.n ORDER BY o),
       ARRAY(SELECT attname::text FROM unnest(k.confkey) WITH ORDINALITY x(n, o)
             JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = x.n ORDER BY o)
FROM pg_constraint k WHERE k.contype = 'f'
"""
TABLES = """
SELECT c.oid::regclass::text, c.relkind::text,
       ARRAY(SELECT i.inhparent::regclass::text FROM pg_inherits i
             JOIN pg_class p ON p.oid = i.inhparent AND p.relkind = 'p' WHERE i.inhrelid = c.oid)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^(pg_|information_schema)'
"""
PRIMARY = """
SELECT ARRAY(SELECT attname::text FROM unnest(k.conkey) WITH ORDINALITY x(n, o)
             JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = x.n ORDER BY o)
FROM pg_constraint k WHERE k.contype = 'p' AND k.conrelid = %s::regclass
"""


def lot(values, seed):
    key, text = f"masker sample {seed}".encode(), "\x1f".join(values).encode()
    return int.from_bytes(hmac.new(key, text, hashlib.sha256).digest()[:8], "big")


class Plain:
    def __init__(self, session):
        self.session = session
        tables = session.execute(TABLES).fetchall()
        above = {name: parents for name, _, parents in tables}
        self.leaves = defaultdict(list)
        for name, kind, _ in tables:
            if kind == "r":
                here = [name]
                while here:
                    self.leaves[here[0]].append(name)
                    here = [*here[1:], *above.get(here[0], ())]
        self.up, self.down = defaultdict(set), defaultdict(set)
        for child, parent, mine, theirs in session.execute(KEYS).fetchall():
            self._link(child, parent, mine, theirs)

    def _rows(self, name, columns):
        for leaf in self.leaves[name]:
            listed = ", ".join(f'"{c}"::text' for c in columns)
            for place, *values in self.session.execute(
                f"SELECT ctid::text, {listed} FROM ONLY {leaf}"
            ):
                yield (leaf, place), tuple(values)

    def _link(self, child, parent, mine, theirs):
        parents = {values: row for row, values in self._rows(parent, theirs)}
        for row, values in self._rows(child, mine):
            if None not in values and values in parents:
                self.up[row].add(parents[values])
                self.down[parents[values]].add(row)

    def root(self, table, where="true", sample=None, rows=None, seed=0):
        found = [
            (leaf, place)
            for leaf in self.leaves[table]
            for (place,) in self.session.execute(
                f"SELECT ctid::text FROM ONLY {leaf} WHERE {where}"
            )
        ]
        if sample is None and rows is None:
            return set(found)
        ((key,),) = self.session.execute(PRIMARY, [table]).fetchall()
        lots = {row: lot(values, seed) for row, values in self._rows(table, key)}
        if rows is not None:
            return set(sorted(found, key=lots.get)[:rows])
        return {row for row in found if lots[row] < sample * 2**64}

    def closure(self, roots):
        down = _reach(roots, self.down)
        return _reach(down, self.up)


def _reach(start, following):
    reached, waiting = set(start), list(start)
    while waiting:
        for row in following[waiting.pop()]:
            if row not in reached:
                reached.add(row)
                waiting.append(row)
    return reached

"""A closure by brute force over rows in memory, written from DESIGN section 7 and nothing else."""

import hashlib
import hmac
import math

from tests.subset.memory import meets


def lot(row, key, number, seed):
    """Return a row's lot: HMAC-SHA256 of its key, or of its number where it has none."""
    text = "\x1f".join(row[c] for c in key) if key else str(number)
    digest = hmac.new(f"masker sample {seed}".encode(), text.encode(), hashlib.sha256).digest()
    return int.from_bytes(digest[:8], "big")


def root_rows(world, root):
    """Return the rows of a root as a set of (table, number)."""
    spec = world.tables[root.table.name]
    key = spec.primary
    rows = [
        (number, row)
        for number, row in enumerate(spec.rows)
        if root.where is None or meets(row, root.where)
    ]
    if root.newest:
        by, count = root.newest
        rows.sort(key=lambda each: [int(each[1][c]) for c in key])
        rows.sort(key=lambda each: (each[1][by] is None, -int(each[1][by] or 0)))
        rows = rows[:count]
    elif root.sample is not None or root.rows is not None:
        drawn = sorted((lot(row, key, n, root.seed), n, row) for n, row in rows)
        rows = _part(drawn, root)
    return {(root.table.name, number) for number, _ in rows}


def _part(drawn, root):
    if not root.stratify:
        if root.rows is not None:
            return [(n, row) for _, n, row in drawn[: root.rows]]
        return [(n, row) for each, n, row in drawn if each < int(root.sample * 2**64)]
    strata = {}
    for each in drawn:
        strata.setdefault(tuple(each[2][c] for c in root.stratify), []).append(each)
    if root.sample is not None:
        return [
            (n, row)
            for stratum in strata.values()
            for _, n, row in stratum[: math.ceil(root.sample * len(stratum))]
        ]
    ranked = sorted(
        (rank, value, n)
        for stratum in strata.values()
        for rank, (value, n, _) in enumerate(stratum)
    )
    rows = {n: row for _, n, row in drawn}
    return [(n, rows[n]) for _, _, n in ranked[: root.rows]]


class Brute:
    """What a subset keeps: `kept`, and of these `down`, the rows reached downward."""

    def __init__(self, world, rules):
        self.world = world
        self.rules = rules
        self.pairs = {edge: self._pairs(edge.link) for edge in rules.edges}
        self.depth = dict.fromkeys(
            (row for root in rules.roots for row in root_rows(world, root)), 0
        )
        self.kept = set(self.depth) | self._whole()
        while self._step():
            pass
        self.down = set(self.depth)

    def _pairs(self, link):
        """Return (child, parent) for every row that refers along a link."""
        children = self.world.tables[link.table.name].rows
        parents = self.world.tables[link.parent.name].rows
        found = set()
        for n, child in enumerate(children):
            key = [child[c] for c in link.columns]
            for m, parent in enumerate(parents):
                if None not in key and key == [parent[c] for c in link.parent_columns]:
                    found.add(((link.table.name, n), (link.parent.name, m)))
        return found

    def _children(self, edge, parent):
        found = [child for child, its in self.pairs[edge] if its == parent]
        if edge.max_per_parent is None:
            return found
        spec = self.world.tables[edge.link.table.name]
        found.sort(
            key=lambda row: (lot(spec.rows[row[1]], spec.primary, row[1], self.rules.seed), row)
        )
        return found[: edge.max_per_parent]

    def _step(self):
        before = (len(self.kept), dict(self.depth))
        for edge in self.rules.edges:
            for parent in list(self.kept):
                if edge.follow == "off" or parent[0] != edge.link.parent.name:
                    continue
                if edge.follow == "always":
                    self._down(edge, parent, 1)
                if parent in self.depth:
                    self._down(edge, parent, self.depth[parent] + 1)
            for child, parent in self.pairs[edge]:
                if child in self.kept:
                    self.kept.add(parent)
        return (len(self.kept), self.depth) != before

    def _down(self, edge, parent, depth):
        if self.rules.max_depth is not None and depth > self.rules.max_depth:
            return
        for child in self._children(edge, parent):
            self.kept.add(child)
            self.depth[child] = min(depth, self.depth.get(child, depth))

    def _whole(self):
        """Return the rows of lookups, and of tables that nothing ties to a root."""
        tables = self.world.tables
        roots = {root.table.name for root in self.rules.roots}
        below, tied = set(roots), set(roots)
        for _ in tables:
            for edge in self.rules.edges:
                child, parent = edge.link.table.name, edge.link.parent.name
                if tied & {child, parent}:
                    tied |= {child, parent}
        for _ in tables:
            for edge in self.rules.edges:
                child, parent = edge.link.table.name, edge.link.parent.name
                if (edge.follow == "down" and parent in below) or (
                    edge.follow == "always" and child in tied
                ):
                    below.add(child)
        parents = {edge.link.parent.name for edge in self.rules.edges}
        kept = set()
        for name, spec in tables.items():
            small = self.rules.lookup_rows and len(spec.rows) <= self.rules.lookup_rows
            if name in below:
                continue
            if (name in tied and small and name in parents) or (
                name not in tied and (small or self.rules.unrelated == "all")
            ):
                kept |= {(name, n) for n in range(len(spec.rows))}
        return kept

"""Large subsets and wide schemas: seconds and bytes."""

import time
import tracemalloc

import numpy as np
import pytest

from masker.engines.rows import Batch
from masker.rules.subset import RootRule, SubsetRules
from tests.subset.test_closure import chosen, edges
from tests.subset.test_postgres import Server, name
from tests.subset.worlds import Reference, Spec, World, name_of

TABLES, KEYS = 1400, 2300


def wide():
    """Yield statements for tables in a ring, and keys across it that make more cycles."""
    for n in range(TABLES):
        yield f"CREATE TABLE t{n} (id int PRIMARY KEY, a int, b int)"
        yield f"INSERT INTO t{n} SELECT g, g, g FROM generate_series(1, 5) g"
    for n in range(KEYS):
        child, column = n % TABLES, "a" if n < TABLES else "b"
        parent = (child + 1) % TABLES if n < TABLES else child * 37 % TABLES
        yield f"ALTER TABLE t{child} ADD FOREIGN KEY ({column}) REFERENCES t{parent}"


@pytest.mark.long
def test_a_schema_of_1400_tables_and_2300_keys_in_cycles_takes_seconds(production, fresh_database):
    server = Server(fresh_database(production, "wide"))
    statements = list(wide())
    for start in range(0, len(statements), 200):
        server.write.execute("; ".join(statements[start : start + 200]))
    server.write.execute("ANALYZE")
    with server.rows() as here:
        began = time.monotonic()
        asked = SubsetRules(
            roots=(RootRule(table=name("t0"), where="id = 3"),), edges=here.edges(), lookup_rows=0
        )
        kept = here.choose(asked)
        taken = time.monotonic() - began
    server.write.close()
    assert sum(len(ids) for ids in kept.rows.values()) == TABLES
    assert taken < 60, taken


class Ten:
    """Ten million children of a hundred thousand parents, made when they are asked for."""

    def __init__(self, parents, each):
        self.parents_, self.each = parents, each

    def scan(self, table, columns=(), *, where=None):
        yield Batch(table=table, ids=np.arange(self.parents_))

    def children(self, link, parent, ids, *, columns=()):
        for start in range(0, len(ids), 5000):
            some = np.repeat(ids[start : start + 5000], self.each)
            own = some * self.each + np.tile(np.arange(self.each), len(some) // self.each)
            yield Batch(table=link.table, ids=own, parents=some)

    def parents(self, link, table, ids):
        yield Batch(table=link.parent, ids=np.unique(ids // self.each))


@pytest.mark.long
def test_ten_million_kept_rows_take_less_than_a_gibibyte():
    world = World(
        {
            "p": Spec("p", ("a",)),
            "c": Spec("c", ("a",), [Reference(("r0_0",), "p", ("a",), False)]),
        }
    )
    asked = SubsetRules(roots=(RootRule(table=name_of("p")),), edges=edges(world), lookup_rows=0)
    tracemalloc.start()
    try:
        kept = chosen(world, asked, rows=Ten(100_000, 100))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(kept.rows[name_of("c")]) == 10_000_000
    assert peak < 1 << 30, peak

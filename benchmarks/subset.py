"""A 1 % subset: how long it takes to choose, what the server is asked, what it reads of the disk.

Customers of which 1 % are the root, orders and lines of theirs, products as parents. The rows
that the server touches are those of its own statistics; every statement is explained.

    python benchmarks/subset.py                  10^6 customers
    python benchmarks/subset.py --rows 10000000
    python benchmarks/subset.py --share 0.2
"""

from __future__ import annotations

import argparse
import resource
import time

import psycopg

from masker.catalog import TableName
from masker.catalog.links import declared_links
from masker.demo.servers import EmbeddedServer
from masker.engines.postgres import keys
from masker.engines.postgres.address import Address
from masker.engines.postgres.catalog import read_catalog
from masker.engines.postgres.keys import PostgresRows
from masker.engines.postgres.read import begin_snapshot, stream
from masker.engines.postgres.session import Session, Side
from masker.rules.subset import Edge, RootRule, SubsetRules
from masker.subset.choose import choose

SCHEMA = """
CREATE TABLE product (id int, name text);
CREATE TABLE customer (id bigint, name text, mail text, note text);
CREATE TABLE purchase (id bigint, customer_id bigint NOT NULL, placed date, note text);
INSERT INTO product SELECT g, 'product ' || g FROM generate_series(1, 5000) g;
INSERT INTO customer SELECT g, 'name ' || g, 'mail' || g || '@mail.test', repeat('n', 120)
  FROM generate_series(1, {rows}) g;
INSERT INTO purchase
  SELECT g, 1 + (g::bigint * 7919) % {rows}, date '2020-01-01' + (g % 2000)::int, 'p'
  FROM generate_series(1, {rows} * 2) g;
CREATE TABLE line (purchase_id bigint NOT NULL, product_id int NOT NULL, n int);
INSERT INTO line SELECT 1 + g / 2, 1 + g % 5000, g % 9 FROM generate_series(1, {rows} * 3) g;
ALTER TABLE product ADD PRIMARY KEY (id);
ALTER TABLE customer ADD PRIMARY KEY (id);
ALTER TABLE purchase ADD PRIMARY KEY (id);
CREATE INDEX ON purchase (customer_id);
CREATE INDEX ON line (purchase_id);
ALTER TABLE purchase ADD FOREIGN KEY (customer_id) REFERENCES customer;
ALTER TABLE line ADD FOREIGN KEY (purchase_id) REFERENCES purchase;
ALTER TABLE line ADD FOREIGN KEY (product_id) REFERENCES product
"""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rows", type=int, default=1_000_000, help="customers")
    options.add_argument("--share", type=float, default=0.01)
    given = options.parse_args()
    with EmbeddedServer.start() as server:
        server.sql("CREATE DATABASE bench TEMPLATE template0")
        url = server.url("bench")
        with psycopg.connect(url, autocommit=True) as session:
            began = time.monotonic()
            session.execute(SCHEMA.format(rows=given.rows))
            session.execute("CHECKPOINT")
            session.execute("VACUUM ANALYZE")
            print(f"made in {time.monotonic() - began:.0f} s")
        measure(url, given.share)


def measure(url: str, share: float) -> None:
    explained: list[tuple[str, str, float]] = []

    def timed(session: Session, statement: str, *, what: str, **more: object):
        query = statement.removeprefix("COPY (").removesuffix(") TO STDOUT")
        plan = [line for (line,) in session.query(f"EXPLAIN (COSTS off) {query}")]
        began = time.monotonic()
        yield from stream(session, statement, what=what, **more)
        explained.append((what, nodes(plan), time.monotonic() - began))

    keys.stream = timed
    with Session.open(Address.parse(url), side=Side.SOURCE) as session:
        begin_snapshot(session)
        catalog = read_catalog(session)
        rows = PostgresRows(session, catalog)
        edges = tuple(Edge(link=link) for link in declared_links(catalog))
        root = RootRule(table=TableName("public", "customer"), sample=share, seed=7)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        began = time.monotonic()
        kept = choose(
            SubsetRules(roots=(root,), edges=edges, lookup_rows=0),
            catalog,
            rows,
            loaded=frozenset(table.name for table in catalog.tables),
        )
        taken = time.monotonic() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for table, ids in kept.rows.items():
        all_of = catalog.table(table).rows or 0
        print(f"{table.name:10} {len(ids):>12,} of {all_of:>12,}")
    print(f"chosen in {taken:.1f} s; peak memory {peak / 1024:.0f} MiB, {before / 1024:.0f} before")
    for what, plan, seconds in explained:
        print(f"  {seconds:6.2f} s  {what}: {plan}")


def nodes(plan: list[str]) -> str:
    """Return the nodes of a plan that read a table, in one line."""
    return ", ".join(line.strip(" ->") for line in plan if "Scan" in line)


if __name__ == "__main__":
    main()

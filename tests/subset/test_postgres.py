"""The same closure on a real server: what it keeps, and by which plans it asks."""

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from masker.catalog import TableName
from masker.catalog.links import declared_links
from masker.engines.postgres.address import Address
from masker.engines.postgres.catalog import read_catalog
from masker.engines.postgres.keys import PostgresRows
from masker.engines.postgres.read import begin_snapshot
from masker.engines.postgres.session import Session, Side
from masker.rules.subset import Edge, RootRule, SubsetRules
from masker.subset.choose import choose
from tests.subset.brute import Brute
from tests.subset.worlds import rules, worlds

RESET = "DROP SCHEMA public CASCADE; CREATE SCHEMA public"


class Server:
    """A database that is written through one session and read through another."""

    def __init__(self, url):
        self.url = url
        self.write = psycopg.connect(url, autocommit=True)

    def fill(self, statements):
        self.write.execute(RESET)
        self.write.execute("; ".join(statements))

    def rows(self):
        return Reading(self.url)


class Reading:
    def __init__(self, url):
        self.url = url

    def __enter__(self):
        self.session = Session.open(Address.parse(self.url), side=Side.SOURCE)
        begin_snapshot(self.session)
        self.catalog = read_catalog(self.session)
        self.rows = PostgresRows(self.session, self.catalog)
        return self

    def __exit__(self, *_):
        self.session.close()

    def choose(self, asked, **more):
        loaded = frozenset(t.name for t in self.catalog.tables if t.holds_rows)
        return choose(asked, self.catalog, self.rows, loaded=loaded, **more)

    def values(self, kept, table, columns):
        """Return the values of the kept rows of a table, or of all if it is kept whole."""
        name = TableName("public", table)
        ids = kept.rows[name]
        batches = (
            self.rows.scan(name, columns) if ids is None else self.rows.read(name, ids, columns)
        )
        return sorted((row for batch in batches for row in batch.values.rows()), key=repr)

    def edges(self, **options):
        return tuple(Edge(link=link, **options) for link in declared_links(self.catalog))


@pytest.fixture(scope="module")
def server(production, lasting_database):
    made = Server(lasting_database(production, "subset"))
    yield made
    made.write.close()


def name(text):
    return TableName("public", text)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_server_keeps_what_brute_force_keeps(server, data):
    world = data.draw(worlds())
    asked = data.draw(rules(world))
    keyless = {n for n, spec in world.tables.items() if not spec.primary}
    if keyless:  # their lots go by places, which brute force does not know: all rows, no limits
        roots = tuple(
            RootRule(table=r.table, where=r.where) if r.table.name in keyless else r
            for r in asked.roots
        )
        edges = tuple(
            Edge(link=e.link, follow=e.follow) if e.link.table.name in keyless else e
            for e in asked.edges
        )
        asked = SubsetRules(
            roots=roots, edges=edges, max_depth=asked.max_depth, seed=asked.seed,
            unrelated=asked.unrelated, lookup_rows=asked.lookup_rows,
        )  # fmt: skip
    server.fill(world.sql())
    with server.rows() as here:
        brute = Brute(world, asked)
        kept = here.choose(asked)
        for table, spec in world.tables.items():
            wanted = [
                tuple(spec.rows[n][c] for c in spec.columns)
                for its, n in brute.kept
                if its == table
            ]
            assert here.values(kept, table, spec.columns) == sorted(wanted, key=repr)

"""The same closure on a real server: what it keeps, and by which plans it asks."""

import time

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from masker.catalog import TableName
from masker.catalog.links import Link, declared_links
from masker.engines.postgres import keys
from masker.engines.postgres.address import Address
from masker.engines.postgres.catalog import read_catalog
from masker.engines.postgres.keys import PostgresRows
from masker.engines.postgres.read import begin_snapshot, stream
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
        return self.values_of(kept, TableName("public", table), columns)

    def values_of(self, kept, name, columns):
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


SHAPES = """
CREATE SCHEMA IF NOT EXISTS other;
DROP TABLE IF EXISTS other."Odd ""Names", other.part CASCADE;
CREATE TABLE other."Odd ""Names" ("Key one" int, "k2" text, PRIMARY KEY ("Key one", k2));
INSERT INTO other."Odd ""Names" VALUES (1, 'a"b'), (1, E'c\\\\d'), (2, 'e,f');
CREATE TABLE plain (n int, why text);
CREATE TABLE line (n int, a int, b text, FOREIGN KEY (a, b) REFERENCES other."Odd ""Names");
INSERT INTO line VALUES (1, 1, 'a"b'), (2, 1, E'c\\\\d'), (3, 2, NULL), (4, NULL, 'e,f'), (4, NULL, 'e,f');
CREATE TABLE other.part (id int, day int, line_a int, line_b text) PARTITION BY RANGE (day);
CREATE TABLE other.part_1 PARTITION OF other.part FOR VALUES FROM (0) TO (10);
CREATE TABLE other.part_2 PARTITION OF other.part FOR VALUES FROM (10) TO (20);
ALTER TABLE other.part_1 ADD PRIMARY KEY (id);
ALTER TABLE other.part_2 ADD PRIMARY KEY (id);
ALTER TABLE other.part_1 ADD FOREIGN KEY (line_a, line_b) REFERENCES other."Odd ""Names";
ALTER TABLE other.part_2 ADD FOREIGN KEY (line_a, line_b) REFERENCES other."Odd ""Names";
INSERT INTO other.part VALUES (1, 1, 1, 'a"b'), (1, 11, 2, 'e,f'), (2, 12, 1, E'c\\\\d'), (3, 3, NULL, NULL);
CREATE TABLE note (kind text, about text, body text);
INSERT INTO note VALUES ('day', '1', 'x'), ('line', '2', 'y'), ('line', '99', 'gone'), ('none', '1', 'z'), (NULL, '1', 'n');
CREATE TABLE top (id int PRIMARY KEY); INSERT INTO top VALUES (1), (2)
"""


@pytest.fixture
def shapes(server):
    server.fill([SHAPES])
    with server.rows() as here:
        yield here


def odd():
    return TableName("other", 'Odd "Names')


def test_composite_keys_odd_names_partitions_without_a_common_key_tables_without_any(shapes):
    asked = SubsetRules(
        roots=(RootRule(table=odd(), where="k2 = 'a\"b'"),), edges=shapes.edges(), lookup_rows=0
    )
    kept = shapes.choose(asked)
    assert {str(t): len(ids) for t, ids in kept.rows.items() if len(ids)} == {
        'other.Odd "Names': 1, "public.line": 1, "other.part_1": 1,
    }  # fmt: skip


def test_a_partitioned_root_draws_from_all_partitions_by_the_keys_they_share(shapes):
    part = TableName("other", "part")
    for rule in (RootRule(table=part, rows=4), RootRule(table=part, sample=1.0)):
        kept = shapes.choose(SubsetRules(roots=(rule,), edges=shapes.edges(), lookup_rows=0))
        parts = {t.name: len(kept.rows[t]) for t in kept.rows if t.name.startswith("part_")}
        assert parts == {"part_1": 2, "part_2": 2}
        assert len(kept.rows[odd()]) == 3
        assert len(kept.rows[name("line")]) == 0  # parents bring no children


def test_a_key_with_a_null_refers_to_nothing(shapes):
    asked = SubsetRules(roots=(RootRule(table=name("line")),), edges=shapes.edges(), lookup_rows=0)
    kept = shapes.choose(asked)
    assert len(kept.rows[name("line")]) == 5
    assert len(kept.rows[odd()]) == 2


def test_polymorphic_references_go_to_each_table_by_type(shapes):
    links = [
        Link(table=name("note"), columns=("about",), parent=name(parent), parent_columns=(key,),
             when=("kind", kind))
        for kind, parent, key in (("day", "top", "id"), ("line", "line", "n"))
    ]  # fmt: skip
    edges = (*shapes.edges(), *(Edge(link=link) for link in links))
    down = shapes.choose(
        SubsetRules(roots=(RootRule(table=name("top")),), edges=edges, lookup_rows=0)
    )
    assert shapes.values(down, "note", ("kind", "about")) == [("day", "1")]
    up = shapes.choose(
        SubsetRules(roots=(RootRule(table=name("note")),), edges=edges, lookup_rows=0)
    )
    assert shapes.values(up, "top", ("id",)) == [("1",)]
    assert shapes.values(up, "line", ("n",)) == [("2",)]


def test_a_table_s_own_condition_narrows_children_and_spares_parents(shapes):
    where = {name("line"): "n > 1", odd(): "false"}
    asked = SubsetRules(roots=(RootRule(table=name("line")),), edges=shapes.edges(), lookup_rows=0)
    kept = shapes.choose(asked, where=where)
    assert len(kept.rows[name("line")]) == 4
    assert shapes.values_of(kept, odd(), ("k2",)) == [("c\\d",)]


BIG = """
CREATE TABLE p (id int PRIMARY KEY, filler text);
CREATE TABLE c (id int PRIMARY KEY, p_id int REFERENCES p, k_id int, filler text);
CREATE TABLE k (id int PRIMARY KEY, filler text);
INSERT INTO p SELECT g, repeat('p', 400) FROM generate_series(1, 60000) g;
INSERT INTO k SELECT g, repeat('k', 100) FROM generate_series(1, 60000) g;
INSERT INTO c SELECT g, 1 + g * 7919 % 60000, 1 + g % 60000, repeat('c', 50) FROM generate_series(1, 120000) g;
CREATE INDEX ON c (p_id);
ALTER TABLE c ADD FOREIGN KEY (k_id) REFERENCES k
"""


def test_a_root_s_key_is_read_once_and_everything_else_by_key(server, monkeypatch):
    """Every statement is explained as it stands, with the settings that it runs under."""
    server.fill([BIG])
    visible = "SELECT relallvisible = relpages FROM pg_class WHERE relname = 'p'"
    for _ in range(100):  # as long as somebody, such as autovacuum, may see an older state
        server.write.execute("CHECKPOINT")
        server.write.execute("VACUUM ANALYZE p, c, k")
        if server.write.execute(visible).fetchone()[0]:
            break
        time.sleep(0.1)
    plans = []

    def explained(session, statement, **more):
        query = statement.removeprefix("COPY (").removesuffix(") TO STDOUT")
        plans.append("\n".join(line for (line,) in session.query(f"EXPLAIN {query}")))
        return stream(session, statement, **more)

    monkeypatch.setattr(keys, "stream", explained)
    with server.rows() as here:
        asked = SubsetRules(
            roots=(RootRule(table=name("p"), sample=0.01),), edges=here.edges(), lookup_rows=0
        )
        kept = here.choose(asked)
    assert 450 < len(kept.rows[name("p")]) < 750
    assert len(kept.rows[name("c")]) == 2 * len(kept.rows[name("p")])
    first, *others = plans
    assert "Index Only Scan using p_pkey" in first
    assert others
    for plan in others:
        assert "Seq Scan" not in plan, plan
        assert "Index Scan" in plan or "Index Only Scan" in plan, plan


def test_no_statement_holds_a_key(server, monkeypatch):
    server.fill(
        ["CREATE TABLE s (id text PRIMARY KEY)", "INSERT INTO s VALUES ('secret-key-4711')"]
    )
    said = []
    monkeypatch.setattr(keys, "stream", lambda *a, **k: said.append(a[1]) or stream(*a, **k))
    with server.rows() as here:
        kept = here.choose(SubsetRules(roots=(RootRule(table=name("s"), rows=1),), lookup_rows=0))
        assert here.values(kept, "s", ("id",)) == [("secret-key-4711",)]
    assert len(said) > 1
    assert not [text for text in said if "4711" in text or "(0," in text]

from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masker.catalog import Catalog, Column, ForeignKey, Kind, Partitioning, Table, TableName, Type
from masker.catalog.graph import Graph, order

INTEGER = Type(name="integer", base="int4", kind=Kind.INTEGER)


def name(text):
    schema, _, table = text.rpartition(".")
    return TableName(schema or "public", table)


def refers(text):
    """Read `child(a, b) > parent(c, d)` as a foreign key."""
    (child, mine), (parent, theirs) = (
        (side.strip().rstrip(")").split("(")) for side in text.split(">")
    )
    split = [tuple(part.strip() for part in columns.split(",")) for columns in (mine, theirs)]
    return ForeignKey(
        name=text,
        table=name(child),
        columns=split[0],
        parent=name(parent),
        parent_columns=split[1],
    )


def catalog(tables, *keys, below=None, roots=()):
    """Build a catalog from `{table: "columns"}`, keys as text, and `{child: parents}`."""
    made = defaultdict(list)
    for key in map(refers, keys):
        made[key.table].append(key)
    below = below or {}
    return Catalog(
        engine="test",
        version="1",
        database="d",
        schemas=("public",),
        tables=tuple(
            Table(
                name=name(table),
                columns=tuple(Column(name=c, type=INTEGER) for c in columns.split()),
                foreign_keys=tuple(made[name(table)]),
                parent=name(below[table][0]) if table in below else None,
                parents=tuple(map(name, below.get(table, ()))),
                bound="DEFAULT" if below.get(table, [""])[0] in roots else None,
                partitioning=(
                    Partitioning(strategy="range", columns=("id",), definition="RANGE (id)")
                    if table in roots
                    else None
                ),
            )
            for table, columns in sorted(tables.items())
        ),
    )


def places(found):
    return {f"{table.name}.{column}" for table, column in found}


@pytest.mark.parametrize(
    ("tables", "keys", "expected"),
    [
        ("a b c", [], "a b c"),
        ("a b c", ["a(x) > b(x)", "b(x) > c(x)"], "c b a"),
        ("a b c d", ["b(x) > a(x)", "c(x) > a(x)", "d(x) > b(x)", "d(y) > c(x)"], "a b c d"),
        ("a", ["a(x) > a(y)"], "a"),
        ("a b c d", ["a(x) > b(x)", "b(x) > a(x)", "a(y) > d(x)", "c(x) > b(x)"], "d a b c"),
        ("a b", ["a(x) > gone(x)"], "a b"),
    ],
    ids=["alone", "chain", "diamond", "self", "cycle in the middle", "parent not in the catalog"],
)
def test_parents_come_first_and_cycles_stay_together(tables, keys, expected):
    made = catalog(dict.fromkeys(tables.split(), "x y"), *keys)
    assert " ".join(found.name for found in order(made)) == expected


@given(st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=30))
def test_any_graph_has_an_order(edges):
    keys = [f"t{child}(x) > t{parent}(x)" for child, parent in edges]
    made = Graph(catalog({f"t{i}": "x" for i in range(12)}, *keys))
    found = made.order()
    assert sorted(found) == sorted(table.name for table in made._catalog.tables)
    above = {table: made.closure([table]) for table in found}
    for table in found:
        together = {other for other in above[table] if table in above[other]}
        at = [found.index(other) for other in together]
        assert max(at) - min(at) == len(together) - 1
        assert all(found.index(other) < min(at) for other in above[table] - together)


def test_a_long_chain_needs_no_deep_stack():
    keys = [f"t{i:05}(x) > t{i - 1:05}(x)" for i in range(1, 5000)]
    made = catalog({f"t{i:05}": "x" for i in range(5000)}, *keys)
    assert [found.name for found in order(made)] == [f"t{i:05}" for i in range(5000)]


def test_closure_goes_up_only():
    made = Graph(
        catalog(
            dict.fromkeys("abcde", "x"), "a(x) > b(x)", "b(x) > c(x)", "d(x) > c(x)", "c(x) > a(x)"
        )
    )
    assert {found.name for found in made.closure([name("b")])} == {"a", "b", "c"}
    assert {found.name for found in made.closure([name("d"), name("e")])} == set("abcde")


# A shop with tenants: the key of a tenant is part of every other key.
TENANTS = catalog(
    {
        "tenants": "id",
        "orders": "tenant_id id boss_id",
        "items": "tenant_id order_id line",
        "notes": "tenant order line",
        "logs": "anything",
    },
    "orders(tenant_id) > tenants(id)",
    "orders(tenant_id, boss_id) > orders(tenant_id, id)",
    "items(tenant_id, order_id) > orders(tenant_id, id)",
    "notes(order, tenant, line) > items(order_id, tenant_id, line)",
)


@pytest.mark.parametrize(
    ("table", "column", "expected"),
    [
        ("tenants", "id", {"orders.tenant_id", "items.tenant_id", "notes.tenant"}),
        ("orders", "id", {"orders.boss_id", "items.order_id", "notes.order"}),
        ("items", "line", {"notes.line"}),
        ("notes", "line", set()),
        ("logs", "anything", set()),
    ],
)
def test_followers_are_found_column_by_column(table, column, expected):
    assert places(Graph(TENANTS).followers(name(table), [column])) == expected


def test_followers_of_a_composite_key_are_those_of_its_columns():
    followers = Graph(TENANTS).followers(name("orders"), ["tenant_id", "id"])
    assert places(followers) == {
        "orders.boss_id",
        "items.tenant_id",
        "items.order_id",
        "notes.tenant",
        "notes.order",
    }


def test_a_family_is_one_from_wherever_it_is_asked():
    graph = Graph(TENANTS)
    family = graph.family(name("notes"), "tenant")
    assert places(family) == {"tenants.id", "orders.tenant_id", "items.tenant_id", "notes.tenant"}
    assert {graph.family(*place) for place in family} == {family}
    assert places(graph.family(name("logs"), "anything")) == {"logs.anything"}


def test_a_column_with_two_parents_ties_them():
    made = catalog(
        {"people": "id", "firms": "id", "calls": "who"},
        "calls(who) > people(id)",
        "calls(who) > firms(id)",
    )
    assert places(Graph(made).family(name("people"), "id")) == {
        "people.id",
        "firms.id",
        "calls.who",
    }


PARTITIONED = catalog(
    {
        "customers": "id",
        "events": "id customer_id",
        "events_a": "id customer_id",
        "events_b": "id customer_id",
        "events_b1": "id customer_id",
        "notes": "event_id",
        "animals": "id",
        "dogs": "id",
        "walks": "animal_id",
    },
    "events_a(customer_id) > customers(id)",
    "notes(event_id) > events(id)",
    "walks(animal_id) > animals(id)",
    below={
        "events_a": ["events"],
        "events_b": ["events"],
        "events_b1": ["events_b"],
        "dogs": ["animals"],
    },
    roots=("events", "events_b"),
)


def test_a_key_on_one_partition_holds_for_all_of_them():
    followers = Graph(PARTITIONED).followers(name("customers"), ["id"])
    assert places(followers) == {
        f"{table}.customer_id" for table in ("events", "events_a", "events_b", "events_b1")
    }


def test_what_refers_to_a_partitioned_table_follows_its_leaves():
    graph = Graph(PARTITIONED)
    found = [table.name for table in graph.order()]
    assert found.index("notes") > max(found.index("events_a"), found.index("events_b1"))
    assert places(graph.followers(name("events_b1"), ["id"])) == {
        "events.id",
        "events_a.id",
        "events_b.id",
        "notes.event_id",
    }


def test_inherited_columns_are_one_with_their_parents():
    assert places(Graph(PARTITIONED).followers(name("animals"), ["id"])) == {
        "dogs.id",
        "walks.animal_id",
    }


@pytest.mark.parametrize(
    ("table", "root", "leaves"),
    [
        ("events", "events", ["events_a", "events_b1"]),
        ("events_b", "events", ["events_b1"]),
        ("events_b1", "events", ["events_b1"]),
        ("customers", "customers", ["customers"]),
        ("animals", "animals", ["animals"]),
        ("dogs", "dogs", ["dogs"]),
    ],
)
def test_roots_and_leaves(table, root, leaves):
    graph = Graph(PARTITIONED)
    assert graph.root_of(name(table)) == name(root)
    assert graph.leaves(name(table)) == tuple(map(name, leaves))


def test_who_refers_to_a_column():
    graph = Graph(TENANTS)
    assert len(graph.referencing(name("orders"))) == 2
    assert [key.table.name for key in graph.referencing(name("tenants"), "id")] == ["orders"]
    assert graph.referencing(name("tenants"), "other") == ()


def test_a_policy_may_declare_more_keys():
    graph = Graph(TENANTS, [refers("logs(anything) > notes(line)")])
    assert places(graph.followers(name("items"), ["line"])) == {"notes.line", "logs.anything"}
    assert graph.order()[-1] == name("logs")

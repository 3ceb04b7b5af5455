"""The closure against one by brute force, on worlds drawn at random."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from masker.rules.subset import Edge, Follow, RootRule, SubsetRules, Unrelated
from masker.subset.choose import choose
from masker.subset.why import chain, kept_out
from tests.subset.brute import Brute
from tests.subset.memory import Memory
from tests.subset.worlds import Reference, Spec, World, name_of, rules, worlds


def chosen(world, asked, rows=None, **more):
    rows = rows or Memory(world)
    loaded = frozenset(name_of(name) for name in world.tables)
    return choose(asked, world.catalog(), rows, loaded=loaded, **more)


def numbers(world, kept):
    return {
        (name.name, int(n))
        for name, ids in kept.rows.items()
        for n in (range(len(world.tables[name.name].rows)) if ids is None else ids)
    }


@settings(max_examples=300)
@given(st.data())
def test_it_keeps_what_brute_force_keeps(data):
    world = data.draw(worlds())
    asked = data.draw(rules(world))
    kept = chosen(world, asked)
    brute = Brute(world, asked)
    assert numbers(world, kept) == brute.kept
    reached = {(name.name, int(n)) for name, r in kept.closure.reached.items() for n in r.ids}
    whole = {name.name for name in kept.closure.whole}  # nobody asks how these were reached
    assert reached == {(name, n) for name, n in brute.down if name not in whole}


@settings(max_examples=100)
@given(st.data())
def test_every_kept_row_has_a_chain_and_every_other_a_reason(data):
    world = data.draw(worlds())
    asked = data.draw(rules(world))
    kept = chosen(world, asked, trace=True)
    pairs = {edge: Brute(world, asked).pairs[edge] for edge in asked.edges}
    there = numbers(world, kept)
    for name, spec in world.tables.items():
        for n in range(len(spec.rows)):
            if (name, n) not in there:
                assert kept_out(kept.closure, name_of(name), n) or asked.max_depth is not None
                continue
            reasons = chain(kept.closure, name_of(name), n)
            assert (reasons[0].table.name, reasons[0].id) == (name, n)
            for one, next_ in itertools.pairwise(reasons):
                here = (one.table.name, one.id), (next_.table.name, next_.id)
                tied = {pair for found in pairs.values() for pair in found}
                assert here in tied or here[::-1] in tied
                assert set(here) <= there
            assert " refer" not in reasons[-1].text.replace("others refer to", "")


def star(children, *, more=()):
    """One parent table of two rows, `children` of the first, and tables beside."""
    parent = Spec("p", ("a",), rows=[row(0), row(1)])
    child = Spec("c", ("a",), [Reference(("r0_0",), "p", ("u",), False)])
    child.rows = [row(n, r0_0="100") for n in range(children)]
    return World({"p": parent, "c": child, **{spec.name: spec for spec in more}})


def row(n, **more):
    return {"a": str(n), "b": "0", "u": str(100 + n), "grp": None, **more}


def edges(world, **options):
    from masker.catalog.links import declared_links

    return tuple(Edge(link=link, **options) for link in declared_links(world.catalog()))


def test_each_table_is_asked_once_where_nothing_goes_in_circles():
    names = [f"t{n}" for n in range(20)]
    tables = {
        name: Spec(name, ("a",), [Reference(("r0_0",), names[n - 1], ("u",), False)] if n else [])
        for n, name in enumerate(names)
    }
    for n, spec in enumerate(tables.values()):
        spec.rows = [row(k, **({"r0_0": str(100 + k % 5)} if n else {})) for k in range(10)]
    world = World(tables)
    rows = Memory(world)
    asked = SubsetRules(roots=(RootRule(table=name_of("t0")),), edges=edges(world))
    chosen(world, asked, rows)
    down = [each for each in rows.asked if each[0] == "children"]
    assert len(down) == len(set(down)) == 19
    # Rows that came down a link have their parents along it already.
    assert [each for each in rows.asked if each[0] == "parents"] == []


def test_a_long_chain_of_rows_in_one_table_ends():
    spec = Spec("t", ("a",), [Reference(("r0_0",), "t", ("u",), True)])
    spec.rows = [row(n, r0_0=str(100 + n - 1) if n else None) for n in range(300)]
    world = World({"t": spec})
    asked = SubsetRules(
        roots=(RootRule(table=name_of("t"), where="a = '299'"),), edges=edges(world), lookup_rows=0
    )
    assert len(numbers(world, chosen(world, asked))) == 300


@pytest.mark.parametrize("most", [1, 3, 10])
def test_a_limit_per_parent_is_kept_and_the_same_every_time(most):
    world = star(50)
    asked = SubsetRules(
        roots=(RootRule(table=name_of("p")),), edges=edges(world, max_per_parent=most)
    )
    first, second = chosen(world, asked), chosen(world, asked)
    ids = first.rows[name_of("c")]
    assert len(ids) == most
    assert np.array_equal(ids, second.rows[name_of("c")])


def test_ever_larger_samples_hold_the_smaller_ones():
    world = star(0)
    world.tables["p"].rows = [row(n) for n in range(2000)]
    sizes = []
    before = set()
    for share in (0.01, 0.1, 0.5, 1.0):
        asked = SubsetRules(roots=(RootRule(table=name_of("p"), sample=share),))
        now = numbers(world, chosen(world, asked))
        assert before <= now
        before = now
        sizes.append(len(now))
    assert sizes[-1] == 2000
    assert abs(sizes[1] - 200) < 60
    assert abs(sizes[2] - 1000) < 120


def test_a_root_that_keeps_nothing_is_told():
    world = star(3)
    asked = SubsetRules(roots=(RootRule(table=name_of("p"), where="grp = 'x'"),))
    assert [found.code for found in chosen(world, asked).findings.blocking] == ["empty-root"]


def ladder_of(*specs):
    """A world of tables in a row, each of one row, which refers to the row of the one before."""
    tables = {}
    for n, (label, parents) in enumerate(specs):
        references = [
            Reference((f"r{k}_0",), parent, ("u",), True) for k, parent in enumerate(parents)
        ]
        spec = Spec(label, ("a",), references)
        spec.rows = [row(n, **{f"r{k}_0": None for k in range(len(parents))})]
        tables[label] = spec
    for label, parents in specs:
        for k, parent in enumerate(parents):
            tables[label].rows[0][f"r{k}_0"] = tables[parent].rows[0]["u"]
    return World(tables)


def test_a_shorter_way_found_later_brings_what_was_too_deep_before():
    """`c` is two links below the root, then one below a parent whose children always come."""
    world = ladder_of(("p", ()), ("a", ()), ("b", ("a",)), ("c", ("b", "p")), ("d", ("c",)))
    made = []
    for edge in edges(world):
        always = edge.link.parent.name == "p"
        made.append(Edge(link=edge.link, follow=Follow.ALWAYS if always else Follow.DOWN))
    asked = SubsetRules(
        roots=(RootRule(table=name_of("a")),), edges=tuple(made), max_depth=2, lookup_rows=0
    )
    assert numbers(world, chosen(world, asked)) == {(label, 0) for label in "pabcd"}
    assert numbers(world, chosen(world, asked)) == Brute(world, asked).kept


@pytest.mark.parametrize(
    ("unrelated", "lookup_rows", "wanted"),
    [(Unrelated.NONE, 0, 0), (Unrelated.NONE, 100, 100), (Unrelated.ALL, 0, 100), (Unrelated.SAMPLE, 0, None)],
)  # fmt: skip
def test_tables_tied_to_nothing(unrelated, lookup_rows, wanted):
    log = Spec("log", ("a",))
    log.rows = [row(n) for n in range(100)]
    world = star(5, more=[log])
    world.tables["p"].rows = [row(n) for n in range(200)]
    asked = SubsetRules(
        roots=(RootRule(table=name_of("p"), sample=0.3),), edges=edges(world),
        unrelated=unrelated, lookup_rows=lookup_rows,
    )  # fmt: skip
    kept = len([1 for label, _ in numbers(world, chosen(world, asked)) if label == "log"])
    assert kept == wanted if wanted is not None else 15 < kept < 45


def test_a_lookup_comes_whole_and_is_not_asked_for_its_rows_again():
    """Countries are few and referred to; customers are few, too, but a root leads down to them."""
    country = Spec("country", ("a",))
    country.rows = [row(n) for n in range(10)]
    customer = Spec("customer", ("a",), [Reference(("r0_0",), "country", ("u",), False),
                                         Reference(("r1_0",), "shop", ("u",), False)])  # fmt: skip
    customer.rows = [row(n, r0_0="103", r1_0=str(100 + n % 2)) for n in range(10)]
    shop = Spec("shop", ("a",))
    shop.rows = [row(0), row(1)]
    world = World({"country": country, "customer": customer, "shop": shop})
    rows = Memory(world)
    asked = SubsetRules(
        roots=(RootRule(table=name_of("shop"), where="a = '1'"),), edges=edges(world)
    )
    kept = numbers(world, chosen(world, asked, rows))
    assert {label: sum(its == label for its, _ in kept) for label in world.tables} == {
        "country": 10, "customer": 5, "shop": 1,
    }  # fmt: skip
    assert [each for each in rows.asked if each[0] == "parents"] == []


def test_a_small_table_that_nobody_refers_to_is_no_lookup():
    """Reviews refer to a product that an order needs: they are tied to the root, and stay out."""
    product = Spec("product", ("a",))
    product.rows = [row(n) for n in range(3)]
    order = Spec("order", ("a",), [Reference(("r0_0",), "product", ("u",), False)])
    order.rows = [row(0, r0_0="101")]
    review = Spec("review", ("a",), [Reference(("r0_0",), "product", ("u",), False)])
    review.rows = [row(n, r0_0="101") for n in range(2)]
    world = World({"product": product, "order": order, "review": review})
    asked = SubsetRules(
        roots=(RootRule(table=name_of("order")),), edges=edges(world), lookup_rows=2
    )
    kept = numbers(world, chosen(world, asked))
    assert kept == {("order", 0), ("product", 1)} == Brute(world, asked).kept

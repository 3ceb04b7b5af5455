"""`subset` against a catalog: what each word means, and every complaint with its place."""

import textwrap

import pytest

from masker.catalog.links import Link
from masker.errors import ConfigError
from masker.rules.pipeline import parse_pipeline
from masker.rules.policy import TableVerdict, Treatment
from masker.rules.root_text import root_of, with_roots
from masker.rules.subset import Follow
from masker.rules.subset_names import resolve_subset
from tests.rules.catalogs import catalog, name_of, table

SHOP = catalog(
    table("customers", "id integer!", "country text", "born date?"),
    table("orders", "id integer!", "customer_id integer > customers.id", "payer_id integer? > customers.id"),
    table("items", "order_id integer > orders.id", "n integer"),
    table("notes", "kind text", "about text?"),
    table("other.notes", "id integer!"),
    table("hidden", "id integer!"),
)  # fmt: skip
HEAD = """\
version: 1
name: p
source: {url: "postgresql://a/b"}
target: {url: "postgresql://c/d"}
subset:
"""


def resolved(section, catalog=SHOP, **verdicts):
    text = HEAD + textwrap.indent(textwrap.dedent(section), "  ")
    pipeline = parse_pipeline(text, file="p.yaml", environ={})
    tables = {t.name: verdicts.get(t.name.name, TableVerdict()) for t in catalog.tables}
    return resolve_subset(pipeline, catalog, tables)


def test_a_whole_section_is_read():
    rules, found = resolved(
        """\
        roots:
          - {table: customers, where: "country = 'DE'", sample: 5%, seed: 7, stratify: [country]}
          - {table: orders, newest: {by: id, n: 10}}
        children:
          max_per_parent: 200
          max_depth: 3
          edges: {orders.payer_id: off, items.order_id: {max_per_parent: 2}, orders.customer_id: always}
        references:
          - {table: public.notes, type: kind, id: about, to: {customer: customers.id, order: orders.id}}
          - {table: items, id: n, to: other.notes.id}
        unrelated: sample
        lookup_rows: 0
        budget: {rows: 1000}
        cover: true
        """
    )
    assert found == ()
    first, second = rules.roots
    assert (first.sample, first.seed, first.stratify) == (0.05, 7, ("country",))
    assert second.newest == ("id", 10)
    by = {str(edge.link): edge for edge in rules.edges if not edge.link.when}
    assert by["public.orders.payer_id"].follow is Follow.OFF
    assert by["public.orders.customer_id"].follow is Follow.ALWAYS
    assert by["public.items.order_id"].max_per_parent == 2
    assert by["public.orders.customer_id"].max_per_parent == 200
    assert [edge.link for edge in rules.edges if edge.link.when] == [
        Link(table=name_of("notes"), columns=("about",), parent=name_of(parent),
             parent_columns=("id",), when=("kind", kind))
        for kind, parent in (("customer", "customers"), ("order", "orders"))
    ]  # fmt: skip
    assert rules.budget.rows == 1000


@pytest.mark.parametrize(
    ("section", "code", "line", "words"),
    [
        ("roots: [{table: customer}]", "unknown-table", 6, "customers"),
        ("roots: [{table: notes}]", "ambiguous-table", 6, "other.notes"),
        ("roots: [{table: 'cust*'}]", "unknown-table", 6, "schemas"),
        ("roots: [{table: hidden}]", "bad-subset", 6, "load it"),
        ("roots: [{table: customers, sample: 5%, rows: 3}]", "bad-subset", 6, "one of them"),
        ("roots: [{table: customers, stratify: [country]}]", "bad-subset", 6, "sample"),
        ("roots: [{table: customers, rows: 3, stratify: [contry]}]", "unknown-column", 6, "country"),
        ("roots: [{table: customers, newest: {by: borm, n: 3}}]", "unknown-column", 6, "born"),
        ("roots: [{table: customers}]\nunrelated: sample", "bad-subset", 7, "all"),
        ("roots: [{table: customers}]\nbudget: {}", "bad-subset", 7, "one of them"),
        ("roots: [{table: customers}]\nbudget: {rows: 5, bytes: 1MB}", "bad-subset", 7, "one of them"),
        ("roots: [{table: customers, rows: 5}]\nbudget: {rows: 5}", "bad-subset", 7, "sample"),
        ("roots: [{table: customers}]\nchildren: {edges: {orders.custmer_id: off}}",
         "unknown-edge", 7, "orders.customer_id"),
        ("roots: [{table: customers}]\nreferences: [{table: items, id: nn, to: customers.id}]",
         "unknown-column", 7, "n"),
        ("roots: [{table: customers}]\nreferences: [{table: items, id: n, to: customers.ident}]",
         "unknown-column", 7, "id"),
        ("roots: [{table: customers}]\nreferences: [{table: items, id: n, to: custom.id}]",
         "unknown-table", 7, "customers"),
        ("roots: [{table: customers}]\nreferences: [{table: items, id: n, to: customers}]",
         "bad-subset", 7, "customers.id"),
        ("roots: [{table: customers}]\nreferences: [{table: items, id: n, to: {a: customers.id}}]",
         "bad-subset", 7, "type"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(section, code, line, words):
    _, found = resolved(section, hidden=TableVerdict(treatment=Treatment.EMPTY))
    assert [(each.code, each.position.line) for each in found] == [(code, line)]
    assert words in found[0].help


@pytest.mark.parametrize(
    "root", ["{table: customers, sample: 300%}", "{table: customers, rows: 0}", "{sample: 1%}"]
)
def test_what_no_catalog_is_needed_for_is_told_when_the_file_is_read(root):
    with pytest.raises(ConfigError):
        resolved(f"roots: [{root}]")


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("customers", {}),
        ("customers where id = 42", {"where": "id = 42"}),
        ("public.customers sample 5% seed 7 where country = 'DE'",
         {"table": "public.customers", "sample": 0.05, "seed": 7, "where": "country = 'DE'"}),
        ("customers rows 100 stratify country,plan", {"rows": 100, "stratify": ("country", "plan")}),
        ("customers WHERE name = 'where rows 5'", {"where": "name = 'where rows 5'"}),
    ],
)  # fmt: skip
def test_a_root_on_the_command_line(text, facts):
    root = root_of(text)
    wanted = {"table": "customers", **facts}
    assert {key: getattr(root, key) for key in wanted} == wanted
    assert root.from_shell


def test_newest_on_the_command_line():
    newest = root_of("orders newest 10 by created_at").newest
    assert (newest.by, newest.n) == ("created_at", 10)


@pytest.mark.parametrize(
    "text",
    ["", "customers where", "customers id = 42", "customers sample 300%", "customers rows x",
     "customers rows 5 rows 6", "customers newest 5"],
)  # fmt: skip
def test_what_is_no_root_is_refused_without_a_word_of_its_condition(text):
    with pytest.raises(ConfigError) as refused:
        root_of(f"{text} secret" if text.endswith("42") else text)
    assert refused.value.exit_code == 2
    assert "secret" not in str(refused.value)
    assert "sample 5%" in str(refused.value)


def test_roots_of_the_command_line_take_the_place_of_the_file_s():
    text = HEAD + "  roots: [{table: customers}]\n  lookup_rows: 5\n"
    pipeline = parse_pipeline(text, file="p.yaml", environ={})
    changed = with_roots(pipeline, ["orders rows 3"])
    assert [root.table for root in changed.subset.roots] == ["orders"]
    assert changed.subset.lookup_rows == 5
    assert with_roots(pipeline, []) is pipeline
    wrong = with_roots(pipeline, ["ordes rows 3"])
    _, found = resolve_subset(wrong, SHOP, {})
    assert [(each.code, each.position) for each in found] == [("unknown-table", None)]

"""Drafts read back, name every column once, and hold names only."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from masker.catalog import Trigger
from masker.engines.postgres.address import Address
from masker.engines.postgres.catalog import read_catalog
from masker.engines.postgres.session import Session, Side
from masker.rules.draft import draft
from masker.rules.flow import flow
from masker.rules.pipeline import not_yet, parse_pipeline
from masker.rules.policy import Ruling, Treatment
from masker.rules.resolve import resolve
from tests.rules.catalogs import catalog, table, with_trigger

SHOP = catalog(
    table("customers", "id integer!", "email text=", "name text", "nick text?", "phone varchar(4)", "ssn text="),
    table("orders", "id uuid!", "customer_id integer > customers.id", "total numeric generated"),
    table("mails", "email text > customers.email", "body text", "meta jsonb"),
    with_trigger(
        table("notes", "body text", "search tsvector"),
        Trigger(name="t", definition="", function="f", before_insert=True),
    ),
    table("outbox", "recipient text"),
    table("hr.people", "id integer!", '"Given Name" text', "salary numeric", "card_number text="),
    table("logs", "at timestamptz", "line text", partitioned_by="at"),
    table("logs_1", "at timestamptz", "line text", partition_of="logs"),
    table("ext", "x text", extension="cron"),
)  # fmt: skip


def read(text):
    return parse_pipeline(text, file="drafted.yaml", environ={}, lenient=True)


def verdicts(text):
    """Return the verdicts of a draft as written, by table and column."""
    return {
        f"{table}.{column}": rules[0].use
        for table, columns in read(text).columns.items()
        for column, rules in columns.items()
    }


def test_every_column_once_but_those_that_follow_a_key():
    text = draft(SHOP, name="shop")
    names = [
        f"{t.name}.{c.name}"
        for t in SHOP.tables
        for c in t.columns
        if not t.is_partition and not t.extension
    ]
    follow = {"public.orders.customer_id", "public.mails.email"}
    assert list(verdicts(text)) == [name for name in names if name not in follow]
    assert "    # customer_id follows public.customers.id\n" in text
    assert "    # email follows public.customers.email\n" in text


def test_a_decision_on_a_key_is_one_line_of_a_draft():
    made = catalog(
        table("people", "ssn oid!", "city text"),
        table("papers", "ssn oid > people.ssn", "page integer"),
    )
    text = draft(made, name="x")
    open_ = [finding.subject for finding in resolve(read(text), made).findings]
    assert open_ == ["public.people.ssn"]
    decided = re.sub(r"ssn: review", "ssn: keep", text)
    assert not resolve(read(decided), made).findings


def test_a_table_whose_columns_all_follow_is_a_comment():
    made = catalog(
        table("a", "id integer!"),
        table("b", "id integer!"),
        table("a_b", "a_id integer > a.id", "b_id integer > b.id"),
    )
    text = draft(made, name="x")
    assert list(verdicts(text)) == ["public.a.id", "public.b.id"]
    assert "\n  # public.a_b:\n    # a_id follows public.a.id\n" in text
    assert not resolve(read(text), made).findings


@pytest.mark.parametrize(
    "column", ["state varchar(2)", "state text", "region_name text", "province text"]
)
def test_regions_may_be_codes_and_wait_for_review(column):
    made = catalog(table("places", column, "city text"))
    name = column.split()[0]
    text = draft(made, name="x")
    assert verdicts(text)[f"public.places.{name}"] == "review"
    assert verdicts(text)["public.places.city"] != "review"
    (finding,) = resolve(read(text), made).findings
    line = re.search(f"`({name}: .*?)` in place", finding.help).group(1)
    assert not resolve(read(re.sub(f"{name}: review", line, text)), made).findings


def test_a_draft_resolves_with_nothing_open_but_review():
    pipeline = read(draft(SHOP, name="shop"))
    assert not not_yet(pipeline)
    policy = resolve(pipeline, SHOP)
    assert {finding.code for finding in policy.findings} == {"review"}
    assert [finding.subject for finding in policy.findings] == [
        "hr.people.salary",
        "public.logs.line",
        "public.mails.meta",
    ]


@pytest.mark.parametrize(
    ("place", "use"),
    [
        pytest.param("public.customers.id", "keep", id="a key"),
        pytest.param("public.customers.email", "email", id="an entity"),
        pytest.param("public.orders.total", "keep", id="generated"),
        pytest.param("public.customers.ssn", "alphanumeric", id="unique"),
        pytest.param(
            "hr.people.card_number", "alphanumeric", id="unique, with another transformer"
        ),
        pytest.param("hr.people.Given Name", "first_name", id="quoted"),
        pytest.param("public.notes.search", "recompute", id="by its trigger"),
        pytest.param("hr.people.salary", "review", id="a person decides"),
        pytest.param("public.mails.meta", "review", id="anything"),
    ],
)
def test_verdicts(place, use):
    assert verdicts(draft(SHOP, name="shop"))[place] == use


def test_comments_say_why():
    text = draft(SHOP, name="shop")
    assert re.search(r"email: email +# text; EMAIL_ADDRESS 0.95: the name `email`", text)
    assert re.search(r"meta: review +# jsonb; OPAQUE_DATA 0.75: the name `meta`", text)


def test_what_would_not_fit_is_reviewed():
    made = catalog(table("people", "email varchar(6)"))
    text = draft(made, name="x")
    assert verdicts(text)["public.people.email"] == "review"
    assert "email does not fit: too short" in text


def test_mails_to_send_stay_out():
    policy = resolve(read(draft(SHOP, name="shop")), SHOP)
    treatments = {str(name): verdict.treatment for name, verdict in policy.tables.items()}
    assert treatments["public.outbox"] is Treatment.EMPTY
    assert treatments["public.mails"] is Treatment.LOAD


def test_a_new_column_stops_a_drafted_pipeline():
    pipeline = read(draft(SHOP, name="shop"))
    more = catalog(*SHOP.tables, table("new", "n integer", "email text"))
    found = {f.subject for f in resolve(pipeline, more).findings if f.code == "uncovered"}
    assert found == {"public.new.n", "public.new.email"}


def test_a_draft_is_stable():
    assert draft(SHOP, name="shop") == draft(catalog(*reversed(SHOP.tables)), name="shop")


def test_a_thousand_tables_take_seconds():
    made = catalog(
        table("t", "id integer!"),
        *(
            table(f"t{n}", "t_id integer > t.id", "email text", "a date", "b numeric")
            for n in range(1000)
        ),
    )
    began = time.perf_counter()
    assert not resolve(read(draft(made, name="x")), made).findings
    assert time.perf_counter() - began < 20


def test_an_empty_database():
    assert read(draft(catalog(), name="x")).columns == {}


TEXT = st.text(st.characters(codec="utf-8"))  # lone surrogates are no text
NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=20)


@given(NAMES)
def test_any_name_can_be_drafted(name):
    made = catalog(table("t", "id integer!"))
    (only,) = made.tables
    object.__setattr__(only.columns[0], "name", name)
    object.__setattr__(only.keys[0], "columns", (name,))
    ((column, verdict),) = verdicts(draft(made, name="x")).items()
    assert column == f"public.t.{name}"
    assert verdict in {"keep", "review"}  # a number named like a phone (`PH1`) is not kept unseen


@given(
    st.recursive(
        TEXT | st.integers() | st.booleans(),
        lambda below: st.lists(below) | st.dictionaries(TEXT, below),
        max_leaves=8,
    )
)
def test_flow_reads_back(value):
    assert YAML(typ="safe", pure=True).load(flow({"x": value})) == {"x": value}


@pytest.mark.parametrize("sample", ["pagila", "chinook", "hr"])
def test_real_databases(sample, request, production, fresh_database):
    template = request.getfixturevalue(sample)
    with Session.open(
        Address.parse(fresh_database(production, template=template)), side=Side.SOURCE
    ) as session:
        found = read_catalog(session)
    policy = resolve(read(draft(found, name=sample)), found)
    assert {finding.code for finding in policy.findings} <= {"review"}
    # What a person must look at is a small part; what is plainly personal is never kept.
    undecided = [f.subject for f in policy.findings]
    assert len(undecided) < len(policy.columns) / 3
    for (_, column), verdict in policy.columns.items():
        if column in {"first_name", "last_name", "email", "phone", "address", "postal_code"}:
            assert verdict.ruling is Ruling.MASK

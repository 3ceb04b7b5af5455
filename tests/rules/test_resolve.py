"""Which rule decides, what is left open, and what names nothing: tables of policies."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masker.catalog import TableName, View
from masker.findings import Severity
from masker.rules.pipeline import parse_pipeline
from masker.rules.policy import Ruling, Treatment
from masker.rules.resolve import resolve
from tests.rules.catalogs import catalog, table

SHOP = catalog(
    table(
        "customers",
        "id integer!",
        "email text",
        "Name text?",
        "age integer?",
        "made_at timestamptz",
    ),
    table("crm.contacts", "id integer!", "email text", "note text?"),
    table("hr.contacts", "id integer!", "email text"),
    table("orders", "id integer!", "customer_id integer > customers.id", "total numeric generated"),
)
BASE = "rules: [base]\n"


def verdict(policy, place):
    table, _, column = place.rpartition(".")
    schema, dot, name = table.rpartition(".")
    return policy.columns[TableName(schema if dot else "public", name), column]


def said(policy):
    return [(finding.code, finding.subject) for finding in policy.findings]


@pytest.mark.parametrize(
    ("columns", "place", "use"),
    [
        pytest.param("customers: {email: scramble}", "customers.email", "scramble", id="exact"),
        pytest.param("customers: {'*': redact, email: scramble}", "customers.email", "scramble", id="exact column before glob"),
        pytest.param("customers: {'e*': redact, '*l': scramble}", "customers.email", "redact", id="globs in file order"),
        pytest.param("'*': {email: redact}\n  customers: {'*': scramble}", "customers.email", "scramble", id="exact table before glob"),
        pytest.param("'c*': {email: redact}\n  '*': {email: scramble}", "customers.email", "redact", id="table globs in file order"),
        pytest.param("hr.contacts: {email: redact}\n  '*': {email: scramble}", "hr.contacts.email", "redact", id="with schema"),
        pytest.param("hr.contacts: {email: redact}\n  '*': {email: scramble}", "crm.contacts.email", "scramble", id="another schema"),
        pytest.param("'hr.*': {email: redact}\n  '*': {email: scramble}", "hr.contacts.email", "redact", id="glob with schema"),
        pytest.param("customers: {Name: redact, name: scramble}", "customers.Name", "redact", id="case as the server spells it"),
        pytest.param("customers: {email: [scramble, redact]}", "customers.email", "scramble", id="list of verdicts"),
        pytest.param("customers: {email: keep}", "customers.email", "keep", id="keep before packs"),
        pytest.param("customers: {id: keep}", "customers.email", "email", id="pack"),
        pytest.param("customers: {id: keep}", "customers.age", "keep", id="pack by type"),
        pytest.param("customers: {id: keep}", "crm.contacts.note", "fake_text", id="pack by entity"),
    ],
)  # fmt: skip
def test_the_first_match_wins(policy_of, columns, place, use):
    policy = policy_of(f"{BASE}columns:\n  {columns}\n", SHOP)
    assert verdict(policy, place).use == use


def test_every_column_and_table_has_a_verdict(policy_of):
    policy = policy_of("columns: {}", SHOP)
    places = {(t.name, c.name) for t in SHOP.tables for c in t.columns}
    assert set(policy.columns) == places
    assert set(policy.tables) == {t.name for t in SHOP.tables}


def test_nothing_is_kept_that_no_rule_keeps(policy_of):
    policy = policy_of("columns: {}", SHOP)
    assert {v.ruling for v in policy.columns.values()} == {Ruling.UNCOVERED, Ruling.GENERATED}


def test_reasons_and_positions(policy_of):
    policy = policy_of(BASE + "columns:\n  customers: {email: scramble}", SHOP)
    assert verdict(policy, "customers.email").reason == "`customers.email` of the pipeline"
    assert str(verdict(policy, "customers.email").position).endswith("p.yaml:7:22")
    contact = verdict(policy, "crm.contacts.email")
    assert contact.reason == "rule `email` of `base`: EMAIL_ADDRESS 0.95, the name `email`"
    assert str(contact.position).startswith("rules/base.yaml:")


# -- what nobody has decided on ----------------------------------------------------------------


def test_uncovered_columns_name_the_line_to_add(policy_of):
    policy = policy_of("columns:\n  customers: {id: keep}", SHOP)
    finding = next(f for f in policy.findings if f.subject == "public.customers.email")
    assert finding.id == "uncovered:public.customers.email"
    assert finding.severity is Severity.ERROR
    assert finding.message == (
        "`public.customers.email` (text) has no verdict: no rule matches; perhaps EMAIL_ADDRESS"
    )
    assert finding.help == (
        "add under `columns: customers:` the line `email: email`, or another verdict"
    )


@pytest.mark.parametrize(
    ("column", "line"),
    [
        pytest.param("nickname text?", "nickname: username", id="an entity"),
        pytest.param("shoe_size text?", "shoe_size: scramble", id="text"),
        pytest.param("slug text=", "slug: alphanumeric", id="unique text"),
        pytest.param("prefs jsonb", "prefs: {use: json, with: {paths: {}}}", id="json"),
        pytest.param("photo bytea?", 'photo: "null"', id="bytes"),
        pytest.param("search tsvector", "search: recompute", id="tsvector"),
        pytest.param('"Odd Name" text', '"Odd Name": scramble', id="quoted"),
        pytest.param("number integer=", "number: keep", id="a unique number"),
        pytest.param("day date=", "day: keep", id="a unique date"),
        pytest.param("phone text=", "phone: alphanumeric", id="an entity under a unique key"),
        pytest.param("email text=", "email: email", id="one that is unique by itself"),
        pytest.param("state varchar(2)", "state: scramble", id="too short for a fake"),
    ],
)
def test_suggested_lines_can_be_added(policy_of, column, line):
    made = catalog(table("things", "id integer!", column))
    head = "rules: []\ncolumns:\n  things:\n    id: keep\n"
    (finding,) = policy_of(head, made).findings
    assert f"`{line}`" in finding.help
    assert not policy_of(f"{head}    {line}\n", made).findings


def test_a_line_that_is_there_is_replaced_not_added(policy_of):
    made = catalog(table("things", "id integer!", "state varchar(2)"))
    head = "columns:\n  things:\n    id: keep\n"
    (finding,) = policy_of(f"{head}    state: review\n", made).findings
    assert finding.help == "write `state: scramble` in place of that line, or another verdict"
    assert not policy_of(f"{head}    state: scramble\n", made).findings


def test_a_new_table_gets_a_whole_line(policy_of):
    made = catalog(table("things", "shoe_size text"))
    (finding,) = policy_of("columns: {}", made).findings
    assert "`public.things: {shoe_size: scramble}`" in finding.help
    assert not policy_of("columns:\n  public.things: {shoe_size: scramble}\n", made).findings


def test_a_new_table_gets_one_line_for_all_its_columns(policy_of):
    made = catalog(table("genre", "genre_id integer!", "name text"))
    first, second = policy_of("columns: {}", made).findings
    assert first.help == (
        "add under `columns:` the line `public.genre: {genre_id: keep, name: scramble}`, "
        "or other verdicts"
    )
    assert second.help == "the line to add for `public.genre.genre_id` has `name: scramble`"
    line = "public.genre: {genre_id: keep, name: scramble}"
    assert not policy_of(f"columns:\n  {line}\n", made).findings


def test_columns_of_a_misspelt_table_are_told_once(policy_of):
    made = catalog(table("customers", "id integer!", "x text"), table("other", "y text"))
    policy = policy_of("columns:\n  custmers: {id: keep, x: scramble}\n", made)
    assert said(policy) == [("unknown-table", "custmers"), ("uncovered", "public.other.y")]
    named = "columns:\n  custmers: {id: keep}\n  customers: {id: keep}\n"
    assert ("uncovered", "public.customers.x") in said(policy_of(named, made))


def test_review_counts_as_uncovered(policy_of):
    policy = policy_of(BASE + "columns:\n  customers: {Name: review}", SHOP)
    assert said(policy) == [("review", "public.customers.Name")]
    assert policy.findings.blocking


@pytest.mark.parametrize(
    ("column", "fallback", "use"),
    [
        pytest.param("a text?", "null", "null", id="null"),
        pytest.param("a text", "scramble", "scramble", id="scramble"),
        pytest.param("a text?", "scramble", "scramble", id="scramble nullable"),
        pytest.param("a jsonb", "scramble", "json", id="documents"),
        pytest.param("a bytea?", "scramble", "null", id="what cannot be scrambled"),
        pytest.param("a text", "null", "", id="NOT NULL"),
        pytest.param("a bytea", "scramble", "", id="neither"),
    ],
)
def test_uncovered_fallbacks(policy_of, column, fallback, use):
    policy = policy_of(f"uncovered: {fallback}", catalog(table("t", column)))
    assert verdict(policy, "t.a").use == use
    assert said(policy) == ([] if use else [("uncovered", "public.t.a")])


def test_a_fallback_masks_what_waits_for_review_too(policy_of):
    made = catalog(table("t", "a text"))
    policy = policy_of("uncovered: scramble\ncolumns: {t: {a: review}}", made)
    assert verdict(policy, "t.a").use == "scramble"


def test_a_fallback_masks_the_rows_that_meet_no_condition(policy_of):
    made = catalog(table("t", "a text", "b text"))
    text = "uncovered: scramble\ncolumns: {t: {a: {use: redact, when: \"b = 'x'\"}}}"
    head = verdict(policy_of(text, made), "t.a")
    assert (head.use, head.otherwise.use) == ("redact", "scramble")


# -- names that mean nothing -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("columns", "code", "subject", "help"),
    [
        pytest.param("custmers: {id: keep}", "unknown-table", "custmers", "did you mean `customers`?", id="table"),
        pytest.param("Customers: {id: keep}", "unknown-table", "Customers", "did you mean `customers`?", id="case of a table"),
        pytest.param("hr.contact: {id: keep}", "unknown-table", "hr.contact", "did you mean `hr.contacts`?", id="qualified table"),
        pytest.param("'cust_*': {id: keep}", "unmatched", "cust_*", "correct or remove it", id="table glob"),
        pytest.param("customers: {emial: email}", "unknown-column", "customers.emial", "did you mean `email`?", id="column"),
        pytest.param("customers: {name: full_name}", "unknown-column", "customers.name", "did you mean `Name`?", id="case of a column"),
        pytest.param("customers: {'*_on': keep}", "unmatched", "customers.*_on", "correct or remove it", id="column glob"),
        pytest.param("contacts: {id: keep}", "ambiguous-table", "contacts", "`crm.contacts`", id="two schemas"),
        pytest.param("overview: {id: keep}", "unknown-table", "overview", "tables that it reads", id="view"),
    ],
)  # fmt: skip
def test_keys_that_name_nothing(pipeline_of, columns, code, subject, help):
    view = View(name=TableName("public", "overview"), definition="")
    made = catalog(*SHOP.tables, views=(view,))
    policy = resolve(pipeline_of(f"{BASE}columns:\n  {columns}\n"), made)
    finding = next(f for f in policy.findings if f.code != "uncovered")
    assert (finding.code, finding.subject) == (code, subject)
    assert help in finding.help
    assert finding.position.line == 7


def test_a_glob_that_matches_nothing_may_be_accepted(policy_of):
    policy = policy_of(BASE + "columns: {'x*': {a: keep}, customers: {Name: keep}}", SHOP)
    assert not policy.findings.accept(["unmatched:x*"]).blocking


def test_a_verdict_on_a_generated_column_has_no_effect(policy_of):
    policy = policy_of(BASE + "columns: {customers: {Name: keep}, orders: {total: scramble}}", SHOP)
    assert said(policy) == [("generated", "orders.total")]
    assert not policy.findings.blocking
    assert verdict(policy, "orders.total").ruling is Ruling.GENERATED


# -- conditions --------------------------------------------------------------------------------


def test_rows_that_do_not_meet_when_go_to_the_next_rule(policy_of):
    text = "columns:\n  customers:\n    email: {use: redact, when: \"age = '7'\"}\n    'e*': keep\n"
    head = verdict(policy_of(BASE + text, SHOP), "customers.email")
    assert (head.ruling, head.use, head.when) == (Ruling.MASK, "redact", "age = '7'")
    assert (head.otherwise.ruling, head.otherwise.use) == (Ruling.KEEP, "keep")


def test_rows_that_are_kept_by_when_do_not_keep_the_column(policy_of):
    text = "columns:\n  customers:\n    email: {use: keep, when: \"age = '7'\"}\n"
    head = verdict(policy_of(BASE + text, SHOP), "customers.email")
    assert (head.ruling, head.transformer) == (Ruling.MASK, None)
    assert (head.otherwise.use, head.otherwise.when) == ("email", None)


def test_keep_either_way_is_keep(policy_of):
    text = "columns: {customers: {email: [{use: keep, when: \"age = '7'\"}, keep]}}"
    assert verdict(policy_of(BASE + text, SHOP), "customers.email").ruling is Ruling.KEEP


@pytest.mark.parametrize("rest", ["", "'e*': review"])
def test_rows_without_a_verdict_leave_the_column_uncovered(policy_of, rest):
    text = f"columns:\n  customers:\n    email: {{use: redact, when: \"age = '7'\"}}\n    {rest}\n"
    policy = policy_of(text, SHOP)
    assert verdict(policy, "customers.email").ruling in {Ruling.UNCOVERED, Ruling.REVIEW}
    assert "public.customers.email" in {f.subject for f in policy.findings.blocking}


@pytest.mark.parametrize(
    ("when", "message"),
    [
        pytest.param("age =", "is not a condition in SQL", id="syntax"),
        pytest.param("agee = '7'", "reads `agee`", id="no such column"),
        pytest.param("age", "is neither true nor false", id="no condition"),
    ],
)
def test_conditions_are_checked_before_a_row_is_read(policy_of, when, message):
    text = f'columns: {{customers: {{email: [{{use: redact, when: "{when}"}}, keep], Name: keep}}}}'
    (finding,) = policy_of(BASE + text, SHOP).findings
    assert finding.code == "bad-when"
    assert message in finding.message


# -- tables ------------------------------------------------------------------------------------

PARTS = catalog(
    table("events", "id integer", "at timestamptz", "body text", partitioned_by="at"),
    table("events_1", "id integer", "at timestamptz", "body text", partition_of="events"),
    table("events_2", "id integer", "at timestamptz", "body text", partition_of="events"),
    table("old_log", "body text"),
)


def test_partitions_take_their_roots_verdicts(policy_of):
    policy = policy_of(BASE + "columns: {events: {body: redact}, old_log: {body: keep}}", PARTS)
    assert {verdict(policy, f"{t}.body").use for t in ("events", "events_1", "events_2")} == {
        "redact"
    }
    assert not policy.findings


def test_a_rule_on_a_partition_is_told(policy_of):
    policy = policy_of(BASE + "columns: {events_1: {body: redact}}", PARTS)
    (finding,) = policy.findings
    assert finding.code == "partition-rule"
    assert finding.help == "write the rules under `public.events`"


@pytest.mark.parametrize(
    ("tables", "treatments"),
    [
        pytest.param("{}", "load load load load", id="all are loaded"),
        pytest.param("{old_log: empty}", "load load load empty", id="empty"),
        pytest.param("{events: exclude}", "exclude exclude exclude load", id="partitions go with the root"),
        pytest.param("{events_1: empty}", "load empty load load", id="one partition"),
        pytest.param("{'events_*': empty, events_2: load}", "load empty load load", id="exact before glob"),
        pytest.param("{public.old_log: exclude}", "load load load exclude", id="with schema"),
    ],
)  # fmt: skip
def test_tables(policy_of, tables, treatments):
    policy = policy_of(f"{BASE}tables: {tables}", PARTS)
    assert " ".join(verdict.treatment for verdict in policy.tables.values()) == treatments


def test_where_travels_with_the_table(policy_of):
    policy = policy_of(BASE + 'tables: {events: {where: "id > 7"}}', PARTS)
    assert policy.tables[TableName("public", "events_1")].where == "id > 7"


def test_columns_of_tables_that_stay_out_need_no_verdict(policy_of):
    made = catalog(table("a", "x text"), table("b", "x text"), table("c", "x text", extension="e"))
    policy = policy_of("tables: {a: empty, b: exclude}", made)
    assert said(policy) == []
    assert policy.tables[TableName("public", "c")].treatment is Treatment.EXCLUDE


@pytest.mark.parametrize(
    ("tables", "codes"),
    [
        pytest.param("{customers: exclude}", ["parent-left-out"], id="excluded"),
        pytest.param("{customers: empty}", ["parent-left-out"], id="empty"),
        pytest.param("{customers: exclude, orders: empty}", ["parent-left-out"], id="excluded, child empty"),
        pytest.param("{customers: empty, orders: empty}", [], id="both empty"),
        pytest.param("{customers: exclude, orders: exclude}", [], id="both excluded"),
        pytest.param("{customers: {where: x}}", ["parent-left-out"], id="some rows"),
        pytest.param("{customers: {where: x}, orders: {where: y}}", [], id="some rows of both"),
    ],
)  # fmt: skip
def test_parents_that_stay_out(policy_of, tables, codes):
    text = BASE + f"tables: {tables}\ncolumns: {{customers: {{Name: keep}}}}"
    assert [f.code for f in policy_of(text, SHOP).findings] == codes


def test_where_on_a_parent_can_be_accepted(policy_of):
    text = BASE + "tables: {customers: {where: x}}\ncolumns: {customers: {Name: keep}}"
    findings = policy_of(text, SHOP).findings
    assert [f.severity for f in findings] == [Severity.WARNING]
    assert findings.items[0].id == "parent-left-out:public.orders.orders_customer_id_fkey"


def test_a_misspelled_table_under_tables(policy_of):
    policy = policy_of(BASE + "tables: {old_logs: empty}", PARTS)
    (finding,) = policy.findings
    assert (finding.code, finding.help) == ("unknown-table", "did you mean `old_log`?")


# -- inheritance and size ----------------------------------------------------------------------


def test_an_inherited_column_goes_as_its_parents_does(policy_of):
    parent = TableName("public", "people")
    made = catalog(
        table("people", "nick text", "shoe text"),
        table("pilots", "nick text", "shoe text", parent=parent, parents=(parent,)),
    )
    policy = policy_of(
        "columns: {people: {nick: redact, shoe: keep}, pilots: {shoe: scramble}}", made
    )
    assert verdict(policy, "pilots.nick").use == "redact"
    assert verdict(policy, "pilots.shoe").use == "scramble"


def test_many_tables_take_seconds():
    made = catalog(
        *(
            table(f"t{n}", "id integer!", "email text", *(f"c{k} integer" for k in range(40)))
            for n in range(1400)
        )
    )
    text = (
        "version: 1\nname: x\nsource: {url: a}\ntarget: {url: b}\nrules: [base, finance, secrets]\n"
    )
    pipeline = parse_pipeline(text, file="p.yaml", environ={})
    began = time.perf_counter()
    policy = resolve(pipeline, made)
    assert time.perf_counter() - began < 15
    assert not policy.findings


NAMES = st.sampled_from(
    ["customers", "email", "*", "c*", "crm.contacts", "hr.*", "Name", "[a", "x"]
)
VERDICTS = st.sampled_from(["keep", "review", "scramble", "redact", "free_text"])


@given(st.dictionaries(NAMES, st.dictionaries(NAMES, VERDICTS, min_size=1), max_size=4))
def test_any_policy_gives_every_column_one_verdict(columns):
    text = f"version: 1\nname: x\nsource: {{url: a}}\ntarget: {{url: b}}\ncolumns: {columns!r}"
    policy = resolve(parse_pipeline(text, file="p.yaml", environ={}), SHOP)
    assert set(policy.columns) == {(t.name, c.name) for t in SHOP.tables for c in t.columns}
    told = {finding.subject for finding in policy.findings.blocking}
    for (name, column), verdict in policy.columns.items():
        if verdict.ruling in {Ruling.REVIEW, Ruling.UNCOVERED} and name.name != "orders":
            assert f"{name}.{column}" in told
        if verdict.ruling is Ruling.MASK:
            assert verdict.transformer is not None

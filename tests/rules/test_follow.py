"""Verdicts on keys hold for the columns that refer to them: propagation tables."""

import pytest

from masker.catalog import TableName
from masker.rules.policy import Ruling
from tests.rules.catalogs import catalog, table

CUSTOMERS = table("customers", "id integer!", "email text=", "company_id integer? > companies.id")
COMPANIES = table("companies", "id integer!", "name text")
ORDERS = table("orders", "id integer!", "customer_id integer > customers.id")
ITEMS = table("items", "order_id integer > orders.id", "line integer", "sku text > products.sku")
PRODUCTS = table("products", "sku text!")
PARCELS = table(
    "parcels",
    "code text!",
    "order_id integer",
    "line integer",
    foreign_keys=[(("order_id", "line"), "items", ("order_id", "line"))],
)
MAILS = table("mails", "email varchar(60) > customers.email")
EMPLOYEES = table("employees", "id integer!", "manager_id integer? > employees.id")
CARDS = table("cards", "id integer! > customers.id")  # one to one, by a shared key
STAMPS = table("stamps", "card_id integer > cards.id")
SHOP = catalog(
    CUSTOMERS, COMPANIES, ORDERS, ITEMS, PRODUCTS, PARCELS, MAILS, EMPLOYEES, CARDS, STAMPS
)
REST = "uncovered: scramble\n"


def verdict(policy, place):
    table, _, column = place.rpartition(".")
    return policy.columns[TableName("public", table), column]


def said(policy):
    return [(finding.code, finding.subject.removeprefix("public.")) for finding in policy.findings]


@pytest.mark.parametrize(
    ("columns", "followers"),
    [
        pytest.param(
            "customers: {id: integer}",
            {"orders.customer_id": "integer", "cards.id": "integer", "stamps.card_id": "integer"},
            id="a mask, through a shared key",
        ),
        pytest.param(
            "customers: {id: keep}",
            {"orders.customer_id": "keep", "stamps.card_id": "keep"},
            id="keep",
        ),
        pytest.param(
            "orders: {id: integer}",
            {"items.order_id": "integer", "parcels.order_id": "integer"},
            id="transitively, pairwise",
        ),
        pytest.param(
            "items: {line: integer}", {"parcels.line": "integer"}, id="second of a composite key"
        ),
        pytest.param("employees: {id: integer}", {"employees.manager_id": "integer"}, id="itself"),
        pytest.param("customers: {email: email}", {"mails.email": "email"}, id="a unique column"),
        pytest.param("products: {sku: alphanumeric}", {"items.sku": "alphanumeric"}, id="text"),
    ],
)
def test_followers(policy_of, columns, followers):
    policy = policy_of(f"{REST}columns:\n  {columns}", SHOP)
    assert {place: verdict(policy, place).use for place in followers} == followers
    assert all(verdict(policy, p).reason.startswith("follows `public.") for p in followers)
    assert said(policy) == []


def test_transformer_domain_and_locale_are_shared(policy_of):
    text = "columns: {products: {sku: {use: alphanumeric, domain: article, locale: de_DE}}}"
    policy = policy_of(REST + text, SHOP)
    key, follower = verdict(policy, "products.sku"), verdict(policy, "items.sku")
    assert (key.transformer, key.domain, key.locale) == (
        follower.transformer,
        follower.domain,
        follower.locale,
    )


def test_fakes_fit_the_shortest_column_of_a_key(policy_of):
    policy = policy_of(f"{REST}columns: {{customers: {{email: email}}}}", SHOP)
    assert verdict(policy, "customers.email").length == 60
    assert verdict(policy, "mails.email").length == 60


def test_a_rule_of_a_pack_on_a_follower_yields(policy_of):
    policy = policy_of("rules: [base]\ncolumns: {customers: {email: keep}}", SHOP)
    assert verdict(policy, "mails.email").ruling is Ruling.KEEP
    assert "mails.email" not in {subject for _, subject in said(policy)}


def test_an_open_key_is_told_once(policy_of):
    policy = policy_of("rules: [base]\ncolumns: {customers: {email: keep}}", SHOP)
    assert ("uncovered", "products.sku") in said(policy)
    assert ("uncovered", "items.sku") not in said(policy)
    assert verdict(policy, "items.sku").ruling is Ruling.UNCOVERED


@pytest.mark.parametrize(
    ("columns", "subjects"),
    [
        pytest.param("{customers: {id: integer}, orders: {customer_id: keep}}", ["orders.customer_id"], id="keep against a mask"),
        pytest.param("{customers: {id: keep}, orders: {customer_id: integer}}", ["orders.customer_id"], id="mask against keep"),
        pytest.param("{orders: {customer_id: integer}}", ["orders.customer_id"], id="mask against the fallback"),
        pytest.param("{customers: {email: email}, mails: {email: {use: email, domain: x}}}", ["mails.email"], id="another domain"),
        pytest.param("{customers: {email: email}, mails: {email: {use: email, with: {suffix: short}}}}", ["mails.email"], id="other parameters"),
        pytest.param("{customers: {id: integer}, stamps: {card_id: keep}, cards: {id: keep}}", ["cards.id", "stamps.card_id"], id="further down"),
        pytest.param("{customers: {id: keep}, orders: {'cust*': integer}}", ["orders.customer_id"], id="a glob that masks"),
        pytest.param("{customers: {id: integer}, orders: {customer_id: integer}}", [], id="the same"),
        pytest.param("{customers: {id: integer}, orders: {'*': keep}}", [], id="a glob that keeps yields"),
        pytest.param("{customers: {id: integer}, '*': {customer_id: keep}}", [], id="a glob of tables that keeps yields"),
    ],
)  # fmt: skip
def test_contradictions(policy_of, columns, subjects):
    policy = policy_of(f"{REST}columns: {columns}", SHOP)
    found = [subject for code, subject in said(policy) if code == "contradiction"]
    assert found == subjects


def test_a_contradiction_names_both_places(policy_of):
    text = f"{REST}columns:\n  customers:\n    id: integer\n  orders:\n    customer_id: keep\n"
    (finding,) = policy_of(text, SHOP).findings
    assert str(finding.position).endswith("p.yaml:10:18")
    assert "p.yaml:8:9)" in finding.message
    assert "`public.customers.id`" in finding.help


@pytest.mark.parametrize(
    ("columns", "use", "codes"),
    [
        pytest.param('{customers: {company_id: "null"}}', "null", [], id="nullable"),
        pytest.param(
            '{customers: {"company*": "null"}}', "scramble", [], id="by a glob it follows"
        ),
        pytest.param(
            '{customers: {company_id: {use: "null", when: "id = \'7\'"}}}',
            "scramble",
            ["contradiction"],
            id="not always",
        ),
    ],
)
def test_a_foreign_key_may_be_cut_off(policy_of, columns, use, codes):
    policy = policy_of(f"{REST}columns: {columns}", SHOP)
    assert verdict(policy, "customers.company_id").use == use
    assert [code for code, _ in said(policy)] == codes


def test_a_foreign_key_that_takes_no_null_is_not_cut_off(policy_of):
    policy = policy_of(f'{REST}columns: {{orders: {{customer_id: "null"}}}}', SHOP)
    assert said(policy) == [("contradiction", "orders.customer_id")]


def test_two_keys_at_the_top_must_agree(policy_of):
    both = table(
        "both",
        "id integer > customers.id",
        foreign_keys=[(("id",), "employees", ("id",))],
    )
    made = catalog(CUSTOMERS, COMPANIES, EMPLOYEES, both)
    apart = "{customers: {id: integer}, employees: {id: keep}}"
    assert [code for code, _ in said(policy_of(f"{REST}columns: {apart}", made))] == [
        "contradiction"
    ]
    one = "{customers: {id: integer}}"
    policy = policy_of(f"{REST}columns: {one}", made)
    assert said(policy) == []
    assert {verdict(policy, f"{t}.id").use for t in ("customers", "employees", "both")} == {
        "integer"
    }


def test_a_ring_of_keys_agrees(policy_of):
    made = catalog(
        table("a", "id integer! > b.id"),
        table("b", "id integer! > a.id"),
    )
    policy = policy_of("columns: {b: {id: integer}}", made)
    assert {verdict(policy, "a.id").use, verdict(policy, "b.id").use} == {"integer"}
    assert said(policy) == []


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        pytest.param("{use: shift_date, with: {per: who}}", "key-scope", id="reads its row"),
        pytest.param("[{use: scramble, when: \"who = 'x'\"}, scramble]", "key-scope", id="a condition"),
        pytest.param("{use: scramble}", None, id="value"),
    ],
)  # fmt: skip
def test_keys_depend_on_nothing_but_themselves(policy_of, rule, code):
    made = catalog(table("days", "day text!", "who text?"), table("logs", "day text > days.day"))
    policy = policy_of(f"{REST}columns: {{days: {{day: {rule}}}}}", made)
    assert [c for c, _ in said(policy)] == ([code] if code else [])


@pytest.mark.parametrize(
    ("use", "codes"), [("integer", ["key-types"]), ("keep", [])], ids=["masked", "kept"]
)
def test_masked_keys_have_one_type(policy_of, use, codes):
    made = catalog(table("a", "id integer!"), table("b", "a_id bigint > a.id"))
    policy = policy_of(f"columns: {{a: {{id: {use}}}}}", made)
    assert [code for code, _ in said(policy)] == codes


def test_a_computed_foreign_key_cannot_follow_a_mask(policy_of):
    made = catalog(table("a", "id integer!"), table("b", "a_id integer generated > a.id"))
    policy = policy_of("columns: {a: {id: integer}}", made)
    assert said(policy) == [("contradiction", "b.a_id")]
    assert verdict(policy, "b.a_id").ruling is Ruling.GENERATED


def test_foreign_keys_of_partitions_count(policy_of):
    made = catalog(
        table("customers", "id integer!"),
        table("events", "customer_id integer", "n integer", partitioned_by="n"),
        table("events_1", "customer_id integer > customers.id", "n integer", partition_of="events"),
    )
    policy = policy_of("rules: [base]\ncolumns: {customers: {id: integer}}", made)
    assert verdict(policy, "events.customer_id").use == "integer"
    assert verdict(policy, "events_1.customer_id").use == "integer"


@pytest.mark.parametrize("treatment", ["empty", "exclude"])
def test_tables_that_stay_out_do_not_lead(policy_of, treatment):
    text = (
        f"rules: [base]\ntables: {{customers: {treatment}, orders: empty}}\n"
        "columns: {customers: {id: integer}, orders: {customer_id: keep}}"
    )
    made = catalog(table("customers", "id integer!"), ORDERS)
    policy = policy_of(text, made)
    assert "contradiction" not in {code for code, _ in said(policy)}

"""Everything difficult is there, by the server's own catalogs, in the smallest shop too."""

import psycopg
import pytest

from masker.demo.shop.texts import AWKWARD

# One SQL question per promise; each must answer true.
FEATURES = {
    "fifteen tables": """SELECT count(*) >= 24 FROM pg_class c WHERE relkind IN ('r', 'p')
        AND NOT relispartition AND relnamespace::regnamespace::text IN ('shop', 'crm', 'hr')""",
    "three schemas hold tables": """SELECT count(DISTINCT schemaname) = 3 FROM pg_tables
        WHERE schemaname IN ('shop', 'crm', 'hr')""",
    "four range partitions": """SELECT count(*) >= 4 FROM pg_inherits i
        JOIN pg_partitioned_table p ON p.partrelid = i.inhparent
        WHERE p.partstrat = 'r' AND i.inhparent = 'shop.events'::regclass""",
    "rows in every partition": """SELECT count(DISTINCT tableoid) =
        (SELECT count(*) FROM pg_inherits WHERE inhparent = 'shop.events'::regclass)
        FROM shop.events""",
    "foreign key of a partitioned table": """SELECT count(*) = 1 FROM pg_constraint
        WHERE conrelid = 'shop.events'::regclass AND contype = 'f'""",
    "self-reference": """SELECT count(*) > 0 FROM pg_constraint
        WHERE conrelid = 'hr.employees'::regclass AND confrelid = conrelid""",
    "deferrable cycle of NOT NULL columns": """SELECT count(*) = 2 FROM pg_constraint k
        JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
        WHERE k.contype = 'f' AND k.condeferrable AND a.attnotnull
        AND (k.conrelid, k.confrelid) IN (('hr.employees'::regclass, 'hr.departments'::regclass),
            ('hr.departments'::regclass, 'hr.employees'::regclass))""",
    "composite foreign key": """SELECT count(*) > 0 FROM pg_constraint
        WHERE contype = 'f' AND array_length(conkey, 1) = 2""",
    "foreign key to a unique e-mail": """SELECT count(*) = 1 FROM pg_constraint k
        JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = k.confkey[1]
        WHERE k.contype = 'f' AND k.conrelid = 'crm.campaign_recipients'::regclass
        AND a.attname = 'email'""",
    "natural text keys": """SELECT count(*) >= 3 FROM pg_constraint k
        JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
        WHERE k.contype = 'p' AND array_length(k.conkey, 1) = 1
        AND a.atttypid IN ('varchar'::regtype, 'bpchar'::regtype)""",
    "uuid keys": """SELECT count(*) >= 3 FROM pg_constraint k
        JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
        WHERE k.contype = 'p' AND a.atttypid = 'uuid'::regtype""",
    "identity always": "SELECT count(*) > 0 FROM pg_attribute WHERE attidentity = 'a'",
    "identity by default": "SELECT count(*) > 0 FROM pg_attribute WHERE attidentity = 'd'",
    "serial": """SELECT count(*) > 0 FROM pg_attrdef d
        WHERE pg_get_expr(adbin, adrelid) LIKE 'nextval%'""",
    "enum column": "SELECT count(*) > 1 FROM pg_type WHERE typtype = 'e'",
    "domain with a CHECK": "SELECT count(*) > 0 FROM pg_constraint WHERE contypid <> 0",
    "stored generated columns": "SELECT count(*) >= 2 FROM pg_attribute WHERE attgenerated = 's'",
    "CHECK over two columns": """SELECT count(*) >= 3 FROM pg_constraint
        WHERE contype = 'c' AND array_length(conkey, 1) > 1""",
    "exclusion constraint": "SELECT count(*) = 1 FROM pg_constraint WHERE contype = 'x'",
    "no btree_gist": "SELECT count(*) = 0 FROM pg_extension WHERE extname = 'btree_gist'",
    "partial unique index": """SELECT count(*) = 1 FROM pg_index
        WHERE indisunique AND indpred IS NOT NULL""",
    "expression index": """SELECT count(*) > 0 FROM pg_index i JOIN pg_class c ON c.oid = indrelid
        WHERE indexprs IS NOT NULL AND relnamespace = 'shop'::regnamespace""",
    "text arrays": """SELECT count(*) FILTER (WHERE former_names IS NOT NULL) > 0
        AND count(*) FILTER (WHERE tags = '{}') > 0
        AND count(*) FILTER (WHERE tags[3] IS NULL AND cardinality(tags) = 3) > 0
        FROM shop.customers""",
    "bytea": "SELECT count(*) > 0 FROM shop.customers WHERE octet_length(avatar) > 50",
    "numeric(38,10) at its limit": """SELECT max(credit_limit)
        = 9999999999999999999999999999.9999999999 FROM shop.customers""",
    "infinite and finite timestamps": """SELECT bool_or(valid_until = 'infinity')
        AND bool_or(isfinite(valid_until)) FROM shop.customers""",
    "tsvector by a BEFORE INSERT trigger": """SELECT count(*) = 1 FROM pg_trigger
        WHERE tgrelid = 'shop.support_tickets'::regclass AND NOT tgisinternal
        AND tgtype & 2 = 2 AND tgtype & 4 = 4""",
    "the trigger fills": """SELECT count(*) > 50 FROM shop.support_tickets
        WHERE length(search) > 5""",
    "vectors": """SELECT count(*) > 0 FROM shop.customers
        WHERE public.vector_dims(interests) = 8""",
    "views": """SELECT count(*) = 2 FROM pg_views WHERE schemaname IN ('shop', 'hr')""",
    "materialised view with people": """SELECT count(*) = count(email) AND count(*) > 50
        FROM shop.top_customers""",
    "quoted mixed-case table": 'SELECT count("Customer Id") > 50 FROM shop."LoyaltyCard"',
    "row-level security with policies for roles": """SELECT count(*) = 2 FROM pg_policies
        WHERE schemaname = 'hr' AND tablename = 'salaries' AND roles <> '{public}'""",
    "table and column comments": """SELECT count(*) FILTER (WHERE objsubid = 0) > 3
        AND count(*) FILTER (WHERE objsubid > 0) > 3 FROM pg_description d
        JOIN pg_class c ON c.oid = d.objoid AND c.relnamespace = 'shop'::regnamespace
        WHERE d.classoid = 'pg_class'::regclass""",
    "column grants": "SELECT count(*) > 0 FROM pg_attribute WHERE attacl IS NOT NULL",
    "an empty table": "SELECT count(*) = 0 FROM crm.imports",
    "polymorphic comments": """SELECT count(DISTINCT target_type) = 3 FROM shop.comments""",
    "polymorphic comments find their targets": """SELECT count(*) = 0 FROM shop.comments m WHERE
        CASE target_type
        WHEN 'customer' THEN NOT EXISTS (SELECT FROM shop.customers c WHERE c.id = target_id)
        WHEN 'order' THEN NOT EXISTS (SELECT FROM shop.orders o WHERE o.id = target_id)
        ELSE NOT EXISTS (SELECT FROM shop.support_tickets t WHERE t.id = target_id) END""",
    "arrays of people in JSON": """SELECT count(*) > 0 FROM shop.events
        WHERE payload @? '$.recipients[*].phones[*]' AND payload @? '$.recipients[1].email'""",
    "JSON nulls and empty arrays": """SELECT bool_or(payload -> 'geo' = 'null')
        AND bool_or(payload -> 'coupons' = '[]') FROM shop.events""",
    "five kinds of event": "SELECT count(DISTINCT kind) = 5 FROM shop.events",
    "IPv4 and IPv6": "SELECT count(DISTINCT family(ip)) = 2 FROM shop.sessions",
    "waiting mails": "SELECT count(*) > 0 FROM shop.outbox WHERE sent_at IS NULL",
    "titles": "SELECT count(title) BETWEEN 1 AND count(*) - 1 FROM shop.customers",
    "particles": r"""SELECT count(*) FILTER (WHERE last_name ~ '^van ') > 0
        AND count(*) FILTER (WHERE last_name ~ '^(von|zu|vom) ') > 0
        AND count(*) FILTER (WHERE last_name ~ '^(de|del|du|di|della) ') > 0
        FROM shop.customers""",
    "accents": "SELECT count(*) > 10 FROM shop.customers WHERE display_name ~ '[^ -~]'",
    "decomposed accents": """SELECT count(*) > 0 FROM shop.customers
        WHERE last_name IS NOT NFC NORMALIZED""",
    "nine countries": "SELECT count(DISTINCT country_code) = 9 FROM shop.customers",
    "managers": "SELECT count(*) = count(manager_id) + 1 FROM hr.employees",
    "sequences stand behind the rows": """SELECT
        nextval(pg_get_serial_sequence('shop.customers', 'id')) > max(id) FROM shop.customers""",
    "NULL and empty string in one column": """SELECT count(*) > count(email)
        AND count(*) FILTER (WHERE email = '') > 0 FROM crm.contacts""",
    "unparseable phones": "SELECT count(*) > 0 FROM crm.contacts WHERE phone = 'N/A'",
    "100 kB in one value": "SELECT max(length(notes)) >= 100000 FROM shop.customers",
}


@pytest.fixture(scope="module")
def connection(production, shop, lasting_database):
    with psycopg.connect(lasting_database(production, "features", template=shop)) as opened:
        yield opened


@pytest.mark.parametrize("question", FEATURES.values(), ids=FEATURES)
def test_feature(connection, question):
    assert connection.execute(question).fetchone() == (True,)


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("shop.customers", "notes"),
        ("shop.support_tickets", "body"),
        ("shop.comments", "body"),
        ("crm.contacts", "remark"),
    ],
)
def test_awkward_values_arrive_as_they_are(connection, table, column):
    stored = {row[0] for row in connection.execute(f"SELECT {column} FROM {table}")}
    assert set(AWKWARD) <= stored


def test_tickets_name_their_customer(connection):
    named, every = connection.execute(r"""
        SELECT count(*) FILTER (WHERE strpos(t.body, c.email) > 0
            AND (strpos(t.body, c.last_name) > 0 OR strpos(t.body, c.first_name) > 0)
            AND strpos(t.body, coalesce(c.phone, '-')) > 0), count(*)
        FROM shop.support_tickets t JOIN shop.customers c ON c.id = t.customer_id
    """).fetchone()
    assert named == every - len(AWKWARD)


def test_every_constraint_is_valid(connection):
    assert connection.execute(
        "SELECT count(*) FROM pg_constraint WHERE NOT convalidated OR NOT conenforced"
    ).fetchone() == (0,)

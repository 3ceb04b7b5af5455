"""Scans of real databases: what is found by values, what cannot be read, and that nothing is told."""

import json
from pathlib import Path

import pytest

from masker.detect.evaluate import WANTED, Tier, evaluate, read_labels, read_scan
from masker.errors import ConfigError
from masker.pipelines.scan import scan

LABELS = Path(__file__).parents[1] / "labels"


@pytest.fixture
def source(production, fresh_database):
    url = fresh_database(production, "scanned")

    def run(sql):
        production.sql(sql, database=url.rpartition("/")[2])

    run.url = url
    return run


def told(made):
    return {f"{c['table'].partition('.')[2]}.{c['column']}": c for c in made.as_json()["columns"]}


@pytest.mark.parametrize(
    "sample", ["pagila", pytest.param("chinook", marks=pytest.mark.long), "hr"]
)
def test_labelled_databases(sample, request, production):
    database = request.getfixturevalue(sample)
    made = scan(production.url(database))
    labels = read_labels(json.loads((LABELS / f"{sample}.json").read_text()))
    held = evaluate(labels, read_scan(json.loads(json.dumps(made.as_json()))))
    assert held.unlabelled == 0
    assert not held.findings
    assert held.tiers[Tier.MUST].recall == 1
    assert held.overall.recall >= 0.95, held.misses
    assert held.overall.precision >= 0.90, held.alarms
    assert sum(score.labelled for tier, score in held.tiers.items() if tier in WANTED) >= 10


PEOPLE = """
CREATE TABLE t1 (
  ser text, a text, b text, c text, d text, e text, doc jsonb, f varchar(8), g text, h text, words text
);
INSERT INTO t1 SELECT 'a:1:{s:5:"email";s:2:"x' || n % 10 || '";}',
  'anna' || n || '@firma.local', '10.1.' || n % 250 || '.' || n % 199,
  CASE WHEN n = 700 THEN 'please call Anna Schmidt at anna.schmidt@example.org' ELSE 'sent on time' END,
  'SKU-' || n, (ARRAY['open', 'closed'])[n % 2 + 1],
  jsonb_build_object('firstName', 'x', 'size', n), (ARRAY['M', 'L'])[n % 2 + 1],
  md5(n::text), (1700000000 + n)::text, 'v' || n % 9 || '.' || n % 7 || '.1'
FROM generate_series(1, 1000) n;
CREATE TABLE entries (id int PRIMARY KEY, attribute text, value text);
INSERT INTO entries SELECT n, (ARRAY['color', 'first_name'])[n % 2 + 1], 'x' || n FROM generate_series(1, 500) n;
CREATE TABLE plain_entries (id int PRIMARY KEY, attribute text, value text);
INSERT INTO plain_entries SELECT n, 'color', (ARRAY['red', 'green'])[n % 2 + 1] FROM generate_series(1, 500) n;
"""


def test_values_tell_where_names_do_not(source):
    source(PEOPLE)
    made = scan(source.url)
    columns = told(made)
    assert {name: (c["finding"], c["entity"]) for name, c in columns.items() if c["entity"]} == {
        "t1.ser": ("contains", "FREE_TEXT"),
        "t1.a": ("is", "EMAIL_ADDRESS"),
        "t1.b": ("is", "IP_ADDRESS"),
        "t1.c": ("contains", "FREE_TEXT"),
        "t1.doc": ("contains", "OPAQUE_DATA"),
        "entries.value": ("contains", "OPAQUE_DATA"),
    }
    mail = columns["t1.a"]
    assert (mail["sampled_rows"], mail["distinct_values"]) == (1000, 1000)
    assert (mail["detection_power"], mail["evidence"], mail["verdict"]) == (
        1.0,
        ["values"],
        "email",
    )
    assert columns["t1.c"]["verdict"] == "fake_text"
    seen = "nothing was found in 1,000 distinct values in 1,000 rows"
    assert columns["t1.d"]["why"] == f"nothing says what it holds; {seen}"
    assert columns["t1.doc"]["verdict"] == "review"
    assert columns["entries.id"]["verdict"] == "keep"
    assert all(
        c["verdict"] == "review"
        for c in columns.values()
        if c["type"] == "text" and not c["entity"]
    )


def test_no_value_is_told(source):
    source(PEOPLE)
    text = json.dumps(scan(source.url).as_json())
    for value in ("Anna", "anna", "firma", "10.1.", "SKU", "open", "color", "firstName", "1700"):
        assert value not in text


def test_a_short_list_of_words_is_kept(source):
    source("CREATE TABLE t (status text, kind text, who text);"
           "INSERT INTO t SELECT (ARRAY['open', 'closed', 'in work'])[n % 3 + 1],"
           " (ARRAY['Anna', 'Peter'])[n % 2 + 1], (ARRAY['ab', 'cd'])[n % 2 + 1]"
           " FROM generate_series(1, 300) n")  # fmt: skip
    verdicts = {name: c["verdict"] for name, c in told(scan(source.url)).items()}
    assert verdicts["t.status"] == "keep"
    assert verdicts["t.kind"] != "keep"
    assert verdicts["t.who"] == "review"


def test_what_cannot_be_read_costs_nothing_else(source, production):
    source("CREATE TABLE closed (email text); CREATE TABLE mine (mail text, hidden text);"
           "CREATE TABLE gone (x text);"
           "INSERT INTO mine SELECT 'a' || n || '@b.com', 'x' FROM generate_series(1, 50) n;"
           "CREATE TABLE big (doc text); INSERT INTO big VALUES (repeat('long words ', 5000000));"
           "DROP ROLE IF EXISTS scanner; CREATE ROLE scanner LOGIN PASSWORD 'scan';"
           "GRANT SELECT (mail) ON mine TO scanner; GRANT SELECT ON gone, big TO scanner")  # fmt: skip

    class Dropping:
        def began(self, tables):
            assert tables == 4

        def looked(self, table):
            if table.name == "closed":
                source("DROP TABLE gone")

    try:
        made = scan(f"postgresql://scanner:scan@{source.url.rpartition('@')[2]}", watch=Dropping())
    finally:
        source("DROP OWNED BY scanner")
        production.sql("DROP ROLE scanner")
    assert [(f.code, f.subject) for f in made.findings] == [
        ("long-values", "public.big.doc"),
        ("not-scanned", "public.closed.email"),
        ("not-scanned", "public.gone"),
        ("not-scanned", "public.mine.hidden"),
    ]
    columns = told(made)
    assert columns["mine.mail"]["entity"] == "EMAIL_ADDRESS"
    assert (columns["closed.email"]["entity"], columns["closed.email"]["sampled_rows"]) == (
        "EMAIL_ADDRESS",
        0,
    )


def test_national_numbers_by_country(source):
    source("CREATE TABLE p (x text); INSERT INTO p VALUES ('44051401359'), ('02070803628')")
    assert told(scan(source.url, countries=["PL"]))["p.x"]["entity"] == "NATIONAL_ID"
    assert told(scan(source.url))["p.x"]["entity"] != "NATIONAL_ID"


@pytest.mark.parametrize("country", ["Germany", "d", "1A"])
def test_a_country_is_two_letters(source, country):
    with pytest.raises(ConfigError) as caught:
        scan(source.url, countries=[country])
    assert caught.value.code == "bad-country"


def test_an_empty_database(source):
    assert scan(source.url).columns == ()


@pytest.mark.long
def test_many_tables_take_minutes(source):
    source("DO $$BEGIN FOR n IN 1..1400 LOOP EXECUTE format('CREATE TABLE t%s AS SELECT i id,"
           " ''user'' || i || ''@example.com'' mail, ''some words '' || i note, now() at"
           " FROM generate_series(1, 500) i', n); IF n % 100 = 0 THEN COMMIT; END IF;"
           " END LOOP; END$$")  # fmt: skip
    made = scan(source.url)
    assert len(made.columns) == 5600
    assert made.seconds < 600


UNNAMED = """
CREATE TABLE x (
  c1 text, c2 text, c3 date, c6 text, c7 text, c8 date, c9 integer, id text
);
INSERT INTO x SELECT
  'anna' || n || '@firma.local',
  to_char(date '1940-01-01' + (n * 7919) % 24000, 'DD.MM.YYYY'),
  date '1940-01-01' + (n * 7907) % 24000,
  lpad((100 + n % 500)::text, 3, '0') || '-' || lpad((10 + n % 80)::text, 2, '0') || '-' || 1000 + n,
  'files/CV_' || (ARRAY['Anna_Schmidt', 'Peter_Mueller', 'Maria_Garcia'])[n % 3 + 1] || n || '.pdf',
  date '2024-01-01' + n % 600,
  1700000000 + n,
  'aaaaaaaa-bbbb-4ccc-8ddd-' || lpad(n::text, 12, '0')
FROM generate_series(1, 400) n;
"""


def test_columns_whose_names_say_nothing(source):
    source(UNNAMED)
    columns = told(scan(source.url))
    entities = {name: column["entity"] for name, column in columns.items() if column["entity"]}
    assert entities == {
        "x.c1": "EMAIL_ADDRESS",
        "x.c2": "DATE_OF_BIRTH",
        "x.c3": "DATE_OF_BIRTH",
        "x.c6": "NATIONAL_ID",
        "x.c7": "FILE_PATH",
    }
    assert columns["x.c3"]["verdict"] == "shift_date"
    assert columns["x.id"]["verdict"] == "keep"
    assert columns["x.id"]["why"].startswith("links rows")
    assert columns["x.c8"]["verdict"] == columns["x.c9"]["verdict"] == "keep"


def test_columns_may_be_called_anything(source):
    source(
        "CREATE TABLE t (count text, value text, rows text, literal text, len text);"
        "INSERT INTO t SELECT 'anna' || n || '@firma.local', 'x', 'y', 'z', 'w'"
        " FROM generate_series(1, 50) n"
    )
    assert told(scan(source.url))["t.count"]["entity"] == "EMAIL_ADDRESS"

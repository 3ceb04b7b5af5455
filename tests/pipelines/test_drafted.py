"""A pipeline that `init` drafted, its open lines decided, leaves nothing personal in the target."""

import re

import psycopg
import pytest

from masker.pipelines.draft import draft_pipeline
from masker.pipelines.run import run
from tests.pipelines.refreshes import KEY

# A lending library, in words that no other test uses; every text of a person holds its number.
SCHEMA = """
CREATE TABLE branch (branchid int PRIMARY KEY, label text);
CREATE TABLE reader_card (
  cardno int PRIMARY KEY, branchid int REFERENCES branch, rdr_vorname text, rdr_zuname text,
  rdr_mail text UNIQUE, rdr_telpriv text, opened date, born date, pin_hash text, slug text
);
CREATE TABLE loanlog (
  seq int PRIMARY KEY, cardno int REFERENCES reader_card, happened timestamptz, remote_host text,
  ua text, details jsonb, quarantined_by text, rows text
);
CREATE TABLE reader_prefs (
  cardno int REFERENCES reader_card, pref_name text, value text, PRIMARY KEY (cardno, pref_name)
);
CREATE TABLE letters_out (
  seq int PRIMARY KEY, cardno int REFERENCES reader_card, sendto text, subject text, html text,
  words tsvector, tags text[]
);
INSERT INTO branch SELECT n, 'Branch ' || n FROM generate_series(1, 4) n;
INSERT INTO reader_card SELECT n, n % 4 + 1, g || n, f || n, lower(g || '.' || f) || n || '@bibl.example',
  '030 55' || 10000 + n, date '2020-01-01' + n, date '1950-01-01' + n * 40, md5(n::text) || md5('x' || n),
  lower(g || '-' || f) || n
FROM (SELECT n, (ARRAY['Quirina', 'Tjarko', 'Oluwane'])[n % 3 + 1] g,
             (ARRAY['Zwerenzky', 'Obuchow', 'Vandersloot'])[n % 3 + 1] f FROM generate_series(1, 120) n) p;
INSERT INTO loanlog SELECT cardno, cardno, now(), '10.20.' || cardno || '.9', 'Mozilla/5.0 (X11) ' || slug,
  jsonb_build_object('mail', rdr_mail, 'n', cardno), slug, 'renewed by ' || rdr_mail FROM reader_card;
INSERT INTO reader_prefs SELECT cardno, 'notify', rdr_mail FROM reader_card;
INSERT INTO letters_out SELECT cardno, cardno, rdr_mail, 'For ' || rdr_vorname || ' ' || rdr_zuname,
  '<p>Dear ' || rdr_vorname || ' ' || rdr_zuname || ', call ' || rdr_telpriv || '</p>',
  to_tsvector('simple', rdr_mail), ARRAY[rdr_zuname] FROM reader_card;
"""
PERSONAL = """
SELECT unnest(ARRAY[rdr_vorname, rdr_zuname, rdr_mail, rdr_telpriv, slug, pin_hash,
                    '10.20.' || cardno || '.9']) FROM reader_card
"""
LINE = re.compile(r"^(    (\w+): +)review\b", re.MULTILINE)
# As a person decides who knows the table; `null` where the type takes nothing else.
DECIDED = {"words": '"null"', "details": '"null"', "tags": "redact"}


@pytest.fixture
def databases(production, staging, fresh_database):
    source, target = fresh_database(production, "library"), fresh_database(staging, "library")
    production.sql(SCHEMA, database=source.rpartition("/")[2])
    yield source, target
    staging.drop_database(f"{target.rpartition('/')[2]}_masker_previous")


def everything(url):
    """Return all of a database as text."""
    with psycopg.connect(url) as session:
        tables = session.execute(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname = 'public'"
        ).fetchall()
        return "\n".join(
            str(row)
            for (name,) in tables
            for row in session.execute(f"SELECT t::text FROM {name} t")
        )


def test_init_then_run_on_a_database_that_nobody_knew(databases, tmp_path):
    source, target = databases
    environ = {"SOURCE_URL": source, "TARGET_URL": target, "MASKER_KEY": KEY}
    file = tmp_path / "library.yaml"
    made = draft_pipeline("${SOURCE_URL}", file, environ=environ)
    drafted = file.read_text(encoding="utf-8")
    assert made.review == len(LINE.findall(drafted)) > 0
    decided = LINE.sub(lambda line: line[1] + DECIDED.get(line[2], "alphanumeric"), drafted)
    file.write_text(decided, encoding="utf-8")
    with psycopg.connect(source) as session:
        personal = [value for (value,) in session.execute(PERSONAL)]
    before = everything(source)
    run(file, records=tmp_path, environ=environ)
    after = everything(target)
    assert after.count("\n") == before.count("\n")
    assert all(value in before for value in personal)
    assert [value for value in personal if value in after] == []

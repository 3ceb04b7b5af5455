"""The audit on a real database: what was written is there, whole, and nothing else is."""

import dataclasses
import pickle

import polars as pl
import pytest

from masker.audit import audit
from masker.catalog import TableName
from masker.engines.part import Part
from masker.engines.postgres import copytext
from masker.engines.postgres.address import Address
from masker.engines.postgres.catalog import read_catalog
from masker.engines.postgres.loaded import PostgresLoaded
from masker.engines.postgres.read import read
from masker.engines.postgres.session import Session, Side
from masker.errors import Bug
from masker.evidence import Collector, RunKey
from masker.findings import Findings
from masker.keys import Keyring
from masker.plan.model import Branch, ColumnPlan, Plan, Step
from masker.rules.policy import Ruling, Treatment
from masker.transformers.base import Site
from masker.transformers.email import Email
from masker.transformers.person import FullName

SCHEMA = """
CREATE TABLE people (
    id int PRIMARY KEY, name text NOT NULL, email text UNIQUE, born date, notes text, facts jsonb,
    words tsvector, label text GENERATED ALWAYS AS (lower(name)) STORED, card bigint
);
CREATE TABLE parts (id int, email text, PRIMARY KEY (id)) PARTITION BY RANGE (id);
CREATE TABLE parts_low PARTITION OF parts FOR VALUES FROM (0) TO (50);
CREATE TABLE parts_high PARTITION OF parts FOR VALUES FROM (50) TO (1000);
CREATE TABLE orders (id int PRIMARY KEY, person int REFERENCES people, CHECK (id >= 0));
INSERT INTO people (id, name, email, born, notes, facts, words, card)
SELECT i, 'Person' || i || ' Family' || i % 7, 'person.' || i || '@mail.test', '1990-01-01',
       'note ' || i, jsonb_build_object('n', i), to_tsvector('simple', 'word' || i), i
FROM generate_series(1, 300) i;
INSERT INTO parts SELECT i, 'part.' || i || '@mail.test' FROM generate_series(0, 99) i;
INSERT INTO orders SELECT i, i % 300 + 1 FROM generate_series(1, 500) i;
CREATE MATERIALIZED VIEW contacts AS SELECT name, email FROM people;
"""
MASKED = {"name": FullName(), "email": Email()}


def planned(catalog):
    steps = []
    for table in catalog.tables:
        if not table.holds_rows:
            continue
        columns = tuple(
            ColumnPlan(
                column=column,
                ruling=Ruling.GENERATED
                if column.generated
                else Ruling.MASK
                if column.name in MASKED
                else Ruling.KEEP,
                use=column.name if column.name in MASKED else "keep",
                reason="a test",
                moved=not column.generated,
                branches=(Branch(transformer=MASKED[column.name], site=Site()),)
                if column.name in MASKED
                else (),
            )
            for column in table.columns
        )
        steps.append(
            Step(table=table.name, into=table.name, treatment=Treatment.LOAD, columns=columns)
        )
    return Plan(
        pipeline="test",
        source="source",
        target="target",
        mode="swap",
        catalog=catalog,
        steps=tuple(steps),
        findings=Findings(),
        key_id="test",
        one_way=True,
        locale="en_US",
    )


def mask(session, plan, run_key):
    """Mask the tables of a database in place; return the evidence."""
    collector, keys = Collector(plan, run_key), Keyring.ephemeral()
    for step in plan.steps:
        names = [column.name for column in step.moved]
        table = f'"{step.table.schema}"."{step.table.name}"'
        frames = [
            copytext.parse(block, names)
            for block in list(read(session, Part(table=step.table), names))
        ]
        session.execute("SET session_replication_role = replica")
        session.execute(f"DELETE FROM {table}")
        for frame in frames:
            collector.count(table=step.into, rows=frame.height)
            written = frame
            for column in step.masked:
                (branch,) = column.branches
                original = copytext.decode(frame[column.name])
                masked = branch.transformer.apply(original, site=branch.site, keys=keys, others={})
                collector.see(table=step.into, column=column, original=original, masked=masked)
                new = copytext.encode(masked.values).alias(column.name)
                written = written.with_columns(new)
            listed = ", ".join(f'"{name}"' for name in names)
            with session.copy_in(f"COPY {table} ({listed}) FROM STDIN") as write:
                write(copytext.render(written))
    session.execute("REFRESH MATERIALIZED VIEW public.contacts")
    return collector.seal()


@pytest.fixture(scope="module")
def loaded(staging, lasting_database):
    """A masked database, its plan and its evidence; tests work on copies of it."""
    url = lasting_database(staging, "audited")
    staging.sql(SCHEMA, database=url.rsplit("/", 1)[-1].split("?")[0])
    run_key = RunKey.random()
    with Session.open(Address.parse(url), side=Side.TARGET) as session:
        plan = planned(read_catalog(session))
        evidence = mask(session, plan, run_key)
    yield url, plan, evidence, run_key
    run_key.forget()


@pytest.fixture
def audited(loaded, staging, fresh_database):
    """Audit a copy of the database after some statements spoilt it."""
    url, plan, evidence, run_key = loaded
    template = url.rsplit("/", 1)[-1].split("?")[0]

    def go(*statements, **changed):
        copy = fresh_database(staging, "spoilt", template=template)
        if statements:
            staging.sql("; ".join(statements), database=copy.rsplit("/", 1)[-1].split("?")[0])
        given = {"evidence": evidence, **changed}
        return audit(
            plan,
            given["evidence"],
            target=lambda: PostgresLoaded(Session.open(Address.parse(copy), side=Side.TARGET)),
            run_key=run_key,
        )

    return go


def codes(found):
    return sorted({(finding.code, finding.subject) for finding in found.findings})


def test_a_good_load_passes(audited):
    found = audited()
    assert codes(found) == []
    assert found.passed
    assert found.rows == 900
    assert found.canaries > 9
    figures = {figure.subject: figure for figure in found.figures}
    assert figures["public.people.email"].searched == 300
    assert figures["public.parts.email"].searched == 100
    assert "@" not in str(found.as_json())


@pytest.mark.parametrize(
    ("statement", "code", "subject"),
    [
        pytest.param(
            "DELETE FROM orders WHERE id = 3", "row-count", "public.orders", id="lost-row"
        ),
        pytest.param(
            "INSERT INTO parts VALUES (777, 'x')", "row-count", "public.parts", id="row-too-many"
        ),
        pytest.param(
            "UPDATE people SET email = 'q' WHERE id = 3",
            "not-as-masked",
            "public.people.email",
            id="changed",
        ),
        pytest.param(
            "ALTER TABLE orders DROP CONSTRAINT orders_person_fkey",
            "constraint-missing",
            "public.orders.orders_person_fkey",
            id="no-foreign-key",
        ),
        pytest.param(
            "ALTER TABLE people DROP CONSTRAINT people_email_key",
            "constraint-missing",
            "public.people.people_email_key",
            id="no-key",
        ),
        pytest.param(
            "ALTER TABLE orders DROP CONSTRAINT orders_id_check",
            "constraint-missing",
            "public.orders.orders_id_check",
            id="no-check",
        ),
        pytest.param(
            "ALTER TABLE orders DROP CONSTRAINT orders_person_fkey; ALTER TABLE orders "
            "ADD CONSTRAINT orders_person_fkey FOREIGN KEY (person) REFERENCES people NOT VALID",
            "constraint-invalid",
            "public.orders.orders_person_fkey",
            id="not-valid",
        ),
        pytest.param(
            "UPDATE people SET notes = 'see person.77@mail.test' WHERE id = 5",
            "leak",
            "public.people.notes",
            id="in-notes",
        ),
        pytest.param(
            """UPDATE people SET facts = '{"a": [{"b": "PERSON.77@mail.test"}]}' WHERE id = 5""",
            "leak",
            "public.people.facts",
            id="in-json",
        ),
        pytest.param(
            "UPDATE people SET words = to_tsvector('simple', 'by person.77@mail.test') WHERE id=5",
            "leak",
            "public.people.words",
            id="lexeme",
        ),
        pytest.param(
            "COMMENT ON COLUMN people.born IS 'as Person77 Family0 said'",
            "leak",
            "comment on public.people.born",
            id="comment",
        ),
        pytest.param(
            "ALTER TABLE people ALTER notes SET DEFAULT 'person.77@mail.test'",
            "leak",
            "default of public.people.notes",
            id="default",
        ),
        pytest.param(
            "CREATE VIEW one AS SELECT * FROM people WHERE email = 'person.77@mail.test'",
            "leak",
            "definition of public.one",
            id="view",
        ),
        pytest.param(
            "DROP MATERIALIZED VIEW contacts; "
            "CREATE MATERIALIZED VIEW contacts AS SELECT 'person.77@mail.test'::text AS email",
            "leak",
            "public.contacts",
            id="materialised-view",
        ),
        pytest.param(
            "CREATE TABLE extra AS SELECT 'person.77@mail.test'::text AS email",
            "leak",
            "public.extra.email",
            id="another-table",
        ),
    ],
)
def test_what_is_wrong_is_named(audited, statement, code, subject):
    found = audited(statement)
    assert (code, subject) in codes(found)
    assert not found.passed
    assert found.leaked == (code == "leak")
    assert "person." not in " ".join(finding.message for finding in found.findings)


def test_rows_that_were_never_masked_are_found(audited, loaded):
    evidence = loaded[2]
    place = (TableName("public", "people"), "name")
    spoilt = dataclasses.replace(evidence.columns[place], equal=1)
    changed = dataclasses.replace(evidence, columns={**evidence.columns, place: spoilt})
    assert codes(audited(evidence=changed)) == [("leak", "public.people.name")]


def test_evidence_holds_no_value(loaded):
    held = pickle.dumps(loaded[2]).lower()
    for number in range(1, 301):
        assert f"person{number} ".encode() not in held
        assert f"person.{number}@".encode() not in held
    assert b"mail.test" not in held
    assert b"family" not in held
    assert b"people" in held  # names of tables are there, so this does look into it


def blind_to_windows(texts):
    return iter(())


def blind_to_numbers(plain, *, whole):
    return iter(())


def blind_to_local_parts(words):
    return pl.Series([], dtype=pl.String)


@pytest.mark.parametrize(
    ("part", "blind", "missed"),
    [
        ("_windows", blind_to_windows, "e-mail in a sentence"),
        ("_numbers", blind_to_numbers, "number in other groups"),
        ("_locals", blind_to_local_parts, "local part elsewhere"),
    ],
)
def test_a_search_that_is_blind_passes_nothing(audited, monkeypatch, part, blind, missed):
    monkeypatch.setattr(f"masker.audit.windows.{part}", blind)
    with pytest.raises(Bug, match="did not find what it planted itself") as told:
        audited()
    assert told.value.code == "canary-missed"
    assert missed in str(told.value)

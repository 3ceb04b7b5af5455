"""Snapshots of whole databases: made, loaded into several targets, searched, refused."""

import json
import shutil
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import polars as pl
import psycopg
import pytest

from masker.catalog import TableName
from masker.errors import ConfigError, DataError, LeakError, UnsafeError
from masker.keys import Keyring
from masker.pipelines import moving
from masker.pipelines.load import load_snapshot
from masker.pipelines.preview import preview
from masker.pipelines.snapshot import snapshot
from masker.runners.lane import Journey
from masker.snapshots import loaded
from masker.snapshots.writing import FolderWriter
from tests.e2e import liars
from tests.engines.test_type_matrix import EMBEDDED, SETUP
from tests.pipelines.refreshes import KEY, OTHER_KEY, POLICIES, digests, dump_schema

SAMPLES = ("chinook", pytest.param("pagila", marks=pytest.mark.long))
# Scripts and CSV of real samples: test_the_scripts_are_what_psql_takes, test_snapshot_crossing.
LATER = [pytest.param(format, marks=pytest.mark.long) for format in ("sql", "csv")]
PEOPLE = TableName("public", "people")


class Made:
    """A sample, and its snapshot."""

    def __init__(self, name, source, folder, records):
        self.name, self.source, self.folder, self.records = name, source, folder, records
        self.environ = {"SOURCE_URL": source, "TARGET_URL": source, "MASKER_KEY": KEY}

    def take(self, out=None, source=None, **options):
        return snapshot(
            POLICIES / f"{self.name}.yaml" if source is None else source,
            out or self.folder,
            records=self.records,
            environ=self.environ,
            **options,
        )

    def load(self, target, folder=None, **options):
        return load_snapshot(
            folder or self.folder, target, records=self.records, environ=self.environ, **options
        )


@pytest.fixture(scope="module", params=SAMPLES)
def made(request, production, lasting_database, tmp_path_factory):
    name = request.param
    source = lasting_database(production, name, template=request.getfixturevalue(name))
    folder = tmp_path_factory.mktemp(name)
    sample = Made(name, source, folder / "snap", folder / "records")
    sample.done = sample.take()
    return sample


@pytest.fixture(scope="module")
def small(production, lasting_database, chinook, tmp_path_factory):
    """Three customers of chinook, taken once for tests that only load."""
    folder = tmp_path_factory.mktemp("small")
    source = lasting_database(production, "chinook", template=chinook)
    sample = Made("chinook", source, folder / "snap", folder / "records")
    sample.done = sample.take(roots=["customer where customer_id < 4"])
    return sample


def held(folder: Path) -> list[bytes]:
    """Return the content of every file, Parquet's columns unpacked."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".parquet":
            found.append(str(pl.read_parquet(path).to_dicts()).encode())
        elif path.is_file():
            found.append(path.read_bytes())
    return found


def test_two_targets_of_one_snapshot_are_equal_and_whole(made, production, staging, fresh_database):
    targets = [fresh_database(staging, made.name), fresh_database(staging, made.name)]
    for target in targets:
        done = made.load(target)
        assert done.run.outcome == "published"
        assert dict(done.run.rows) == dict(made.done.run.rows)
        assert "audited-before" in {finding.code for finding in done.run.findings}
    assert digests(targets[0]) == digests(targets[1]) != digests(made.source)
    assert dump_schema(production.bin, targets[0]) == dump_schema(production.bin, made.source)
    last = "SELECT schemaname, sequencename, last_value FROM pg_sequences ORDER BY 1, 2"
    with psycopg.connect(made.source) as source, psycopg.connect(targets[0]) as target:
        assert target.execute(last).fetchall() == source.execute(last).fetchall()


def test_it_holds_what_a_run_would_have_written(made, refreshed_of, staging, fresh_database):
    target = fresh_database(staging, made.name)
    made.load(target)
    assert digests(target) == digests(refreshed_of(made.name).target)


def test_no_name_or_address_of_the_source_is_in_any_file(made):
    column = {"chinook": ("customer", "email"), "pagila": ("customer", "email")}[made.name]
    with psycopg.connect(made.source) as session:
        values = session.execute(f"SELECT DISTINCT {column[1]} FROM {column[0]}").fetchall()
    every = b"\n".join(held(made.folder)).lower()
    assert len(values) > 50
    assert [value for (value,) in values if value.lower().encode() in every] == []


def test_its_record_says_what_it_is(made):
    run = made.done.run
    facts = json.loads((made.folder / "manifest.json").read_bytes())
    assert facts["run"] == run.id
    assert run.outcome == "published"
    assert run.plan.mode == "snapshot"
    assert run.audit.passed
    assert facts["facts"]["audit"]["passed"] is True
    assert {table["table"]["name"] for table in facts["tables"]} >= {"customer"}
    assert made.done.as_json()["seal"] == made.done.seal
    assert made.done.size == sum(
        path.stat().st_size
        for path in made.folder.rglob("*")
        if path.is_file() and path.name not in {"manifest.json", "seal.json"}
    )


def test_analysts_read_plain_types(made):
    (path,) = (made.folder / "data" / "public.customer").iterdir()
    frame = pl.read_parquet(path)
    assert frame.schema["customer_id"] == pl.Int32
    assert frame["email"].str.contains("@").all()


@pytest.mark.parametrize("format", ["parquet", *LATER])
def test_every_type_comes_back_in_every_format(
    production, staging, fresh_database, tmp_path, format
):
    source, target = fresh_database(production, "matrix"), fresh_database(staging, "matrix")
    tables = [
        f"CREATE TABLE public.t{number} (v {case.type}, n int GENERATED ALWAYS AS IDENTITY, w {case.type});"
        f"INSERT INTO public.t{number} (v) VALUES {case.values}, (NULL);"
        for number, case in enumerate(EMBEDDED)
    ]
    tables += ["CREATE TABLE public.bare ();", "CREATE TABLE public.empty (a int, b text);"]
    tables += ["INSERT INTO public.bare SELECT FROM generate_series(1, 5);"]
    production.sql("\n".join([SETUP, *tables]), database=urlsplit(source).path[1:])
    staging.sql("CREATE EXTENSION vector SCHEMA public", database=urlsplit(target).path[1:])
    pipeline = tmp_path / "keep.yaml"
    pipeline.write_text(
        'version: 1\nname: keep\nsource: {url: "${SOURCE_URL}"}\n'
        'target: {url: "${SOURCE_URL}"}\ncolumns: {"*": {"*": keep}}\n'
    )
    made = Made("keep", source, tmp_path / "snap", tmp_path / "records")
    done = made.take(source=pipeline, format=format)
    assert done.run.rows["public.bare"] == 5
    made.load(target)
    assert digests(target) == digests(source)
    if format == "parquet":
        kinds = {
            case.name: pl.read_parquet_schema(
                next((tmp_path / f"snap/data/public.t{n}").iterdir())
            )["v"]
            for n, case in enumerate(EMBEDDED)
        }
        assert kinds["integer"] == pl.Int32
        assert kinds["boolean"] == pl.Boolean
        assert kinds["numeric-38-10"] == pl.Decimal(38, 10)
        assert kinds["date"] == pl.String  # infinity and years before Christ
        assert kinds["jsonb"] == pl.String


def test_the_scripts_are_what_psql_takes(small, production, staging, fresh_database, tmp_path):
    folder = tmp_path / "scripts"
    small.take(folder, format="sql")
    whole = tmp_path / "whole.sql"
    parts = [folder / "before.sql", *sorted(folder.glob("data/*/*.sql")), folder / "after.sql"]
    whole.write_bytes(b"".join(path.read_bytes() for path in parts))
    target, loaded = fresh_database(staging), fresh_database(staging)
    staging.psql_file(whole, database=urlsplit(target).path[1:])
    small.load(loaded, folder)
    assert digests(target) == digests(loaded)
    assert dump_schema(production.bin, target) == dump_schema(production.bin, small.source)


@pytest.mark.long
def test_workers_write_and_load_the_same(small, staging, fresh_database, tmp_path):
    small.take(tmp_path / "one", workers=1)
    small.take(tmp_path / "two", workers=2)
    targets = [fresh_database(staging) for _ in range(2)]
    small.load(targets[0], tmp_path / "one")
    small.load(targets[1], tmp_path / "two", workers=2)
    assert digests(targets[0]) == digests(targets[1])


class TestWhichRows:
    def test_roots_with_everything_around_them(self, small):
        assert small.done.run.rows["public.customer"] == 3
        assert 0 < small.done.run.rows["public.invoice"] < 50

    def test_a_share_of_roots(self, small, tmp_path):
        done = small.take(tmp_path / "snap", roots=["customer"], sample="20%")
        assert 2 < done.run.rows["public.customer"] < 30

    def test_a_share_of_everything(self, small, staging, fresh_database, tmp_path):
        done = small.take(tmp_path / "snap", sample="5%")
        assert done.run.rows["public.artist"] == 275  # small tables come whole
        assert 100 < done.run.rows["public.track"] < 1500
        assert 0 < done.run.rows["public.invoice_line"] < 300
        small.load(fresh_database(staging), tmp_path / "snap")

    def test_small_tables_that_the_server_never_counted_come_whole_too(
        self, production, fresh_database, tmp_path
    ):
        source = fresh_database(production, "uncounted")
        tables = [
            f"CREATE TABLE {name} (id int PRIMARY KEY) WITH (autovacuum_enabled = off);"
            f"INSERT INTO {name} SELECT generate_series(1, {rows});"
            for name, rows in [("setting", 1), ("flag", 1000), ("event", 1001)]
        ]
        production.sql("\n".join(tables), database=urlsplit(source).path[1:])
        pipeline = tmp_path / "keep.yaml"
        pipeline.write_text(
            'version: 1\nname: keep\nsource: {url: "${SOURCE_URL}"}\n'
            'target: {url: "${SOURCE_URL}"}\ncolumns: {"*": {"*": keep}}\n'
        )
        made = Made("keep", source, tmp_path / "snap", tmp_path / "records")
        rows = made.take(source=pipeline, sample="10%").run.rows
        assert (rows["public.setting"], rows["public.flag"]) == (1, 1000)
        assert 50 < rows["public.event"] < 200

    @pytest.mark.parametrize("written", ["0%", "many", "101%"])
    def test_what_is_no_share_is_told(self, small, tmp_path, written):
        with pytest.raises(ConfigError) as told:
            small.take(tmp_path / "snap", sample=written)
        assert told.value.code == "bad-sample"


class TestWithoutAPipeline:
    def test_the_source_is_looked_at_and_what_is_undecided_is_scrambled(self, small, tmp_path):
        done = small.take(tmp_path / "snap", source=small.source)
        assert "public.track.name" in done.scrambled
        assert "public.customer.email" not in done.scrambled
        frame = pl.read_parquet(next((tmp_path / "snap/data/public.track").iterdir()))
        with psycopg.connect(small.source) as session:
            real = {name for (name,) in session.execute("SELECT name FROM track").fetchall()}
        assert len(real.intersection(frame["name"])) < 0.05 * len(real)

    def test_packs_are_a_policy_and_what_they_leave_open_stops_it(self, small, tmp_path):
        with pytest.raises(UnsafeError) as told:
            small.take(tmp_path / "snap", source="${SOURCE_URL}", rules=["base"])
        assert "uncovered:public.track.name" in {each.id for each in told.value.findings}
        assert not (tmp_path / "snap").exists()

    def test_a_pipeline_has_its_own_rules(self, small, tmp_path):
        with pytest.raises(ConfigError):
            small.take(tmp_path / "snap", rules=["base"])


class TestRefusals:
    def test_a_leak_leaves_no_folder(self, small, tmp_path, monkeypatch):
        monkeypatch.setattr(liars, "ONE_IN", 10)
        liars.install(monkeypatch, liars.EmailItself, name="email")
        with pytest.raises(LeakError) as told:
            small.take(tmp_path / "here" / "snap")
        assert told.value.exit_code == 4
        assert list((tmp_path / "here").iterdir()) == []

    def test_production_itself_is_no_target(self, small):
        with pytest.raises(UnsafeError) as told:
            small.load(small.source, allow=["unmarked-target", "same-server"])
        assert "same-database" in {each.code for each in told.value.findings.blocking}

    def test_another_database_of_the_source_s_server_needs_leave(
        self, small, production, fresh_database
    ):
        target = fresh_database(production)
        with pytest.raises(UnsafeError) as told:
            small.load(target)
        (refused,) = told.value.findings.blocking
        assert refused.code == "same-server"
        assert "--allow same-server" in refused.help
        small.load(target, allow=["same-server"])

    def test_a_target_that_somebody_filled_stays(self, small, staging, fresh_database):
        target = fresh_database(staging)
        staging.sql("CREATE TABLE mine (a int)", database=urlsplit(target).path[1:])
        with pytest.raises(UnsafeError) as told:
            small.load(target)
        assert [each.code for each in told.value.findings.blocking] == ["unmarked-target"]

    def test_a_changed_folder_is_refused_before_the_target_is_looked_at(self, small, tmp_path):
        shutil.copytree(small.folder, tmp_path / "snap")
        path = next((tmp_path / "snap/data/public.customer").iterdir())
        path.write_bytes(path.read_bytes()[:-1])
        with pytest.raises(UnsafeError) as told:
            small.load("postgresql://nobody@127.0.0.1:1/nowhere", tmp_path / "snap")
        assert told.value.code == "snapshot-changed"

    def test_another_seal_or_key_is_told(self, small, staging, fresh_database):
        target = fresh_database(staging)
        with pytest.raises(UnsafeError):
            small.load(target, seal="0" * 64)
        with pytest.raises(UnsafeError) as told:
            small.load(target, keys=Keyring.parse(OTHER_KEY))
        assert [each.id for each in told.value.findings.blocking] == ["seal-unkeyed"]
        for proof in ({"seal": small.done.seal}, {"accept": ["seal-unkeyed"]}):
            done = small.load(target, keys=Keyring.parse(OTHER_KEY), **proof)
            found = {each.code for each in done.run.findings}
            assert ("seal-unkeyed" in found) == ("accept" in proof)

    def test_an_unknown_format_is_told(self, small, tmp_path):
        with pytest.raises(ConfigError) as told:
            small.take(tmp_path / "snap", format="xlsx")
        assert told.value.code == "bad-format"
        assert not (tmp_path / "snap").exists()


VISITS = """
CREATE TABLE people (id integer PRIMARY KEY, email text NOT NULL UNIQUE, born date);
CREATE TABLE visits (id integer, person_id integer REFERENCES people, day date NOT NULL)
  PARTITION BY RANGE (day);
CREATE TABLE visits_one PARTITION OF visits FOR VALUES FROM ('2024-01-01') TO ('2024-07-01');
CREATE TABLE visits_two PARTITION OF visits FOR VALUES FROM ('2024-07-01') TO ('2025-01-01');
CREATE TABLE outbox (id integer PRIMARY KEY, email text);
INSERT INTO people SELECT i, 'person' || i || '@mail.test', '1990-01-01'::date + i
  FROM generate_series(1, 40) i;
INSERT INTO visits SELECT i, 1 + i % 40, '2024-01-01'::date + i FROM generate_series(1, 300) i;
INSERT INTO outbox SELECT id, email FROM people;
ANALYZE;
"""
POLICY = """
version: 1
name: visits
source: {url: "${SOURCE_URL}"}
target: {url: "${TARGET_URL}", mode: swap}
tables: {outbox: exclude}
columns:
  people: {id: keep, email: email, born: shift_date}
  visits: {id: keep, person_id: keep, day: shift_date}
"""


@pytest.fixture
def visits(production, fresh_database, tmp_path):
    source = fresh_database(production, "visits")
    production.sql(VISITS, database=urlsplit(source).path[1:])
    (tmp_path / "visits.yaml").write_text(POLICY)
    return Made("visits", source, tmp_path / "snap", tmp_path / "records")


def test_rows_that_moved_between_partitions_arrive(visits, staging, fresh_database, tmp_path):
    done = visits.take(source=tmp_path / "visits.yaml")
    assert (visits.folder / "data" / "public.visits").is_dir()
    assert not (visits.folder / "data" / "public.outbox").exists()
    target = fresh_database(staging)
    visits.load(target)
    with psycopg.connect(target) as session:
        one, two = (
            session.execute(f"SELECT count(*) FROM visits_{name}").fetchone()[0]
            for name in ("one", "two")
        )
        assert session.execute("SELECT to_regclass('outbox')").fetchone() == (None,)
    assert one + two == 300 == done.run.rows["public.visits"]
    assert 0 < one != 181


def test_packs_that_decide_on_every_column_are_enough(visits, production, tmp_path):
    production.sql("DROP TABLE visits, outbox", database=urlsplit(visits.source).path[1:])
    done = visits.take(source=visits.source, rules=["base"])
    assert done.scrambled == ()
    frame = pl.read_parquet(next((visits.folder / "data/public.people").iterdir()))
    assert frame.height == 40
    assert not frame["email"].str.ends_with("@mail.test").any()


@pytest.mark.parametrize(
    "plant",
    [
        "COMMENT ON TABLE people IS 'ask person7@mail.test'",
        "CREATE FUNCTION who() RETURNS text LANGUAGE sql AS $$ SELECT 'person7@mail.test'::text $$",
    ],
    ids=["comment", "function"],
)
def test_a_source_value_in_the_definition_is_a_leak(visits, production, tmp_path, plant):
    production.sql(plant, database=urlsplit(visits.source).path[1:])
    with pytest.raises(LeakError):
        visits.take(source=tmp_path / "visits.yaml")
    assert [path.name for path in tmp_path.iterdir() if "snap" in path.name] == []


@pytest.mark.parametrize("format", ["parquet", *LATER])
def test_a_table_of_many_files_is_one_table(
    visits, staging, fresh_database, tmp_path, monkeypatch, format
):
    monkeypatch.setattr(moving, "Journey", partial(Journey, batch_bytes=500))
    monkeypatch.setattr(
        "masker.pipelines.snapshot.FolderWriter", partial(FolderWriter, file_bytes=2000)
    )
    visits.take(source=tmp_path / "visits.yaml", format=format)
    assert len(list((visits.folder / "data" / "public.visits").iterdir())) >= 3
    target = fresh_database(staging)
    visits.load(target)
    with psycopg.connect(target) as session:
        counted = session.execute("SELECT count(*), count(DISTINCT id) FROM visits").fetchone()
    assert counted == (300, 300)


def test_nobody_need_know_the_target(visits, tmp_path):
    del visits.environ["TARGET_URL"]
    visits.take(source=tmp_path / "visits.yaml")
    del visits.environ["SOURCE_URL"]
    with pytest.raises(ConfigError) as told:
        visits.take(tmp_path / "other", source=tmp_path / "visits.yaml")
    assert {each.code for each in told.value.findings} == {"unset-variable"}
    assert (
        preview(
            tmp_path / "visits.yaml", "visits", environ={"SOURCE_URL": visits.source}
        ).after.height
        == 10
    )


def test_a_broken_reference_in_the_files_stops_it(visits, tmp_path, monkeypatch):
    monkeypatch.setattr(loaded, "broken_keys", lambda *_: [("foreign key", PEOPLE, "a_fkey")])
    with pytest.raises(DataError) as told:
        visits.take(source=tmp_path / "visits.yaml")
    assert "constraint-invalid" in {each.code for each in told.value.findings}
    assert not visits.folder.exists()


def test_statements_of_staging_are_told_to_be_left_out(visits, tmp_path):
    (tmp_path / "after.sql").write_text("UPDATE people SET born = NULL;")
    pipeline = tmp_path / "visits.yaml"
    pipeline.write_text(POLICY + "after: ./after.sql\n")
    done = visits.take(source=pipeline)
    assert "after-left-out" in {finding.code for finding in done.run.findings}

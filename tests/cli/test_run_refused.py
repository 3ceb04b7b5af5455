"""Runs that are refused before anything is done: the exit code, the word, the way out."""

import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from tests.servers import Server


@pytest.fixture
def untouched(road, staging, production):
    """Hold that the target is the database it was, that nothing lies beside it, no row was read."""
    oid = f"SELECT oid FROM pg_database WHERE datname = '{road.target_name}'"
    beside = f"SELECT datname FROM pg_database WHERE datname ~ '^{road.target_name}_masker'"
    read = (
        "SELECT sum(seq_scan + coalesce(idx_scan, 0)) FROM pg_stat_user_tables"
        " WHERE schemaname = 'public'"
    )
    production.sql("SELECT pg_stat_force_next_flush()", database=road.source_name)
    before = staging.sql(oid), production.sql(read, database=road.source_name)
    yield
    others = (
        "SELECT count(*) FROM pg_stat_activity"
        f" WHERE datname = '{road.source_name}' AND backend_type = 'client backend'"
    )
    deadline = time.monotonic() + 10
    while production.sql(others) != "0":  # a session that ends reports what it read
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert (staging.sql(oid), production.sql(read, database=road.source_name)) == before
    assert staging.sql(beside) == ""


# ---- the source changed --------------------------------------------------------------------------


@pytest.mark.usefixtures("untouched")
def test_a_new_column_stops_the_run_before_a_row_is_read(road, production, spawn):
    pipeline = road.pipeline()
    production.sql(
        "ALTER TABLE people ADD COLUMN nickname text; ALTER TABLE notes ADD COLUMN remark text",
        database=road.source_name,
    )
    process = spawn("run", pipeline, **road.urls)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 3
    assert out == ""
    assert "uncovered:public.people.nickname" in err
    assert "uncovered:public.notes.remark" in err
    assert "nickname: " in err  # the line to add
    assert "Traceback" not in err


def test_the_line_that_it_names_is_the_line_to_add(road, production, masker):
    production.sql("ALTER TABLE people ADD COLUMN nickname text", database=road.source_name)
    pipeline = road.pipeline()
    refused = masker("run", pipeline, "--json", **road.urls)
    (finding,) = refused.json["findings"]
    assert finding["id"] == "uncovered:public.people.nickname"
    assert "nickname: " in finding["help"]
    text = pipeline.read_text().replace("born: keep", "born: keep, nickname: first_name")
    pipeline.write_text(text)
    assert masker("run", pipeline, "-q").code == 0


# ---- the guard -----------------------------------------------------------------------------------


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize(
    "rewrite",
    [
        pytest.param(lambda url: url, id="the same URL"),
        pytest.param(lambda url: url.replace("127.0.0.1", "localhost"), id="another host"),
        pytest.param(lambda url: url + "?application_name=staging", id="an option"),
    ],
)
def test_the_source_itself_is_refused_whatever_is_allowed(road, masker, rewrite):
    everything = "[same-server, shared-identity, production-name, unmarked-target]"
    pipeline = road.pipeline(target=f", allow: {everything}")
    said = masker("run", pipeline, **{**road.urls, "TARGET_URL": rewrite(road.source)})
    assert said.code == 3
    assert f"same-database:{road.source_name}" in said.err
    assert "nothing allows this" in said.err


def test_another_database_of_the_same_server_needs_leave(road, production, fresh_database, masker):
    target = fresh_database(production, "people")
    urls = {**road.urls, "TARGET_URL": target}
    name = target.rpartition("/")[2]
    said = masker("run", road.pipeline(), **urls)
    assert said.code == 3
    assert f"same-server:{name}" in said.err
    assert "`allow: [same-server]`" in said.err
    said = masker("run", road.pipeline(target=", allow: [same-server]"), "-q", **urls)
    assert said.code == 0, said.err
    production.drop_database(f"{name}_masker_previous")


@pytest.mark.parametrize("name", ["shop_prod", "Production-2"])
def test_a_name_that_looks_like_production_needs_leave(road, staging, masker, name):
    urls = {**road.urls, "TARGET_URL": staging.url(name)}
    staging.create_database(name)
    try:
        said = masker("run", road.pipeline(), **urls)
        assert said.code == 3
        assert f"production-name:{name}" in said.err
        assert "`allow: [production-name]`" in said.err
        said = masker("run", road.pipeline(target=", allow: [production-name]"), "-q", **urls)
        assert said.code == 0, said.err
    finally:
        staging.drop_database(name)
        staging.drop_database(f"{name}_masker_previous")


def test_a_target_that_somebody_filled_needs_leave(road, staging, masker):
    staging.sql("CREATE TABLE mine (id int)", database=road.target_name)
    said = masker("run", road.pipeline(), **road.urls)
    assert said.code == 3
    assert f"unmarked-target:{road.target_name}" in said.err
    assert "`allow: [unmarked-target]`" in said.err
    assert staging.sql("SELECT count(*) FROM mine", database=road.target_name) == "0"
    said = masker("run", road.pipeline(target=", allow: [unmarked-target]"), "-q")
    assert said.code == 0, said.err
    # Now it is masker's own: the second run needs no leave.
    assert masker("run", road.pipeline(), "-q").code == 0


@pytest.fixture(scope="module")
def copies():
    """A server and its running pg_basebackup copy."""
    with Server.start() as origin:
        origin.create_database("people")
        copy = Server(
            directory=Path(tempfile.mkdtemp(prefix="masker-")),
            tree=origin.bin.parent,
            runner=origin._runner,
            superuser=origin.superuser,
            temporary=True,
        )
        try:
            copy._make_directory()
            subprocess.run(
                [copy.bin / "pg_basebackup", "-c", "fast", "-D", copy.data, "-d", origin.url()],
                check=True,
                cwd="/",
                **copy._runner.popen_options(),
            )
            copy.launch()
            yield origin, copy
        finally:
            copy.stop()


def test_a_physical_copy_of_the_source_needs_leave(road, copies, masker):
    origin, copy = copies
    urls = {**road.urls, "SOURCE_URL": origin.url("people"), "TARGET_URL": copy.url("people")}
    pipeline = road.folder / "copy.yaml"
    text = (
        'version: 1\nname: copy\nsource: {url: "${SOURCE_URL}"}\ntarget: {url: "${TARGET_URL}"%s}\n'
    )
    pipeline.write_text(text % "")
    said = masker("run", pipeline, **urls)
    assert said.code == 3
    assert "shared-identity:people" in said.err
    assert "`allow: [shared-identity]`" in said.err
    pipeline.write_text(text % ", allow: [shared-identity]")
    said = masker("run", pipeline, "-q")
    assert said.code == 0, said.err


# ---- what the reading role may not see -----------------------------------------------------------


@pytest.fixture
def reader(road, production):
    """A role that may log in and connect: (name, URL)."""
    name = f"reader_of_{road.source_name}"
    production.sql(f"CREATE ROLE {name} LOGIN PASSWORD 'secret'")
    yield name, production.url(road.source_name, user=name, password="secret")
    production.sql(f"DROP OWNED BY {name}; DROP ROLE {name}", database=road.source_name)


@pytest.mark.usefixtures("untouched")
def test_a_missing_right_to_read_is_told_before_anything_is_read(road, production, reader, masker):
    name, url = reader
    production.sql(f"GRANT SELECT ON people TO {name}", database=road.source_name)
    said = masker("run", road.pipeline(), **{**road.urls, "SOURCE_URL": url})
    assert said.code == 3
    assert "no-select:public.notes" in said.err
    assert f'GRANT SELECT ON "public"."notes" TO "{name}"' in said.err


@pytest.mark.usefixtures("untouched")
def test_row_level_security_on_the_reading_role_is_told(road, production, reader, masker):
    name, url = reader
    production.sql(
        f"GRANT SELECT ON people, notes TO {name}; ALTER TABLE notes ENABLE ROW LEVEL SECURITY;"
        f"CREATE POLICY few ON notes TO {name} USING (person_id < 10)",
        database=road.source_name,
    )
    said = masker("run", road.pipeline(), **{**road.urls, "SOURCE_URL": url})
    assert said.code == 3
    assert "row-security:public.notes" in said.err
    assert "BYPASSRLS" in said.err

"""`init`: a first pipeline from names and types; a person decides the rest, and it runs."""

import errno
import os
import re
import sqlite3
from contextlib import closing

import pytest

from masker.errors import TryAgainError
from masker.pipelines.draft import draft_pipeline
from tests.cli.conftest import KEY


@pytest.fixture
def music(request, production, staging, fresh_database):
    """chinook on production, an empty database on staging: (source URL, target URL)."""
    source = fresh_database(production, "music", template=request.getfixturevalue("chinook"))
    target = fresh_database(staging, "music")
    yield source, target
    staging.drop_database(f"{target.rpartition('/')[2]}_masker_previous")


@pytest.mark.long
def test_a_draft_that_a_person_decides_runs_to_the_end(music, masker, tmp_path):
    source, target = music
    said = masker("init", "${PRODUCTION}", "--out", "music.yaml", PRODUCTION=source)
    assert said.code == 0, said.err
    columns, masked, open_ = map(
        int, re.search(r"(\d+) columns, (\d+) masked, (\d+) marked", said.out).groups()
    )
    assert columns == 53  # of 64; the others follow a key
    assert masked > 15
    assert open_ > 0
    path = tmp_path / "music.yaml"
    text = path.read_text()
    assert source not in text
    assert "${PRODUCTION}" in text
    assert masker("check", path).code == 0

    urls = {"PRODUCTION": source, "TARGET_URL": target, "MASKER_KEY": KEY}
    refused = masker("run", path, "--json", **urls)
    assert refused.code == 3
    undecided = [
        found["subject"] for found in refused.json["findings"] if found["code"] == "review"
    ]
    assert len(undecided) == open_

    # Every open line stands once, with its column in front, so a person only writes over it.
    decided, count = re.subn(r"(?m)^(\s+\S+: )review\b", r"\1keep", text)
    assert count == open_
    assert not [found for found in refused.json["findings"] if found["severity"] == "warning"]
    # Albums are titled with names of composers, so whoever keeps the titles keeps them, too.
    assert "composer: full_name" in decided
    path.write_text(decided)
    assert masker("run", path, "--json").code == 4
    path.write_text(decided.replace("composer: full_name", "composer: keep"))
    done = masker("run", path, "--json")
    assert done.code == 0, done.text
    assert done.json["outcome"] == "published"


def test_every_column_stands_once_with_a_reason(music, masker, tmp_path):
    masker("init", "${PRODUCTION}", "-o", "music.yaml", PRODUCTION=music[0])
    text = (tmp_path / "music.yaml").read_text()
    verdicts = [line for line in text.splitlines() if re.match(r"\s+\w+: \S", line) and "#" in line]
    follow = re.findall(r"(?m)^    # \w+ follows public\.\w+\.\w+$", text)
    assert len(verdicts) == 53
    assert len(follow) == 64 - 53
    for table in ("album", "artist", "customer", "employee", "invoice", "track"):
        assert len(re.findall(rf"(?m)^\s+(?:public\.)?{table}:", text)) == 1


def test_a_file_that_is_no_pipeline_is_left_alone(road, masker, tmp_path):
    (tmp_path / "pipeline.yaml").write_text("mine")
    said = masker("init", road.source)
    assert said.code == 2
    assert (tmp_path / "pipeline.yaml").read_text() == "mine"
    assert masker("init", road.source, "--force").code == 0
    assert (tmp_path / "pipeline.yaml").read_text() != "mine"


def test_neither_password_nor_value_is_written(road, production, masker, tmp_path):
    said = masker("init", road.source)
    assert said.code == 0
    text = (tmp_path / "pipeline.yaml").read_text()
    assert production.superuser.password not in text + said.text
    assert "Anna" not in text + said.text


def test_schemas_are_chosen_by_name(road, production, masker, tmp_path):
    production.sql("CREATE SCHEMA other; CREATE TABLE other.t (a text)", database=road.source_name)
    assert masker("init", road.source, "--schema", "other").code == 0
    text = (tmp_path / "pipeline.yaml").read_text()
    assert "people" not in text.partition("columns:")[2]


def test_a_schema_that_is_not_there_is_named(road, masker):
    said = masker("init", road.source, "--schema", "pubilc")
    assert said.code == 2
    assert "pubilc" in said.err


def test_running_again_keeps_what_a_person_decided(road, production, masker, tmp_path):
    path = tmp_path / "pipeline.yaml"
    assert masker("init", road.source).code == 0
    decided = path.read_text().replace("name: full_name", "name: redact   # ours")
    decided = decided.replace("# Read every line", "# Read by Ada; every line")
    path.write_text(decided)
    again = masker("init", road.source, "--json")
    assert (again.code, again.json["added"], path.read_text()) == (0, 0, decided)
    production.sql(
        "ALTER TABLE people ADD phone text, ADD misc text; CREATE TABLE more (iban text);"
        "ALTER TABLE notes DROP body",
        database=road.source_name,
    )
    told = masker("init", road.source)
    assert "3 new columns were added" in told.out
    assert "no longer in the source: public.notes.body" in told.out
    text = path.read_text()
    assert set(decided.splitlines()) <= set(text.splitlines())
    assert re.search(r"(?m)^    phone: phone  +# text; PHONE_NUMBER", text)
    assert re.search(r"(?m)^    misc: review  +# text;", text)
    assert re.search(r"(?m)^  public.more:\n    iban: iban ", text)
    refused = masker("run", path, "--json", **road.urls)
    assert refused.code != 0


def test_values_are_looked_at_unless_told_not_to(road, production, masker, tmp_path):
    production.sql(
        "CREATE TABLE odd (misc1 text);"
        "INSERT INTO odd SELECT 'anna' || n || '@mail.local' FROM generate_series(1, 9) n",
        database=road.source_name,
    )
    path = tmp_path / "pipeline.yaml"
    masker("init", road.source)
    assert re.search(r"misc1: email +# text; EMAIL_ADDRESS", path.read_text())
    assert "mail.local" not in path.read_text()
    said = masker("init", road.source, "--force", "--no-values")
    assert "No row was read" in said.out
    assert re.search(r"misc1: review", path.read_text())


@pytest.fixture
def people(tmp_path):
    """Return the URL of a small SQLite file and a way to change it."""
    path = tmp_path / "people.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT)")
    return f"sqlite:///{path}"


@pytest.mark.parametrize("command", ["init", "scan"])
def test_a_place_that_cannot_be_written_is_told_before_the_source_is_asked(
    people, masker, tmp_path, command
):
    (tmp_path / "file").write_text("mine")
    for out in ("file/pipeline.yaml", "."):
        said = masker(command, "sqlite:///nowhere.db", "--out", out)
        assert said.code == 2
        assert "unwritable-file" in said.err
    assert (tmp_path / "file").read_text() == "mine"
    assert masker(command, people, "--out", "new/folder/out").code == 0
    assert (tmp_path / "new" / "folder" / "out").exists()


@pytest.mark.parametrize("before", [None, "first"], ids=["new", "there"])
def test_what_a_person_writes_during_the_scan_is_kept(people, tmp_path, before):
    path = tmp_path / "pipeline.yaml"
    if before:
        draft_pipeline(people, path, environ={})
    theirs = "# mine\n" + (path.read_text() if before else "")

    class Person:
        def began(self, tables):
            path.write_text(theirs)

        def looked(self, table):
            pass

    with pytest.raises(TryAgainError) as refused:
        draft_pipeline(people, path, environ={}, watch=Person())
    assert refused.value.code == "file-changed"
    assert path.read_text() == theirs
    if before:
        again = draft_pipeline(people, path, environ={})
        assert again.added == 0
        assert path.read_text() == theirs


def test_a_pipeline_is_lost_by_no_failure(people, tmp_path, monkeypatch):
    path = tmp_path / "pipeline.yaml"
    draft_pipeline(people, path, environ={})
    before = path.read_text()

    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(TryAgainError, match="no space left"):
        draft_pipeline(people, path, environ={}, force=True)
    assert path.read_text() == before
    assert sorted(each.name for each in tmp_path.iterdir()) == ["people.db", "pipeline.yaml"]

"""What follows a run by hand: figures and notices, which never stand in the way of its own end."""

import json
import sqlite3
from contextlib import closing

import pytest

from masker.errors import MaskerError
from masker.ledger import head_of
from tests.cli.conftest import KEY
from tests.schedule.conftest import server

PIPELINE = """\
version: 1
name: people
source: {url: "sqlite:///source.db"}
target: {url: "sqlite:///target.db"}
columns: {people: {id: keep, name: full_name}}
notify: [{on: always, webhook: "${OPS_WEBHOOK}"}]
"""
UNWRITABLE = "the metrics cannot be written to `nowhere/masker.prom`: no such file or directory"


@pytest.fixture
def people(tmp_path):
    with closing(sqlite3.connect(tmp_path / "source.db")) as db:
        db.execute("CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT)")
        db.execute("INSERT INTO people VALUES (1, 'Anna Schmidt')")
        db.commit()
    path = tmp_path / "people.yaml"
    path.write_text(PIPELINE)
    return path


def test_figures_that_cannot_be_written_leave_a_published_run_published(people, masker):
    with server(204) as (url, posted):
        options = ("-q", "--json", "--metrics-file", "nowhere/masker.prom")
        said = masker("run", people, *options, OPS_WEBHOOK=url, MASKER_KEY=KEY)
    assert (said.code, said.json["outcome"]) == (0, "published")
    assert UNWRITABLE in said.err
    assert [json.loads(body)["event"] for *_, body in posted] == ["success"]


def test_figures_that_cannot_be_written_leave_the_failure_what_it_is(people, masker):
    people.write_text(PIPELINE.replace(", name: full_name", ""))
    with server(204) as (url, posted):
        options = ("-q", "--metrics-file", "nowhere/masker.prom")
        said = masker("run", people, *options, OPS_WEBHOOK=url, MASKER_KEY=KEY)
    assert said.code == 3
    assert "uncovered:main.people.name" in said.err
    assert UNWRITABLE in said.err
    ((*_, body),) = posted
    assert (json.loads(body)["outcome"], json.loads(body)["exit_code"]) == ("refused", 3)


@pytest.mark.parametrize("folder", ["", "nowhere/"])
def test_the_figures_name_a_file_that_is_wrong(people, masker, tmp_path, folder):
    people.write_text(PIPELINE.replace("columns:", "colunms:"))
    said = masker("run", "people.yaml", "--metrics-file", f"{folder}masker.prom", OPS_WEBHOOK="x")
    assert said.code == 2
    assert "did you mean `columns`?" in said.err
    assert (UNWRITABLE in said.err) == bool(folder)
    if not folder:
        figures = (tmp_path / "masker.prom").read_text()
        assert 'masker_file_wrong{file="people.yaml"} 1.0' in figures
        assert "masker_scheduler_beat" not in figures


def test_a_ledger_that_cannot_be_read_hides_no_end(people, masker, tmp_path, monkeypatch):
    """The run itself reads no history; only the look for drift does."""

    def unreadable(_):
        raise MaskerError("the ledger cannot be read")

    monkeypatch.setattr("masker.schedule.telling.history", unreadable)
    with server(204) as (url, posted):
        said = masker("run", people, "-q", OPS_WEBHOOK=url, MASKER_KEY=KEY)
    assert said.code == 0
    assert "no drift can be told: the ledger cannot be read" in said.err
    assert [json.loads(body)["drift"] for *_, body in posted] == [[]]
    assert head_of(tmp_path / "masker-records" / "ledger.jsonl")

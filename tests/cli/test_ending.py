"""What follows a run by hand: figures and notices, which never stand in the way of its own end."""

import json
import sqlite3
from contextlib import closing

import pytest

from masker.errors import MaskerError
from masker.ledger import head_of
from masker.schedule.notices import Messenger
from masker.schedule.stop import LIFE
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


def test_what_follows_a_failure_is_told_after_it(people, masker):
    people.write_text(PIPELINE.replace(", name: full_name", ""))
    with server(204) as (url, _):
        options = ("--metrics-file", "nowhere/masker.prom")
        said = masker("run", people, *options, OPS_WEBHOOK=url, MASKER_KEY=KEY)
    phase, findings, manifest, figures, told = (
        said.err.index(word)
        for word in ("✗ plan", "uncovered:main.people.name", "manifest ", UNWRITABLE, "notify[0]")
    )
    assert phase < findings < manifest < figures < told
    assert said.err.count("uncovered:main.people.name") == 1


def test_whoever_does_not_wait_for_a_webhook_gets_the_end_of_the_run(people, masker, monkeypatch):
    close = Messenger.close

    def interrupted(messenger):
        close(messenger)
        raise KeyboardInterrupt

    people.write_text(PIPELINE.replace(", name: full_name", ""))
    monkeypatch.setattr(Messenger, "close", interrupted)
    with server(204) as (url, _):
        said = masker("run", people, "-q", "--json", OPS_WEBHOOK=url, MASKER_KEY=KEY)
    assert (said.code, said.json["exit_code"]) == (3, 3)
    assert "stopped while its end was told" in said.err


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


@pytest.fixture
def last(people, masker):
    """Return what runs a pipeline and the history's last line: `(file, **environ)`."""

    def call(file="people.yaml", **environ):
        options = ("-q", "--no-notify", "--metrics-file", "masker.prom")
        environ = {"OPS_WEBHOOK": "http://x/", "MASKER_KEY": KEY, **environ}
        said = masker("run", file, *options, **environ)
        return said, next(reversed(masker("runs", "--json").json or []), None)

    return call


BROKEN = {
    "a key that there is not": (PIPELINE.replace("columns:", "colunms:"), "people"),
    "no YAML": (f"{PIPELINE}columns: [", "people"),
    "no YAML, and a name in quotes": (
        PIPELINE.replace("name: people", "name: 'staff'  # of us") + "a: {",
        "staff",
    ),
    "no name": (PIPELINE.replace("name: people\n", ""), "people"),
    "no possible name": (PIPELINE.replace("name: people", "name: two words"), "people"),
}


@pytest.mark.parametrize(("text", "name"), BROKEN.values(), ids=BROKEN)
def test_a_file_that_is_wrong_is_in_the_ledger_and_the_figures(
    last, people, masker, tmp_path, text, name
):
    assert last()[1]["outcome"] == "published"
    people.write_text(text)
    said, entry = last()
    assert said.code == 2
    assert (entry["pipeline"], entry["outcome"], entry["exit_code"]) == (name, "refused", 2)
    assert entry["codes"]
    assert masker("runs", "--last", "--pipeline", name).code == 2
    figures = (tmp_path / "masker.prom").read_text()
    assert f'masker_last_run_exit_code{{pipeline="{name}"}} 2.0' in figures


def test_a_key_that_is_none_is_in_the_ledger(last):
    said, entry = last(MASKER_KEY="abc")
    assert said.code == 2
    assert (entry["pipeline"], entry["codes"]) == ("people", ["key-length"])
    assert entry["target"].endswith("target.db")


def test_a_file_that_went_away_is_told_and_a_mistyped_one_is_not(last, people, tmp_path):
    said, entry = last("poeple.yaml")
    assert (said.code, entry) == (2, None)
    assert not (tmp_path / "masker-records").exists()
    last()
    assert last("poeple.yaml")[1]["outcome"] == "published"
    people.unlink()
    said, entry = last()
    assert (entry["pipeline"], entry["outcome"], entry["exit_code"]) == ("people", "refused", 2)


def test_records_that_take_no_line_change_no_exit_code(people, masker, tmp_path):
    (tmp_path / "masker-records").write_text("")
    people.write_text("")
    said = masker("run", people, "-q")
    assert said.code == 2
    assert "the ledger `masker-records/ledger.jsonl` cannot be written" in said.err


def test_what_a_scheduler_started_leaves_the_line_to_it(people, masker, tmp_path, monkeypatch):
    for scheduled in (True, False):
        if not scheduled:
            monkeypatch.delenv(LIFE)
        else:
            monkeypatch.setenv(LIFE, "0")
        assert masker("run", people, "--due", "soon", "--no-notify", OPS_WEBHOOK="x").code == 2
        assert (tmp_path / "masker-records").exists() != scheduled

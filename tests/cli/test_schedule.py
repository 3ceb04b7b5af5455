"""`masker schedule` as people call it: when things run next, health, and what is wrong at the start."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from masker.schedule.status import check_health, write_status
from tests.cli.conftest import SCHEMA

PIPELINE = """\
version: 1
name: {name}
source: {{url: "postgresql://reader@production/shop"}}
target: {{url: "postgresql://loader@staging/shop"}}
{more}
"""


@pytest.fixture
def folder(masker, tmp_path):
    """Write pipelines into the folder in which `masker` is called."""
    (tmp_path / "p").mkdir()

    def write(name, more):
        (tmp_path / "p" / f"{name}.yaml").write_text(PIPELINE.format(name=name, more=more))

    return write


def test_when_each_runs_next(masker, folder):
    folder("shop", 'schedule: {cron: "0 3 * * *", timezone: Europe/Berlin}')
    folder("crm", 'schedule: {cron: "@hourly"}')
    folder("byhand", "")
    said = masker("schedule", "p", "--next")
    assert said.code == 0
    crm, shop = said.out.splitlines()
    assert crm.startswith("crm   ")
    assert shop.count(" 03:00 CE") == 3
    told = masker("schedule", "p", "--next", "--json").json
    assert len(told["pipelines"]["crm"]) == 3
    assert told["wrong"] == {}


@pytest.mark.parametrize("others", [(), ("shop",)], ids=["alone", "among others"])
def test_a_wrong_file_is_told_and_ends_as_check_does(masker, folder, others):
    for name in others:
        folder(name, 'schedule: {cron: "0 3 * * *"}')
    folder("crm", 'schedule: {cron: "0 3 * * mno"}')
    said = masker("schedule", "p", "--next")
    assert said.code == masker("check", "p/crm.yaml").code == 2
    assert "crm.yaml:5:18" in said.err
    assert "did you mean `mon`?" in said.err
    assert len(said.out.splitlines()) == len(others)
    told = masker("schedule", "p", "--next", "--json")
    assert (told.code, list(told.json["wrong"])) == (2, ["p/crm.yaml"])


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        pytest.param([], 2, "no pipelines are named", id="nothing named"),
        pytest.param(["nowhere"], 2, "there is no file or folder `nowhere`", id="not there"),
        pytest.param(["p"], 2, "no pipeline here has a `schedule`", id="nothing scheduled"),
        pytest.param(["p", "--metrics", "9464"], 2, "is not HOST:PORT", id="no place"),
        pytest.param(["--health"], 6, "no scheduler has written", id="no scheduler"),
        pytest.param(["p", "--at-once", "0"], 2, "at-once", id="a number too small"),
    ],
)
@pytest.mark.parametrize("as_json", [False, True], ids=["text", "json"])
def test_what_cannot_be(masker, folder, arguments, code, word, as_json):
    folder("byhand", "")
    said = masker("schedule", *arguments, *["--json"][: int(as_json)])
    assert said.code == code
    assert word in said.text


def test_a_scheduler_that_lives_and_one_that_is_silent(masker, tmp_path):
    facts = {"shop": {"state": "running"}}
    write_status(tmp_path, facts, now=datetime.now(UTC))
    said = masker("schedule", "--health", "--records", tmp_path)
    assert (said.code, said.out) == (0, "the scheduler lives: shop running\n")
    assert (
        masker("schedule", "--health", "--records", tmp_path, "--json").json["pipelines"] == facts
    )
    write_status(tmp_path, facts, now=datetime.now(UTC) - timedelta(minutes=5))
    assert masker("schedule", "--health", "--records", tmp_path).code == 6


def test_the_figures_name_the_file_that_is_wrong_though_nothing_can_be_scheduled(
    masker, folder, tmp_path
):
    folder("crm", 'schedule: {cron: "0 3 * * mno"}')
    said = masker("schedule", "p", "--metrics-file", "masker.prom")
    assert said.code == 2
    assert "did you mean `mon`?" in said.err
    assert 'masker_file_wrong{file="p/crm.yaml"} 1.0' in (tmp_path / "masker.prom").read_text()


def test_an_error_of_the_loop_leaves_nothing_open_and_says_that_it_stopped(
    masker, folder, tmp_path, monkeypatch
):
    folder("shop", 'schedule: {cron: "0 3 * * *"}')
    closed, servers = [], []

    def breaks(scheduler):
        scheduler.begin()
        scheduler.step()
        servers.extend(each for each in threading.enumerate() if "serve_forever" in each.name)
        assert check_health(tmp_path / "r", now=datetime.now(UTC))
        raise RuntimeError

    monkeypatch.setattr("masker.schedule.scheduler.Scheduler.run", breaks)
    monkeypatch.setattr(
        "masker.schedule.telling.Telling.close", lambda _: closed.append("webhooks")
    )
    pipes = len(list(Path("/proc/self/fd").iterdir()))
    said = masker("schedule", "p", "--records", "r", "--metrics", "127.0.0.1:0")
    assert said.code == 70
    assert closed == ["webhooks"]
    assert len(list(Path("/proc/self/fd").iterdir())) == pipes
    (thread,) = servers
    thread.join(5)
    assert not thread.is_alive()
    assert "was stopped" in masker("schedule", "--health", "--records", "r").err


@pytest.mark.parametrize("due", ["soon", "2026-11-21", "2026-11-21T03:00:00"])
def test_a_due_moment_needs_its_zone(masker, folder, due):
    folder("shop", "")
    said = masker("run", "p/shop.yaml", "--due", due)
    assert said.code == 2
    assert "is not a moment" in said.err


def test_a_run_that_is_done_already_is_skipped(road, masker):
    pipeline = road.pipeline()
    early = (datetime.now(UTC) - timedelta(minutes=1)).isoformat()
    assert masker("run", pipeline, "-q", "--due", early, **road.urls).code == 0
    said = masker("run", pipeline, "-q", "--due", early, "--json")
    assert said.code == 0
    assert said.json["outcome"] == "skipped"
    assert "has refreshed the target since" in said.json["message"]
    # Another pipeline with the same target has still to run.
    pipeline.write_text(pipeline.read_text().replace("name: people", "name: others", 1))
    said = masker("run", pipeline, "-q", "--due", early, "--json")
    assert said.json["outcome"] == "published"
    pipeline.write_text(pipeline.read_text().replace("name: others", "name: people", 1))
    late = (datetime.now(UTC) + timedelta(minutes=1)).isoformat()
    assert masker("run", pipeline, "-q", "--due", late, "--json").json["outcome"] == "published"


def test_rows_are_not_added_twice_for_one_due_moment(road, masker, staging):
    tables = [line for line in SCHEMA.splitlines() if line.startswith("CREATE")]
    staging.sql("\n".join(tables), database=road.target_name)
    pipeline = road.pipeline(target=", mode: append, allow: [unmarked-target]")
    early = (datetime.now(UTC) - timedelta(minutes=1)).isoformat()
    first = masker("run", pipeline, "-q", "--due", early, "--json", **road.urls)
    assert first.json["outcome"] == "published", first.text
    assert masker("run", pipeline, "-q", "--due", early, "--json").json["outcome"] == "skipped"
    assert staging.sql("SELECT count(*) FROM notes", database=road.target_name) == "50"

"""`masker run --due`: what had been done before is not done again, and is told as what it was."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from masker.ledger import history
from masker.schedule.stop import LIFE
from tests.cli.conftest import KEY
from tests.cli.test_ending import people  # noqa: F401 - a pipeline over two files
from tests.schedule.conftest import server

SUCCESS = 'masker_last_success_timestamp_seconds{pipeline="people"}'


def figure(path):
    return next(line for line in path.read_text().splitlines() if line.startswith(SUCCESS))


@pytest.fixture
def done(people, masker):  # noqa: F811
    """Return what runs the pipeline as due before the run that has published: `(*options)`."""
    due = (datetime.now(UTC) - timedelta(minutes=10)).isoformat()

    def again(*options, url="http://127.0.0.1:9/"):
        call = ("run", people, "-q", "--due", due, *options)
        return masker(*call, OPS_WEBHOOK=url, MASKER_KEY=KEY)

    first = masker(
        *("run", people, "-q", "--json", "--no-notify"), OPS_WEBHOOK="http://x/", MASKER_KEY=KEY
    )
    assert first.code == 0, first.text
    again.run = first.json["run"]
    return again


@pytest.fixture
def cut_short(done, tmp_path):
    """The same, after a run that ended between publishing and saying so."""
    ledger = tmp_path / "masker-records" / "ledger.jsonl"
    ledger.write_text("".join(ledger.read_text().splitlines(keepends=True)[:-1]))
    manifest = ledger.with_name(f"people-{done.run}.json")
    told = json.loads(manifest.read_text())
    manifest.write_text(json.dumps({**told, "outcome": "publishing"}))
    return done


def test_a_run_that_could_not_say_that_it_published_is_settled_and_told(
    cut_short, masker, tmp_path
):
    assert masker("runs", "--last").code == 6
    with server(204) as (url, posted):
        said = cut_short("--json", "--metrics-file", "masker.prom", url=url)
    assert (said.code, said.json["outcome"], said.json["run"]) == (0, "published", cut_short.run)
    ((*_, body),) = posted
    told = json.loads(body)
    assert (told["event"], told["run"], told["rows"]) == ("success", cut_short.run, 1)
    assert masker("runs", "--last").code == 0
    assert figure(tmp_path / "masker.prom")
    path = tmp_path / "masker-records" / "ledger.jsonl"
    ((entry,), (manifest,)) = history(path), path.parent.glob("people-*.json")
    assert (entry.run, entry.outcome, entry.exit_code) == (cut_short.run, "published", 0)
    assert json.loads(manifest.read_text())["outcome"] == "published"


def test_it_is_settled_once(cut_short, masker):
    assert "had published and ended before it could say so" in cut_short("--no-notify").out
    assert cut_short("--no-notify").out.startswith(f"skipped: run {cut_short.run} has refreshed")
    outcomes = [each["outcome"] for each in masker("runs", "--json").json]
    assert outcomes == ["published", "skipped"]


def test_a_machine_that_only_skips_has_its_success(done, masker, tmp_path):
    """Its ledger knows nothing of the run but that it was skipped for it."""
    options = ("--records", "there", "--metrics-file", "masker.prom")
    with server(204) as (url, posted):
        assert done(*options, url=url).code == 0
    assert posted == []
    (entry,) = history(tmp_path / "there" / "ledger.jsonl")
    assert (entry.outcome, entry.run, entry.exit_code) == ("skipped", done.run, 0)
    assert masker("runs", "--records", "there", "--last", "--since", "26h").code == 0
    began = datetime.strptime(done.run[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    assert float(figure(tmp_path / "masker.prom").split()[-1]) == began.timestamp()


def test_what_a_scheduler_started_leaves_the_ledger_to_it(done, monkeypatch, tmp_path):
    monkeypatch.setenv(LIFE, "0")
    assert done("--records", "there").code == 0
    assert not (tmp_path / "there").exists()

"""Snapshots and loads in the ledger: told as what they are, and never taken for a refresh."""

import pytest

from masker.ledger import history
from tests.cli.conftest import KEY
from tests.cli.test_ending import people  # noqa: F401 - a pipeline over two files

SUCCESS = "masker_last_success_timestamp_seconds{"


def figures(folder):
    return (folder / "masker.prom").read_text()


@pytest.fixture
def refused(people, masker, tmp_path):  # noqa: F811
    """Return what calls masker, after a run that was refused, as all that follow it will be."""
    (tmp_path / "target.db").write_bytes((tmp_path / "source.db").read_bytes())

    def call(*arguments):
        return masker(*arguments, OPS_WEBHOOK="http://127.0.0.1:9/", MASKER_KEY=KEY)

    run = ("run", people, "-q", "--no-notify", "--metrics-file", "masker.prom")
    call.run = lambda: call(*run)
    assert call.run().code == 3
    return call


def test_a_snapshot_and_a_load_silence_no_alert(refused, people, tmp_path):  # noqa: F811
    assert refused("snapshot", people, "--out", "snap", "-q").code == 0
    assert refused("load", "snap", "sqlite:///other.db", "-q").code == 0
    assert refused("runs").out.rstrip().endswith("other.db")
    assert refused("runs", "--pipeline", "people", "--last").code == 3
    assert refused("runs", "--pipeline", "load", "--last").code == 6
    assert refused.run().code == 3
    assert SUCCESS not in figures(tmp_path)
    assert 'outcome="published"' not in figures(tmp_path)
    assert [(each.kind, each.outcome) for each in history(tmp_path / "masker-records/ledger.jsonl")] == [
        ("run", "refused"),
        ("snapshot", "published"),
        ("load", "published"),
        ("run", "refused"),
    ]  # fmt: skip


def test_people_and_programs_see_which_is_which(refused, people):  # noqa: F811
    refused("snapshot", people, "--out", "snap", "-q")
    head, *lines = refused("runs").out.splitlines()
    assert head.split()[3:5] == ["kind", "outcome"]
    assert [line.split()[3:5] for line in lines] == [["run", "refused"], ["snapshot", "published"]]
    assert [each["kind"] for each in refused("runs", "--json").json] == ["run", "snapshot"]

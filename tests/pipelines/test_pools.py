"""Fakes that come from other pools than before are told, never silent."""

import json

import pytest

from tests.cli.conftest import KEY, masker, road  # noqa: F401 - the command line and its database


@pytest.fixture
def ran(road, masker):  # noqa: F811
    """Run a pipeline once; return it, its manifest and what runs it again."""
    pipeline = road.pipeline()
    said = masker("run", pipeline, "--json", **road.urls)
    assert said.code == 0, said.text
    (manifest,) = road.folder.glob("masker-records/people-*.json")
    return pipeline, manifest, lambda **more: masker("run", pipeline, "--json", **more)


def other_pool(manifest, **facts):
    """Pretend that another version of Faker made the run's first pool."""
    told = json.loads(manifest.read_text())
    pool = min(told["plan"]["pools"])
    told["plan"]["pools"][pool] = "0123456789abcdef"
    told["plan"].update(facts)
    told["versions"]["faker"] = "1.0.0"
    manifest.write_text(json.dumps(told))
    return pool


def test_it_stops_the_run_until_it_is_accepted_once(ran):
    pipeline, manifest, again = ran
    assert again().code == 0
    last = max(manifest.parent.glob("people-*.json"), key=lambda path: path.stat().st_mtime_ns)
    pool = other_pool(last)
    said = again()
    assert said.code == 2
    (finding,) = [each for each in said.json["findings"] if each["code"] == "pool-changed"]
    assert finding["subject"] == pool
    assert "faker 1.0.0 then" in finding["message"]
    with pipeline.open("a") as file:
        file.write(f'accept: ["pool-changed:{pool}"]\n')
    assert again().code == 0
    said = again()  # compared with the run that accepted it
    assert said.code == 0
    assert "pool-changed" not in {each["code"] for each in said.json["findings"]}


def test_a_snapshot_in_between_hides_nothing(ran):
    """Its fakes come from the new pools, but those of the target do not."""
    _, manifest, again = ran
    pool = other_pool(manifest)
    (ledger,) = manifest.parent.glob("ledger.jsonl")
    line = json.loads(ledger.read_text().splitlines()[-1])
    newer = manifest.with_name("snapshot.json")
    told = json.loads(manifest.read_text())
    del told["plan"]["pools"][pool]
    newer.write_text(json.dumps(told))
    with ledger.open("a") as file:
        file.write(json.dumps({**line, "kind": "snapshot", "manifest": newer.name}) + "\n")
    said = again()
    assert said.code == 2
    assert "pool-changed" in {each["code"] for each in said.json["findings"]}


def test_under_another_key_everything_changes_anyway(ran):
    _, manifest, again = ran
    other_pool(manifest)
    assert again(MASKER_KEY=KEY[::-1]).code == 0


def test_a_manifest_that_is_gone_is_nothing_to_compare_with(ran):
    _, manifest, again = ran
    manifest.unlink()
    assert again().code == 0

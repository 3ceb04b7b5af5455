"""Drift between the manifests of two runs."""

import json
from dataclasses import replace

import pytest

from masker.ledger import Entry
from masker.schedule.drift import drift_since


@pytest.fixture
def manifest(tmp_path):
    def write(file, /, **columns):
        found = [{"column": f"public.people.{n}", "type": kind} for n, kind in columns.items()]
        path = tmp_path / file
        path.write_text(json.dumps({"format": 1, "columns": found}))
        return path

    return write


def entries(*names, pipeline="shop"):
    return tuple(
        Entry(run=name, pipeline=pipeline, outcome="published", manifest=name) for name in names
    )


def test_columns_that_came_went_and_changed(manifest):
    manifest("one", id="integer", name="text", old="text")
    two = manifest("two", id="bigint", name="text", new="date")
    assert drift_since(two, entries("one", "two"), pipeline="shop") == (
        "column `public.people.id` was integer, is bigint",
        "column `public.people.new` is new (date)",
        "column `public.people.old` is gone",
    )


def test_the_last_run_that_knew_the_source_counts(manifest):
    manifest("one", id="integer")
    manifest("two", id="integer", new="text")
    manifest("three")  # it did not come so far
    four = manifest("four", id="integer", new="text")
    assert drift_since(four, entries("one", "two", "three", "gone", "four"), pipeline="shop") == ()


def test_other_pipelines_are_none_of_its_business(manifest):
    manifest("one", id="integer")
    two = manifest("two", id="bigint")
    assert drift_since(two, entries("one", pipeline="crm"), pipeline="shop") == ()


def test_a_snapshot_is_not_the_run_before(manifest):
    manifest("one", id="integer")
    two, three = manifest("two", id="bigint"), manifest("three", id="bigint")
    (taken,) = entries("two")
    earlier = (*entries("one"), replace(taken, kind="snapshot"), *entries("three"))
    told = ("column `public.people.id` was integer, is bigint",)
    assert drift_since(three, earlier, pipeline="shop") == told
    assert drift_since(two, earlier[:1], pipeline="shop") == told


def test_a_run_that_did_not_come_so_far_tells_nothing(manifest, tmp_path):
    manifest("one", id="integer")
    assert drift_since(manifest("two"), entries("one"), pipeline="shop") == ()
    assert drift_since(tmp_path / "none", entries("one"), pipeline="shop") == ()


def test_a_great_deal_is_counted(manifest):
    manifest("one", id="integer")
    two = manifest("two", id="integer", **{f"c{n:03}": "text" for n in range(80)})
    told = drift_since(two, entries("one"), pipeline="shop")
    assert len(told) == 51
    assert told[-1] == "and 30 more"

"""The runs that a ledger tells of, however many lines each left."""

from datetime import UTC, datetime

import pytest

from masker.keys import Keyring
from masker.ledger import append, chosen, history

KEY = Keyring.parse(Keyring.new_text())


@pytest.fixture
def ledger(tmp_path):
    path = tmp_path / "ledger.jsonl"
    at = "2026-11-2{}T03:00:0{}+00:00"
    run = {"pipeline": "shop", "started": at.format(0, 0), "rows": 7, "exit_code": 0}
    for facts in (
        {**run, "run": "a", "outcome": "publishing", "finished": at.format(0, 5)},
        {**run, "run": "a", "outcome": "published", "finished": at.format(0, 6)},
        {**run, "run": "b", "outcome": "publishing", "started": at.format(1, 0)},
        {
            "run": "",
            "pipeline": "shop",
            "outcome": "missed",
            "due": at.format(2, 0),
            "exit_code": 6,
        },
        {"run": "", "pipeline": "crm", "outcome": "skipped", "due": at.format(2, 0)},
        {
            **run,
            "run": "c",
            "outcome": "refused",
            "started": at.format(3, 0),
            "exit_code": 3,
            "codes": ["uncovered"],
        },
        {"run": "a", "pipeline": "shop", "outcome": "rolled-back", "finished": at.format(4, 0)},
        {"run": "b", "outcome": "published", "settled_by": "c"},
    ):
        append(path, facts, keys=KEY)
    return path


def test_a_run_is_one_entry(ledger):
    told = [(each.run, each.outcome, each.exit_code, each.ran) for each in history(ledger)]
    assert told == [
        ("a", "published", 0, True),
        ("b", "published", 0, True),
        ("", "missed", 6, True),
        ("", "skipped", None, False),
        ("c", "refused", 3, True),
        ("a", "rolled-back", None, False),
    ]


def test_a_line_that_does_not_say_its_kind_is_of_a_run_or_by_its_outcome_of_a_rollback(ledger):
    assert [each.kind for each in history(ledger)] == [*["run"] * 5, "rollback"]


@pytest.mark.parametrize(("kind", "ran"), [("run", True), ("snapshot", False), ("load", False)])
def test_only_a_run_is_one(tmp_path, kind, ran):
    facts = {"run": "a", "pipeline": "shop", "kind": kind, "exit_code": 0}
    for outcome in ("publishing", "published"):
        append(tmp_path / "l", {**facts, "outcome": outcome}, keys=KEY)
    (entry,) = history(tmp_path / "l")
    assert (entry.kind, entry.ran, entry.as_json()["kind"]) == (kind, ran, kind)


def test_how_long_it_took_and_when(ledger):
    first, second, missed, *_, rolled_back = history(ledger)
    assert first.seconds == 6
    assert first.rows == 7
    assert second.seconds is None
    assert missed.moment == datetime(2026, 11, 22, 3, tzinfo=UTC)
    assert rolled_back.moment.day == 24


def test_a_run_that_is_about_to_publish_may_try_again(tmp_path):
    append(tmp_path / "l", {"run": "a", "outcome": "publishing"}, keys=KEY)
    (entry,) = history(tmp_path / "l")
    assert (entry.outcome, entry.exit_code) == ("publishing", 6)


def test_lines_of_no_run_are_never_taken_for_one(tmp_path):
    """As of files that were wrong, and of processes that died before they had a name."""
    facts = {"run": "", "outcome": "refused", "exit_code": 2}
    for pipeline, hour in (("shop", 1), ("crm", 2), ("shop", 3)):
        started = f"2026-11-21T0{hour}:00:00+00:00"
        append(tmp_path / "l", {**facts, "pipeline": pipeline, "started": started}, keys=KEY)
    told = [(each.pipeline, each.moment.hour) for each in history(tmp_path / "l")]
    assert told == [("shop", 1), ("crm", 2), ("shop", 3)]


def test_a_line_that_does_not_say_how_it_ended(tmp_path):
    append(tmp_path / "l", {"run": "a", "outcome": "failed", "started": "then"}, keys=KEY)
    (entry,) = history(tmp_path / "l")
    assert (entry.exit_code, entry.started) == (70, None)


@pytest.mark.parametrize(
    ("wanted", "runs"),
    [
        ({"pipelines": frozenset({"crm"})}, [""]),
        ({"outcomes": frozenset({"refused"})}, ["c"]),
        ({"since": datetime(2026, 11, 23, tzinfo=UTC)}, ["c", "a"]),
        ({}, ["a", "b", "", "", "c", "a"]),
    ],
)
def test_some_of_them(ledger, wanted, runs):
    assert [entry.run for entry in chosen(history(ledger), **wanted)] == runs


def _rollback(path, outcome, run, *, hour, target="t", pipeline="shop"):
    finished = f"2026-11-24T0{hour}:00:00+00:00"
    facts = {"run": run, "outcome": outcome, "finished": finished}
    append(path, {**facts, "pipeline": pipeline, "target": target}, keys=KEY)


def test_a_rollback_is_one_entry_which_names_both_runs(tmp_path):
    path = tmp_path / "l"
    _rollback(path, "rolling-back", "b", hour=1)
    _rollback(path, "rolling-back", "x", hour=2, target="other")
    _rollback(path, "rolled-back", "a", hour=3)
    _rollback(path, "rolling-back", "a", hour=4)
    _rollback(path, "rolled-back", None, hour=5)
    assert [
        (each.outcome, each.run, each.in_place_of, each.moment.hour, each.ran)
        for each in history(path)
    ] == [
        ("rolled-back", "a", "b", 1, False),
        ("rolling-back", "x", "", 2, False),
        ("rolled-back", "", "a", 4, False),
    ]
    assert history(path)[0].as_json()["in_place_of"] == "b"
    assert history(path)[0].seconds == 2 * 3600


def test_a_rollback_that_did_not_end_is_not_ended_by_the_next_one(tmp_path):
    path = tmp_path / "l"
    _rollback(path, "rolling-back", "b", hour=1)
    _rollback(path, "rolling-back", "b", hour=2)
    _rollback(path, "rolled-back", "a", hour=3)
    assert [(each.outcome, each.moment.hour) for each in history(path)] == [
        ("rolling-back", 1),
        ("rolled-back", 2),
    ]


def test_no_ledger_is_no_history(tmp_path):
    assert history(tmp_path / "none") == ()

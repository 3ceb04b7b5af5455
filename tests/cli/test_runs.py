"""`masker runs`: history for people, programs and monitors."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from masker.keys import Keyring
from masker.ledger import append

KEY = Keyring.parse(Keyring.new_text())


@pytest.fixture
def ledger(masker):
    """Write a ledger into the folder in which `masker` is called."""
    now = datetime.now(UTC)

    def line(hours, run, outcome, code, **facts):
        began = now - timedelta(hours=hours)
        known = {
            "started": began.isoformat(),
            "finished": (began + timedelta(minutes=4)).isoformat(),
        }
        told = {"run": run, "outcome": outcome, "exit_code": code, "pipeline": "shop"}
        path = Path("masker-records") / "ledger.jsonl"
        append(path, {**known, **told, **facts}, keys=KEY)

    line(72, "r1", "published", 0, rows=141212)
    line(48, "r2", "failed", 5, codes=["collision"])
    line(24, "r3", "published", 0, pipeline="crm", rows=12)
    line(1, "", "skipped", 6, codes=["target-locked"])
    return line


def test_history_for_people(masker, ledger):
    said = masker("runs")
    assert said.code == 0
    head, *lines = said.out.splitlines()
    assert head.split("  ")[0] == "began (UTC)"
    assert [line.split()[2] for line in lines] == ["shop", "shop", "crm", "shop"]
    assert lines[0].endswith("published     0  4 min  141,212  r1")
    assert lines[1].endswith("failed        5  4 min           r2: collision")
    assert lines[3].endswith("target-locked")


@pytest.mark.parametrize(
    ("options", "runs"),
    [
        (["--pipeline", "crm"], ["r3"]),
        (["--outcome", "failed", "--outcome", "skipped"], ["r2", None]),
        (["--since", "50h"], ["r2", "r3", None]),
        (["--since", "2999-01-01"], []),
        (["-n", "1"], [None]),
    ],
)
def test_some_of_it_for_programs(masker, ledger, options, runs):
    assert [each["run"] for each in masker("runs", *options, "--json").json] == runs


def test_they_are_in_the_order_in_which_they_began(masker, ledger):
    ledger(30, "r5", "published", 0)  # its line came after those of runs that began later
    began = [line.split()[0:2] for line in masker("runs").out.splitlines()[1:]]
    assert began == sorted(began)
    assert [each["run"] for each in masker("runs", "--json").json] == ["r1", "r2", "r5", "r3", None]
    assert [each["run"] for each in masker("runs", "-n", "2", "--json").json] == ["r3", None]


def test_loads_can_be_told_apart_by_their_targets(masker, ledger):
    facts = {"pipeline": "load", "kind": "load", "target": "sqlite:///a.db"}
    ledger(0.5, "r5", "published", 0, **facts)
    ledger(0.25, "r6", "failed", 5, **{**facts, "target": "sqlite:///b.db"}, codes=["row-count"])
    *_, first, second = masker("runs").out.splitlines()
    assert first.endswith("r5 into sqlite:///a.db")
    assert second.endswith("r6 into sqlite:///b.db: row-count")


def test_older_ones_are_counted(masker, ledger):
    assert masker("runs", "-n", "1").out.splitlines()[-1] == "and 3 before: --number 4"


@pytest.mark.parametrize(
    ("options", "code", "word"),
    [
        pytest.param(["--pipeline", "shop"], 5, "collision", id="the last one failed"),
        pytest.param(["--pipeline", "crm"], 0, "r3", id="the last one published"),
        pytest.param(["--pipeline", "crm", "--since", "2h"], 6, "no such run", id="none in time"),
        pytest.param(["--pipeline", "nobody"], 6, "no such run", id="no such pipeline"),
    ],
)
def test_the_last_one_for_monitors(masker, ledger, options, code, word):
    said = masker("runs", "--last", *options)
    assert said.code == code
    assert word in said.text


def test_a_run_that_somebody_stopped_is_not_the_last(masker, ledger):
    ledger(0.5, "r4", "failed", 130, codes=["stopped"], pipeline="crm")
    assert masker("runs", "--last", "--json", "--pipeline", "crm").json["run"] == "r3"
    assert masker("runs", "--json", "--pipeline", "crm").json[-1]["run"] == "r4"


def test_a_rollback_is_shown_and_is_no_run(masker, ledger):
    ledger(0, "r1", "rolled-back", None, pipeline="crm")
    assert "rolled-back" in masker("runs").out
    assert masker("runs", "--last", "--json", "--pipeline", "crm").json["run"] == "r3"


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ([("rolling-back", "r9"), ("rolled-back", "r3")], "rolled-back 0 s r3, in place of r9"),
        (
            [("rolling-back", "r9"), ("rolled-back", None)],
            "rolled-back 0 s what no run filled, in place of r9",
        ),
        ([("rolling-back", "r9")], "rolling-back r9: began, and did not say that it was done"),
        ([("rolled-back", "r3")], "rolled-back r3"),
    ],
    ids=["done", "what stood there before masker", "cut short", "its beginning is lost"],
)
def test_a_rollback_is_one_line_that_says_what_stands_there(masker, ledger, lines, told):
    for outcome, run in lines:
        ledger(0, run, outcome, None, pipeline="hr", started=None)
    said = masker("runs", "--pipeline", "hr").out
    (line,) = said.splitlines()[1:]
    assert " ".join(line.split()).endswith(f" hr rollback {told}")


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (["--since", "yesterday"], "neither a length of time nor a date"),
        (["--outcome", "faild"], "did you mean `failed`?"),
    ],
)
def test_what_is_not_understood(masker, ledger, options, word):
    said = masker("runs", *options)
    assert said.code == 2
    assert word in said.err


def test_no_ledger_is_told(masker):
    said = masker("runs")
    assert said.code == 0
    assert "there is no ledger in `masker-records`" in said.out

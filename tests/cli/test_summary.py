"""The summary of a run: what it counts, and what it leaves to the manifest."""

from dataclasses import replace
from pathlib import Path

import pytest

from masker.audit import Audit
from masker.audit.places import Figure
from masker.cli.summary import summary
from masker.findings import Findings
from masker.pipelines.record import Run


def run_with(**unparsed: int) -> Run:
    return Run(
        id="x",
        pipeline="p",
        target="t",
        outcome="published",
        started="",
        finished="",
        columns={f"public.t.{name}": {"unparsed": count} for name, count in unparsed.items()},
        manifest_path=Path("records/x.json"),
        ledger_path=Path("records/ledger.jsonl"),
    )


@pytest.mark.parametrize(
    ("unparsed", "line"),
    [
        pytest.param({}, "", id="nothing was masked"),
        pytest.param({"a": 0, "b": 0}, "", id="every value had a form"),
        pytest.param({"a": 1, "b": 0}, "1 value in 1 column, masked letter by letter ("
                     "public.t.a 1)", id="one value"),
        pytest.param({"a": 2, "b": 3000}, "3,002 values in 2 columns, masked letter by letter ("
                     "public.t.b 3,000, public.t.a 2)", id="the most first"),
        pytest.param({"a": 1, "b": 1, "c": 1, "d": 9}, "12 values in 4 columns, masked letter by "
                     "letter (public.t.d 9, public.t.a 1, public.t.b 1, …)", id="three are named"),
    ],
)  # fmt: skip
def test_values_of_no_known_form(unparsed, line):
    told = [each for each in summary(run_with(**unparsed)).splitlines() if "unparsed" in each]
    assert told == ([f"  unparsed  {line}"] if line else [])


@pytest.mark.parametrize(
    ("count", "told"),
    [
        (0, "no source value found; loaded"),
        (1, "no source value found, 1 coincidence as chance gives; loaded"),
        (2000, "no source value found, 2,000 coincidences as chance gives; loaded"),
    ],
)
def test_coincidences_are_counted_as_people_count(count, told):
    figure = Figure(subject="public.t.a", ground="t", searched=9, coincident=count)
    run = replace(run_with(), audit=Audit(findings=Findings(()), figures=(figure,)))
    assert f"  audit     passed: 9 values searched, {told} equals masked" in summary(run)


def test_values_of_no_known_form_are_told_of_a_real_run(road, production, masker):
    production.sql(
        "UPDATE notes SET body = 'o' || person_id || '@mail.test' WHERE person_id > 3",
        database=road.source_name,
    )
    path = road.pipeline()
    path.write_text(path.read_text().replace("body: fake_text", "body: email"))
    said = masker("run", path, "-q", **road.urls)
    assert said.code == 0, said.err
    assert (
        "  unparsed  3 values in 1 column, masked letter by letter (public.notes.body 3)\n"
        in said.out
    )


def test_a_partitioned_table_counts_once_and_an_empty_one_counts(road, production, masker):
    production.sql(
        "CREATE TABLE days (day date, what int) PARTITION BY RANGE (day);"
        "CREATE TABLE days_1 PARTITION OF days FOR VALUES FROM ('2025-01-01') TO ('2025-02-01');"
        "CREATE TABLE days_2 PARTITION OF days FOR VALUES FROM ('2025-02-01') TO ('2025-03-01');"
        "INSERT INTO days VALUES ('2025-01-05', 1), ('2025-02-05', 2);"
        "CREATE TABLE none (id int); CREATE TABLE out (id int)",
        database=road.source_name,
    )
    path = road.pipeline(
        more='  days: {"*": keep}\n  none: {id: keep}\n  out: {id: keep}\ntables: {out: empty}\n'
    )
    planned, done = masker("plan", path, **road.urls), masker("run", path, "-q")
    assert planned.code == done.code == 0, planned.err + done.err
    assert "  tables    4 loaded, at least " in planned.out
    assert "; 1 left empty\n" in planned.out
    assert "  columns   3 masked, 6 kept, 0 undecided\n" in planned.out
    assert "  tables    4 loaded, 102 rows" in done.out
    assert "  columns   3 of 9 masked by " in done.out

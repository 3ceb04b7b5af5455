"""Scans held against labels: figures by hand, what does not fit, and bad files."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masker.detect.evaluate import Scanned, Score, Tier, evaluate, read_labels, read_scan
from masker.errors import ConfigError


def label(place, tier, kind="EMAIL_ADDRESS"):
    table, _, column = place.rpartition(".")
    return {"table": table, "column": column, "kind": kind, "tier": tier}


def scanned(place, entity=None, **more):
    table, _, column = place.rpartition(".")
    return {"table": table, "column": column, "entity": entity} | more


LABELS = read_labels(
    [
        label("users.mail", "must"),
        label("users.login", "must", "USERNAME"),
        label("users.city", "should", "CITY"),
        label("users.country", "optional", "COUNTRY"),
        label("users.id", "none", ""),
    ]
)


def test_figures():
    made = evaluate(
        LABELS,
        read_scan(
            {
                "columns": [
                    scanned("public.users.mail", "EMAIL_ADDRESS"),
                    scanned("public.users.login", "EMAIL_ADDRESS"),
                    scanned("public.users.city"),
                    scanned("public.users.country", "COUNTRY"),
                    scanned("public.users.id", "PHONE_NUMBER"),
                    scanned("public.films.title", "PERSON", finding="none"),
                ]
            }
        ),
    )
    assert made.overall == Score(labelled=3, found=2, alarms=1)
    assert made.overall.precision == pytest.approx(2 / 3)
    assert made.overall.recall == pytest.approx(2 / 3)
    assert made.overall.f(1) == pytest.approx(2 / 3)
    assert made.tiers[Tier.MUST].recall == 1
    assert made.tiers[Tier.SHOULD].recall == 0
    assert made.misses == (("users.city", "CITY", Tier.SHOULD),)
    assert made.alarms == (("public.users.id", "PHONE_NUMBER"),)
    assert made.renamed == (("users.login", "USERNAME", "EMAIL_ADDRESS"),)
    assert made.unlabelled == 1
    assert made.entities["PHONE_NUMBER"].precision == 0
    assert made.as_json()["overall"]["precision"] == 0.6667


def test_f2_counts_recall_four_times():
    missed = Score(labelled=10, found=5, alarms=0)
    alarmed = Score(labelled=10, found=10, alarms=10)
    assert missed.f(1) == alarmed.f(1) == pytest.approx(2 / 3)
    assert missed.f(2) == pytest.approx(5 * 5 / (5 * 5 + 4 * 5))
    assert alarmed.f(2) == pytest.approx(5 * 10 / (5 * 10 + 10))
    assert Score(labelled=0, found=0, alarms=0).f(2) is None


COUNTS = st.integers(0, 50)


@given(COUNTS, COUNTS, COUNTS)
def test_f_lies_between_precision_and_recall(found, missed, alarms):
    score = Score(labelled=found + missed, found=found, alarms=alarms)
    figures = [score.precision, score.recall]
    if None not in figures and score.f(2) is not None:
        assert min(figures) - 1e-9 <= score.f(2) <= max(figures) + 1e-9


@pytest.mark.parametrize(
    ("written", "help"),
    [
        ("user.mail", "did you mean `users`?"),
        ("users.mial", "did you mean `mail`?"),
        ("zzz.mail", "was another database scanned?"),
        ("people.name", "write its schema too"),
    ],
)
def test_labels_that_the_scan_has_not_are_told_and_missed(written, help):
    there = read_scan(
        [
            scanned("public.users.mail", "EMAIL_ADDRESS"),
            scanned("a.people.name", "PERSON"),
            scanned("b.people.name", "PERSON"),
        ]
    )
    made = evaluate(read_labels([label(written, "must")]), there)
    (finding,) = made.findings
    assert (finding.code, finding.help) == ("label-not-scanned", help)
    assert [column for column, *_ in made.misses] == [written]


def test_a_table_may_be_named_with_its_schema():
    there = [Scanned(table="a.people", column="n", entity="PERSON")]
    made = evaluate(read_labels([label("a.people.n", "must", "PERSON")]), there)
    assert (made.overall.recall, made.renamed, made.findings) == (1, (), ())


@pytest.mark.parametrize(
    "written",
    [
        {},
        [1],
        [{"table": "t"}],
        [{"table": "t", "column": "c", "tier": "most"}],
        [{"table": "t", "column": "c", "tier": "must", "kind": 7}],
        [{"table": "t", "column": "c", "tier": "must", "note": "x"}],
        [label("t.c", "must"), label("t.c", "none")],
    ],
)
def test_bad_labels(written):
    with pytest.raises(ConfigError) as caught:
        read_labels(written)
    assert {finding.code for finding in caught.value.findings} == {"bad-labels"}


def test_all_that_is_wrong_with_labels_is_said_at_once():
    with pytest.raises(ConfigError) as caught:
        read_labels([1, label("t.c", "must"), {"table": "t"}])
    assert len(caught.value.findings) == 2


@pytest.mark.parametrize("written", [{}, 1, [1], [{"table": "t"}], {"columns": [{}]}])
def test_bad_scans(written):
    with pytest.raises(ConfigError) as caught:
        read_scan(written)
    assert caught.value.code == "bad-scan"

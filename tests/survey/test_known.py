"""What a survey keeps of values: prints that are found again by form, in any process of the run."""

import pickle
from types import SimpleNamespace

import polars as pl
import pytest

from masker.catalog import Column, Kind, TableName, Type
from masker.evidence import RunKey
from masker.evidence.exposure import traces
from masker.evidence.spill import Extent
from masker.keys import Keyring
from masker.plan.model import Branch, ColumnPlan, Step
from masker.plan.ways import related, ways_of
from masker.rules.policy import Ruling, Treatment
from masker.survey import KnownValues, gather
from masker.survey import known as survey
from masker.survey import survey as surveyed
from masker.transformers import Site, build
from masker.transformers.free_text.known import BARE, LOCAL, TOKEN, WHOLE


@pytest.fixture
def run_key():
    with RunKey.random() as key:
        yield key


def knowing(run_key, *values):
    some = [(use, way, pl.Series(each)) for way, (use, each) in enumerate(values)]
    return gather(some, run_key=run_key)


def found(known, *forms):
    return known.find(pl.Series(forms, dtype=pl.String)).tolist()


def test_each_form_leads_to_its_way(run_key):
    prints = knowing(
        run_key,
        ("email", ["Anna.B7@Firma.de"]),
        ("phone", ["+49 (30) 123-4567"]),
        ("full_name", ["Jürgen van der Möller"]),
    )
    known = KnownValues(prints, run_key)
    assert found(known, WHOLE + "anna.b7@firma.de", LOCAL + "anna.b7", BARE + "49301234567") == [
        0,
        0,
        1,
    ]
    assert found(known, TOKEN + "jurgen", TOKEN + "moller", TOKEN + "van", "w:nobody") == [
        2,
        2,
        -1,
        -1,
    ]


def test_nothing_known_finds_nothing(run_key):
    assert found(KnownValues(knowing(run_key), run_key), "w:a", "t:b") == [-1, -1]


def test_the_lowest_way_wins_whatever_came_first(run_key):
    twice = [("email", 1, pl.Series(["a.b@firma.de"])), ("email", 0, pl.Series(["a.b@firma.de"]))]
    for order in (twice, twice[::-1]):
        known = KnownValues(gather(order, run_key=run_key), run_key)
        assert found(known, WHOLE + "a.b@firma.de") == [0]


@pytest.mark.parametrize("spills", [True, False])
def test_many_values_are_spilled_and_found_in_another_process(run_key, monkeypatch, spills):
    if spills:
        monkeypatch.setattr(survey, "_PENDING", 50)
        monkeypatch.setattr(survey, "_IN_MEMORY", 100)
        monkeypatch.setattr(survey, "_RANGE", 16)
    mails = [f"person{n}@firma{n % 7}.de" for n in range(5000)]
    prints = pickle.loads(pickle.dumps(knowing(run_key, ("email", mails))))
    kept = {isinstance(each, Extent) for each in prints.ranges}
    assert kept == {spills}
    with RunKey.from_export(run_key.export()) as theirs:
        known = KnownValues(prints, theirs)
        assert set(found(known, *(WHOLE + mail for mail in mails))) == {0}
        assert set(found(known, *(WHOLE + mail + "x" for mail in mails))) == {-1}


def test_no_value_and_nothing_under_another_key(run_key):
    prints = knowing(run_key, ("email", ["anna.schmidt@firma.de"]))
    assert b"anna" not in pickle.dumps(prints)
    with RunKey.random() as other:
        assert found(KnownValues(prints, other), WHOLE + "anna.schmidt@firma.de") == [-1]


VALUES = ["+49 30 1234567", "anna.schmidt7@firma.de", "Anna Maria Schmidt", "Hauptstr. 5",
          "AB-1234567890-cdefg", "550e8400-e29b-41d4-a716-446655440000", "84.12.33.4", "Berlin",
          "this is a sentence of six words"]  # fmt: skip


@pytest.mark.parametrize(
    "use", ["email", "phone", "full_name", "street", "alphanumeric", "uuid", "ip", "fake_text"]
)
def test_whatever_the_audit_fails_for_is_known(run_key, use):
    """Else a run would fail for a value that masking could not see."""
    marks = survey._MARKS
    values = pl.Series(VALUES)
    known = KnownValues(knowing(run_key, (use, VALUES)), run_key)
    for exposure, form, texts in traces(use, values).found:
        if exposure.value != "quasi":
            assert set(found(known, *(marks[form] + text for text in texts))) <= {0}


T = TableName("public", "events")


def planned(name, kind, use, **params):
    transformer = build(use, params)
    return ColumnPlan(
        column=Column(name=name, type=Type(name=kind.value, base=kind.value, kind=kind)),
        ruling=Ruling.MASK,
        use=use,
        reason="a test",
        branches=(Branch(transformer=transformer, site=Site(kind=kind, base=kind.value)),),
    )


def test_what_stands_in_leaves_of_documents_alone_is_known_too(run_key):
    """A value of a leaf becomes in a text what it becomes in the leaf, arrays included."""
    paths = {"$.who[*]": "last_name", "$.mail": "email", "$.kind": "keep", "$.note": "free_text"}
    plans = (
        planned("payload", Kind.JSON, "json", paths=paths),
        planned("body", Kind.TEXT, "free_text", strict=False),
    )
    ways = ways_of({T: plans})
    assert [way.transformer.name for way in ways] == ["last_name", "email"]
    told = related({T: plans}, ways)[T]
    payload = '{"who": ["Tergastowicz", null], "mail": "q.x@firma.local", "kind": "letter", "n": 1}'
    frame = pl.DataFrame(
        {
            "payload": [payload, None, "no json"],
            "body": ["by Tergastowicz, q.x@firma.local", "", "x"],
        }
    )
    plan = SimpleNamespace(
        ways=ways, steps=[Step(table=T, into=T, treatment=Treatment.LOAD, columns=told)]
    )
    prints = surveyed(plan, lambda _, columns: [frame.select(c.name for c in columns)],
                      run_key=run_key)  # fmt: skip
    known, keys = KnownValues(prints, run_key), Keyring.ephemeral()
    made = {}
    for column in told:
        branch = column.branches[0]
        made[column.name] = branch.transformer.knowing(known).apply(
            frame[column.name], site=branch.site, keys=keys, others={}
        )
    leaves = pl.Series([made["payload"].values[0]]).str.json_decode(
        pl.Struct({"who": pl.List(pl.String), "mail": pl.String})
    )[0]
    assert made["body"].values[0] == f"by {leaves['who'][0]}, {leaves['mail']}"
    assert "Tergastowicz" not in made["body"].values[0]

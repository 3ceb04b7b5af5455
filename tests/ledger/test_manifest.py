import json
import stat

import pytest

from masker.catalog import Catalog, Column, Kind, Table, TableName, Type
from masker.errors import ConfigError, TryAgainError
from masker.findings import Findings, warning
from masker.ledger import Manifest, read, write
from masker.ledger.manifest import check_writable
from masker.plan.model import Branch, ColumnPlan, Plan, Step
from masker.rules.policy import Ruling, Treatment
from masker.transformers.base import Site
from masker.transformers.email import Email

TABLE = TableName("public", "people")


def plan_of(*, one_way):
    column = Column(name="email", type=Type(name="text", base="text", kind=Kind.TEXT))
    planned = ColumnPlan(
        column=column,
        ruling=Ruling.MASK,
        use="email",
        reason="rule base/email",
        branches=(Branch(transformer=Email(), site=Site()),),
    )
    catalog = Catalog(
        engine="postgres",
        version="18.1",
        database="shop",
        schemas=("public",),
        tables=(Table(name=TABLE, columns=(column,)),),
    )
    return Plan(
        pipeline="nightly",
        source="source",
        target="target",
        mode="swap",
        catalog=catalog,
        steps=(Step(table=TABLE, into=TABLE, treatment=Treatment.LOAD, columns=(planned,)),),
        findings=Findings(),
        key_id="1-abc",
        one_way=one_way,
        locale="en_US",
        pools=(("first_name/en_US", "0123"),),
        fingerprint="fp",
    )


def manifest(*, one_way=False, findings=()):
    return Manifest(
        run="r1",
        pipeline="nightly",
        outcome="published",
        started="2026-01-01T00:00:00+00:00",
        finished="2026-01-01T00:01:00+00:00",
        plan=plan_of(one_way=one_way),
        findings=Findings(tuple(findings)).accept(["live-range:x"]),
        rows={"public.people": 3},
        columns={"public.people.email": {"values": 3, "unparsed": 0}},
        audit={"passed": True},
        seconds={"load": 1.23456},
    ).as_json()


def test_says_what_was_done_to_every_column():
    told = manifest()
    (column,) = told["columns"]
    assert column["column"] == "public.people.email"
    assert (column["verdict"], column["use"], column["reason"]) == (
        "mask",
        "email",
        "rule base/email",
    )
    assert column["branches"][0]["never_equal"] is True
    assert column["counts"] == {"values": 3, "unparsed": 0}
    assert told["plan"]["fingerprint"] == "fp"
    assert told["plan"]["pools"] == {"first_name/en_US": "0123"}
    assert told["versions"]["polars"]
    assert told["seconds"] == {"load": 1.235}


@pytest.mark.parametrize(
    ("one_way", "words"), [(True, "one-way, key destroyed"), (False, "pseudonymised")]
)
def test_never_calls_it_anonymous(one_way, words):
    told = manifest(one_way=one_way)
    assert told["plan"]["result"] == words
    assert "anonym" not in json.dumps(told).lower()


def test_findings_say_whether_they_were_accepted():
    told = manifest(findings=[warning("live-range", "x", subject="x"), warning("other", "y")])
    assert [finding["accepted"] for finding in told["findings"]] == [True, False]


def test_is_written_whole_and_read_back(tmp_path):
    path = tmp_path / "records" / "r1.json"
    write(path, manifest())
    write(path, manifest())
    assert read(path) == json.loads(json.dumps(manifest()))
    assert [one.name for one in path.parent.iterdir()] == ["r1.json"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_a_run_that_never_had_a_plan_has_a_manifest():
    told = Manifest(run="r", pipeline="p", outcome="refused", started="", finished="").as_json()
    assert (told["plan"], told["columns"]) == (None, [])


def test_what_is_no_manifest(tmp_path):
    (tmp_path / "a.json").write_text("{}")
    (tmp_path / "b.json").write_text("[")
    for name in ("a.json", "b.json", "c.json"):
        with pytest.raises(ConfigError, match="is no manifest"):
            read(tmp_path / name)
    with pytest.raises(TryAgainError, match="no manifest can be written"):
        write(tmp_path / "a.json" / "x", {})


def test_a_folder_that_takes_no_manifest_is_told_beforehand(tmp_path):
    check_writable(tmp_path / "new" / "records")
    assert list((tmp_path / "new" / "records").iterdir()) == []
    (tmp_path / "file").write_text("")
    for folder in ("file", "file/records"):
        with pytest.raises(TryAgainError, match="no manifest can be written into"):
            check_writable(tmp_path / folder)

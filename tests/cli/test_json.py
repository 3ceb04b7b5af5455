"""`--json`: one JSON document on standard output, nothing beside it, the same facts as the text."""

import json

import pytest

from tests.cli.conftest import KEY


@pytest.mark.parametrize(
    ("arguments", "keys"),
    [
        pytest.param(["show"], None, id="show"),
        pytest.param(["show", "email"], {"name", "params", "promises", "scope"}, id="show one"),
        pytest.param(["keys", "new"], {"key", "id"}, id="keys new"),
        pytest.param(["keys", "id"], {"id", "scheme"}, id="keys id"),
        pytest.param(["check"], {"pipeline", "findings"}, id="check"),
        pytest.param(["plan"], {"fingerprint", "tables", "findings", "key"}, id="plan"),
        pytest.param(["run"], {"run", "outcome", "plan", "audit", "rows"}, id="run"),
        pytest.param(["init"], {"file", "columns", "masked", "review"}, id="init"),
    ],
)
def test_a_command_that_succeeds(road, masker, arguments, keys):
    places = {
        "check": [road.pipeline()],
        "plan": [road.pipeline()],
        "run": [road.pipeline()],
        "init": ["${SOURCE_URL}"],
    }
    said = masker(*arguments, *places.get(arguments[0], ()), "--json", **road.urls)
    assert said.code == 0, said.text
    assert said.err == ""
    if keys is None:
        assert len(said.json) > 20
    else:
        assert keys <= said.json.keys()


def test_the_version(masker):
    for arguments in (["--version", "--json"], ["--json", "--version"]):
        said = masker(*arguments)
        assert said.code == 0
        assert masker("--version").out == f"masker {said.json['masker']}\n"


@pytest.mark.parametrize("arguments", [["show", "email"], ["keys", "id"]])
def test_the_option_may_stand_before_the_command(masker, arguments):
    key = {"MASKER_KEY": KEY}
    assert masker("--json", *arguments, **key).json == masker(*arguments, "--json", **key).json


def test_a_run_that_fails_names_its_manifest(road, production, masker):
    production.sql("ALTER TABLE people ADD COLUMN nickname text", database=road.source_name)
    said = masker("run", road.pipeline(), "--json", **road.urls)
    assert said.code == 3
    manifest = json.loads((road.folder / said.json["manifest_file"]).read_text())
    assert manifest["outcome"] == "refused"


def test_what_began_no_run_names_none(masker):
    assert masker("run", "nowhere.yaml", "--json").json["manifest_file"] is None


@pytest.mark.parametrize("command", ["check", "plan", "run", "rollback", "init"])
def test_a_command_that_fails(road, masker, command):
    """What stopped it, in the shape that is the same for every command."""
    pipeline = road.pipeline(more="colums: {}\n")
    arguments = {"init": ["${NO_SUCH_VARIABLE}"]}.get(command, [pipeline])
    said = masker(command, *arguments, "--json", **road.urls)
    assert said.code == said.json["exit_code"] == 2
    assert said.err == ""
    assert said.json["error"] == "ConfigError"
    assert {"id", "code", "severity", "subject", "message", "help", "position"} <= set(
        said.json["findings"][0]
    )
    if command != "init":
        assert "columns" in said.json["findings"][0]["help"]  # did you mean


def test_a_plan_that_would_be_refused_says_so(road, production, masker):
    production.sql("ALTER TABLE people ADD COLUMN nickname text", database=road.source_name)
    said = masker("plan", road.pipeline(), "--json", **road.urls)
    assert said.code == 3
    assert "uncovered:public.people.nickname" in [found["id"] for found in said.json["findings"]]


def test_a_run_and_its_plan_name_one_fingerprint(road, masker):
    pipeline = road.pipeline()
    text = masker("plan", pipeline, **road.urls)
    document = masker("plan", pipeline, "--json")
    manifest = masker("run", pipeline, "--json")
    fingerprint = document.json["fingerprint"]
    assert text.out.startswith(f"plan {fingerprint} of people ")
    assert manifest.json["plan"]["fingerprint"] == fingerprint


def test_the_same_columns_stand_in_text_and_json(road, masker):
    pipeline = road.pipeline()
    text, document = masker("plan", pipeline, **road.urls), masker("plan", pipeline, "--json")
    for table in document.json["tables"]:
        assert table["table"] in text.out
        for column in table["columns"]:
            assert column["name"] in text.out
            assert column["verdict"] in text.out

"""`plan`: every finding once, wherever it is told, and what comes next."""

import pytest


@pytest.fixture
def mixed(road, production):
    """Return a pipeline with an accepted warning, one that is not, an error and a note."""
    production.sql(
        "ALTER TABLE people ADD COLUMN nickname text, ADD COLUMN phone text, ADD COLUMN doc jsonb",
        database=road.source_name,
    )
    path = road.pipeline(
        more="countries: [IT]\naccept: [live-range:people.phone, live-range:people.absent]\n"
    )
    paths = '{"$.home": phone, "$.work": phone}'
    changed = f"born: keep, phone: phone, doc: {{use: json, with: {{paths: {paths}}}}}"
    path.write_text(path.read_text().replace("born: keep", changed))
    return path


IDS = (
    "uncovered:public.people.nickname",
    "live-range:public.people.phone",
    "live-range:public.people.doc",
    "stale-acceptance:live-range:public.people.absent",
)


def test_every_finding_is_told_once(road, mixed, masker):
    said = masker("plan", mixed, **road.urls)
    assert said.code == 3
    told = [line.split() for line in said.text.splitlines()]
    heads = [words[1] for words in told if words[:1] in (["error"], ["warning"], ["note"])]
    assert sorted(heads) == sorted(IDS)
    assert "(accepted)" in said.err
    assert "2 findings stop this" in said.err
    assert "Next:" not in said.text


def test_every_finding_stands_in_the_document_once(road, mixed, masker):
    said = masker("plan", mixed, "--json", **road.urls)
    assert said.code == 3
    assert sorted(found["id"] for found in said.json["findings"]) == sorted(IDS)


def test_the_reasons_of_a_refusal_decide_on_the_code(road, mixed, masker):
    """Without the undecided column only a warning stops it, which is mended in the file."""
    mixed.write_text(mixed.read_text().replace("born: keep", "born: keep, nickname: keep"))
    for arguments in ([], ["--json"]):
        assert masker("plan", mixed, *arguments, **road.urls).code == 2
    accepted = mixed.read_text().replace("accept: [", "accept: [live-range:people.doc, ")
    mixed.write_text(accepted)
    for arguments in ([], ["--json"]):
        assert masker("plan", mixed, *arguments, **road.urls).code == 0


def test_a_plan_that_nothing_stops_says_what_comes_next(road, masker):
    path = road.pipeline()
    said = masker("plan", path, **road.urls)
    assert said.code == 0
    assert said.out.endswith(f"\nNothing stops this. Next: masker run {path}\n")

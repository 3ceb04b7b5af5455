"""`scan`: a screen for people, one object per column for programs; never a value."""

import json


def test_a_screen(road, masker):
    said = masker("scan", road.source)
    assert said.code == 0
    lines = said.out.splitlines()
    assert lines[0] == "public.notes"
    assert lines[1].split() == ["body", "contains", "FREE_TEXT", *lines[1].split()[3:]]
    assert "6 columns of 2 tables: 4 personal, 0 for a person to decide" in said.out
    assert "is seen with 99.0 %" in said.out
    assert "Anna" not in said.text
    assert "mail.test" not in said.text


def test_one_object_per_column(road, masker, tmp_path):
    said = masker("scan", road.source, "--json", "--out", tmp_path / "scan.json")
    columns = said.json["columns"]
    assert [(c["table"], c["column"]) for c in columns] == [
        ("public.notes", "person_id"),
        ("public.notes", "body"),
        ("public.people", "id"),
        ("public.people", "name"),
        ("public.people", "email"),
        ("public.people", "born"),
    ]
    mail = next(c for c in columns if c["column"] == "email")
    assert set(mail) == {
        "table", "column", "type", "entity", "finding", "score", "perhaps", "evidence", "reasons",
        "sampled_rows", "distinct_values", "detection_power", "verdict", "why",
    }  # fmt: skip
    assert mail["evidence"] == ["name", "values"]
    assert (mail["sampled_rows"], mail["distinct_values"], mail["verdict"]) == (50, 50, "email")
    assert json.loads((tmp_path / "scan.json").read_text()) == said.json
    assert "Anna" not in said.text


def test_rows_and_schemas_are_chosen(road, production, masker):
    production.sql("CREATE SCHEMA other; CREATE TABLE other.t (a text)", database=road.source_name)
    said = masker("scan", road.source, "--schema", "other", "--rows", "100", "--json")
    assert [c["table"] for c in said.json["columns"]] == ["other.t"]
    assert said.json["rows_per_table"] == 100
    assert said.json["detection_power"] < 0.1


def test_a_variable_that_is_not_set(masker):
    said = masker("scan", "${NOWHERE}")
    assert said.code == 2
    assert "NOWHERE" in said.err


def test_what_a_scan_says_is_held_against_labels(road, masker, tmp_path):
    masker("scan", road.source, "--out", tmp_path / "scan.json")
    labels = tmp_path / "labels.json"
    place = {"table": "people", "column": "email", "kind": "EMAIL_ADDRESS", "tier": "must"}
    labels.write_text(json.dumps([place]))
    said = masker("detect", "evaluate", labels, tmp_path / "scan.json", "--json")
    assert said.json["tiers"]["must"]["recall"] == 1

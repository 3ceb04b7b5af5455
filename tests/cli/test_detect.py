"""`detect evaluate`: a table of figures for people, one object for programs."""

import json

LABELS = [
    {"table": "users", "column": "mail", "kind": "EMAIL_ADDRESS", "tier": "must"},
    {"table": "users", "column": "note", "kind": "FREE_TEXT", "tier": "should"},
    {"table": "usres", "column": "id", "tier": "none"},
]
SCAN = {
    "columns": [
        {"table": "public.users", "column": "mail", "entity": "EMAIL_ADDRESS"},
        {"table": "public.users", "column": "note", "entity": None},
        {"table": "public.users", "column": "id", "entity": "PHONE_NUMBER"},
    ]
}


def files(folder, labels=LABELS, scan=SCAN):
    paths = folder / "labels.json", folder / "scan.json"
    for path, written in zip(paths, (labels, scan), strict=True):
        path.write_text(written if isinstance(written, str) else json.dumps(written))
    return paths


def test_figures_misses_and_alarms(masker, tmp_path):
    said = masker("detect", "evaluate", *files(tmp_path))
    assert said.code == 0
    assert "all                   2      1       1      0.500   0.500  0.500  0.500" in said.out
    assert "missed       users.note  FREE_TEXT, should" in said.out
    assert "false alarm  public.users.id  PHONE_NUMBER" in said.out
    assert "must: 1 of 1 found" in said.out
    assert "did you mean `users`?" in said.err


def test_as_json(masker, tmp_path):
    said = masker("detect", "evaluate", *files(tmp_path), "--json")
    assert said.json["overall"]["f2"] == 0.5
    assert said.json["false_alarms"] == [{"column": "public.users.id", "entity": "PHONE_NUMBER"}]
    assert [found["code"] for found in said.json["findings"]] == ["label-not-scanned"]


def test_what_is_no_json_and_what_is_not_there(masker, tmp_path):
    labels, scan = files(tmp_path, labels="anna@example.com, {")
    said = masker("detect", "evaluate", labels, scan)
    assert (said.code, "anna" in said.text) == (2, False)
    assert masker("detect", "evaluate", tmp_path / "none.json", scan).code == 2

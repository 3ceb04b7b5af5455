"""`masker snapshot` and `masker load` with a URL that brings its own password."""

import errno
import sqlite3
from contextlib import closing
from unittest.mock import Mock

import fsspec
import pytest

from tests.cli.conftest import KEY, POLICY

URL = "memory://u:S3CRET@bucket/shop?token=S3CRET"
TOLD = "memory://bucket/shop"


@pytest.fixture
def urls(tmp_path):
    with closing(sqlite3.connect(tmp_path / "origin.db")) as db:
        db.executescript(
            "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, email TEXT, born DATE);"
            "CREATE TABLE notes (person_id INTEGER REFERENCES people, body TEXT);"
            "INSERT INTO people VALUES (1, 'Anna Schmidt', 'anna@mail.test', '1980-01-01');"
        )
    (tmp_path / "people.yaml").write_text(POLICY.format(source="", target="", more=""))
    yield {
        "SOURCE_URL": f"sqlite:///{tmp_path}/origin.db",
        "TARGET_URL": "sqlite:///staging.db",
        "MASKER_KEY": KEY,
    }
    fsspec.filesystem("memory").rm("/", recursive=True)


def test_no_output_and_no_record_holds_what_brings_somebody_in(urls, masker, tmp_path):
    made = masker("snapshot", "people.yaml", "--out", URL, **urls)
    assert made.code == 0, made.err
    assert made.out.startswith(f"sealed {TOLD} ")
    assert f"Next: masker load {TOLD} " in made.out
    as_json = masker("snapshot", "people.yaml", "--out", f"{URL}2", "--json")
    assert as_json.json["path"] == TOLD
    over = masker("snapshot", "people.yaml", "--out", URL)
    assert (over.code, "snapshot-exists" in over.err) == (2, True)
    loaded = masker("load", URL, "${TARGET_URL}")
    assert loaded.code == 0, loaded.err
    assert f"from      {TOLD}," in loaded.out
    nothing = masker("load", "memory://u:S3CRET@bucket/none?token=S3CRET", "${TARGET_URL}")
    assert (nothing.code, "no-snapshot" in nothing.err) == (2, True)
    refused = masker("load", "ftp://u:S3CRET@127.0.0.1:1/x", "${TARGET_URL}")
    assert (refused.code, "store-unreachable" in refused.err) == (6, True)
    chained = masker("snapshot", "people.yaml", "--out", "simplecache::ftp://u:S3CRET@h/x")
    assert (chained.code, "snapshot-place" in chained.err) == (2, True)
    runs = masker("runs")
    every = [made, as_json, over, loaded, nothing, refused, chained, runs]
    assert [said.text for said in every if "S3CRET" in said.text] == []
    records = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert "ledger.jsonl" in {path.name for path in records}
    assert [path.name for path in records if b"S3CRET" in path.read_bytes()] == []


def test_a_remainder_that_cannot_be_dropped_is_told_and_stops_nothing(
    urls, masker, tmp_path, monkeypatch
):
    (tmp_path / ".made.masker-theirs").mkdir()
    denied = PermissionError(errno.EACCES, "Permission denied")
    monkeypatch.setattr("masker.snapshots.folder._drop", Mock(side_effect=denied))
    made = masker("snapshot", "people.yaml", "--out", "made", "--json", **urls)
    assert made.code == 0, made.err
    told = {each["code"]: each["subject"] for each in made.json["manifest"]["findings"]}
    assert told["orphan-not-dropped"] == ".made.masker-theirs"


def without(urls):
    """Return the environment of a machine that has no key."""
    return {name: value for name, value in urls.items() if name != "MASKER_KEY"}


@pytest.mark.parametrize(
    ("sealer", "code"), [({"MASKER_KEY": KEY[::-1]}, "seal-unkeyed"), ({}, "seal-without-key")]
)
def test_a_seal_that_leaves_out_the_key_at_hand_needs_a_yes(urls, masker, tmp_path, sealer, code):
    made = masker(
        "snapshot", "people.yaml", "--out", "snap", "--json", **{**without(urls), **sealer}
    )
    assert made.code == 0, made.err
    refused = masker("load", "snap", "${TARGET_URL}", MASKER_KEY=KEY)
    assert refused.code == 3
    assert f"warning {code}\n" in refused.err
    assert f"accept: if it may be so, --accept {code}\n" in refused.err
    assert not (tmp_path / "staging.db").exists()
    accepted = masker("load", "snap", "${TARGET_URL}", "--accept", code)
    assert (accepted.code, f"warning {code} (accepted)" in accepted.err) == (0, True)
    compared = masker("load", "snap", "${TARGET_URL}", "--seal", made.json["seal"])
    assert (compared.code, code in compared.err) == (0, False)


def test_without_a_key_what_is_not_proved_is_told_before_the_target_is_looked_at(
    urls, masker, monkeypatch
):
    assert masker("snapshot", "people.yaml", "--out", "snap", **urls).code == 0
    monkeypatch.delenv("MASKER_KEY")
    loaded = masker("load", "snap", "${TARGET_URL}", "--quiet")
    assert (loaded.code, loaded.err.count("note seal-unkeyed")) == (0, 1)
    nowhere = masker("load", "snap", "sqlite:///no/where.db", "--quiet")
    assert nowhere.code == 2
    assert 0 <= nowhere.err.index("note seal-unkeyed") < nowhere.err.index("no-folder")

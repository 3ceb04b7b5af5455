"""`masker.run` as the README calls it: a path, as a text or not, and the process's environment."""

from pathlib import Path

import pytest

import masker
from tests.pipelines.refreshes import KEY

POLICY = """
version: 1
name: tiny
source: {url: "${SOURCE_URL}"}
target: {url: "${TARGET_URL}"}
columns: {people: {id: keep, name: full_name}}
"""


@pytest.fixture
def target(production, staging, fresh_database, monkeypatch, tmp_path):
    """Return the target's name, in a folder with `pipeline.yaml`."""
    source, target = fresh_database(production, "tiny"), fresh_database(staging, "tiny")
    production.sql(
        "CREATE TABLE people (id int PRIMARY KEY, name text);"
        "INSERT INTO people VALUES (1, 'Anna Schmidt')",
        database=source.rpartition("/")[2],
    )
    monkeypatch.chdir(tmp_path)
    Path("pipeline.yaml").write_text(POLICY)
    monkeypatch.setenv("SOURCE_URL", source)
    monkeypatch.setenv("TARGET_URL", target)
    monkeypatch.setenv("MASKER_KEY", KEY)
    name = target.rpartition("/")[2]
    yield name
    staging.drop_database(f"{name}_masker_previous")


@pytest.mark.parametrize("form", [str, Path], ids=["text", "path"])
def test_a_path_in_either_form(target, staging, form):
    done = masker.run(form("pipeline.yaml"))
    assert done.outcome == "published"
    assert done.rows == {"public.people": 1}
    assert done.manifest_path.parent == Path("masker-records")
    assert done.manifest_path.is_file()
    assert staging.sql("SELECT name FROM people", database=target) not in {"", "Anna Schmidt"}


def test_a_refusal_names_its_manifest_to_whoever_catches_it(target):
    Path("pipeline.yaml").write_text(POLICY.replace(", name: full_name", ""))
    with pytest.raises(masker.UnsafeError, match=r"uncovered:public\.people\.name") as refused:
        masker.run("pipeline.yaml")
    (manifest,) = Path("masker-records").glob("tiny-*.json")
    assert refused.value.__notes__ == [f"manifest: {manifest}"]

"""Every command on SQLite files, with the screens and the JSON that servers have."""

import sqlite3
from contextlib import closing

import pytest

from tests.cli.conftest import KEY, POLICY


@pytest.fixture
def files(tmp_path):
    """Return the environment of a source and a target, and a pipeline between them."""
    with closing(sqlite3.connect(tmp_path / "origin.db")) as db:
        db.executescript(
            "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT UNIQUE,"
            " born DATE);"
            "CREATE TABLE notes (person_id INTEGER REFERENCES people, body TEXT);"
        )
        people = [
            (n, f"Anna Schmidt {n}", f"anna{n}@mail.test", "1980-01-01") for n in range(1, 51)
        ]
        db.executemany("INSERT INTO people VALUES (?, ?, ?, ?)", people)
        notes = [(n, "called on a day in May") for n in range(1, 51)]
        db.executemany("INSERT INTO notes VALUES (?, ?)", notes)
        db.commit()
    path = tmp_path / "people.yaml"
    path.write_text(POLICY.format(source="", target="", more=""))
    urls = {
        "SOURCE_URL": f"sqlite:///{tmp_path}/origin.db",
        "TARGET_URL": "sqlite:///staging.db",  # relative to the folder that masker is called in
        "MASKER_KEY": KEY,
    }
    return path, urls


def test_a_preview_in_a_pipe_ends_no_line_with_blanks(files, masker):
    path, urls = files
    said = masker("preview", path, "--table", "people", "--rows", 2, **urls)
    assert (said.code, said.out.count("row ")) == (0, 2), said.err
    assert "full_name" in said.out
    assert not [line for line in said.out.splitlines() if line != line.rstrip()]


def test_scan_and_init(files, masker, tmp_path):
    _, urls = files
    said = masker("scan", urls["SOURCE_URL"], "--json")
    found = {column["column"]: column["entity"] for column in said.json["columns"]}
    assert (said.code, found["email"], found["name"]) == (0, "EMAIL_ADDRESS", "PERSON")
    said = masker("init", "${SOURCE_URL}", "--no-values", "--out", "drafted.yaml", **urls)
    assert said.code == 0
    assert "main.people:" in (tmp_path / "drafted.yaml").read_text()
    assert masker("check", "drafted.yaml").code == 0
    assert "Anna" not in said.text


def test_plan_run_run_again_and_roll_back(files, masker, tmp_path):
    path, urls = files
    said = masker("plan", path, **urls)
    assert said.code == 0
    assert "main.people: about 50 rows" in said.out
    assert "INSERT" in said.out
    assert masker("plan", path, "--json").json["workers"] == 1
    first = masker("run", path, "--json").json
    assert (first["outcome"], first["rows"]) == ("published", {"main.notes": 50, "main.people": 50})
    said = masker("run", path, "--workers", 2)
    assert said.code == 0
    assert "published sqlite:///" in said.out
    back = masker("rollback", path, "--json").json
    assert back == {
        "target": "staging.db", "now": first["run"], "previous": "staging.db_masker_previous"
    }  # fmt: skip
    with closing(sqlite3.connect(tmp_path / "staging.db")) as db:
        assert db.execute("SELECT count(*) FROM people WHERE email LIKE 'anna%'").fetchone() == (0,)


def test_a_subset_and_why(files, masker):
    path, urls = files
    said = masker("plan", path, "--root", "people where id = 7", "--why", "notes:7", **urls)
    assert said.code == 2  # notes have no key to name a row by
    said = masker("plan", path, "--root", "people where id = 7", "--why", "people:7", **urls)
    assert (said.code, said.out.splitlines()[0]) == (0, "people:7 is kept:")
    said = masker("run", path, "--root", "people where id = 7", "--json", **urls)
    assert said.json["rows"] == {"main.notes": 1, "main.people": 1}


@pytest.mark.parametrize(
    ("urls", "code", "told"),
    [
        pytest.param({"SOURCE_URL": "sqlite:///nowhere.db"}, 2, "does not exist", id="no source"),
        pytest.param({"TARGET_URL": "sqlite:///no/where.db"}, 2, "no-folder", id="no folder"),
        pytest.param({"TARGET_URL": "sqlite:///origin.db"}, 3, "same-database", id="one file"),
        pytest.param({"TARGET_URL": "postgresql://h/d"}, 2, "engines-differ", id="two engines"),
        pytest.param({"TARGET_URL": "sqlte:///b.db"}, 2, "did you mean `sqlite`?", id="a slip"),
    ],
)
def test_refusals_say_what_to_do(files, masker, urls, code, told):
    path, own = files
    said = masker("run", path, **{**own, **urls})
    assert (said.code, told in said.err) == (code, True), said.err
    assert "help:" in said.err


@pytest.mark.parametrize(
    "command", ["snapshot --out snap", "run", "scan", "preview -t people", "init"]
)
@pytest.mark.parametrize("whole", [True, False])
def test_a_path_in_place_of_a_url_is_understood(files, masker, tmp_path, command, whole):
    name = str(tmp_path / "origin.db") if whole else "origin.db"
    said = masker(*command.split(), name)
    assert said.code == 2
    assert f"sqlite:///{name}" in said.err
    assert "UTF-8" not in said.err


@pytest.mark.parametrize("command", ["preview -t people", "check", "plan", "run"])
@pytest.mark.parametrize("url", ["${URL}", "postgresql://reader:hunter2@host/db"])
def test_a_url_in_place_of_a_pipeline_is_understood(masker, command, url):
    said = masker(*command.split(), url)
    assert said.code == 2
    assert "a URL, or a variable, stands where the path of a file is wanted" in said.err
    assert "name the pipeline's file" in said.err
    assert "hunter2" not in said.text


def test_a_path_in_place_of_a_target_s_url_is_understood(files, masker):
    path, urls = files
    assert masker("snapshot", path, "--out", "snap", **urls).code == 0
    said = masker("load", "snap", "origin.db")
    assert (said.code, "did you mean `sqlite:///origin.db`?" in said.err) == (2, True)

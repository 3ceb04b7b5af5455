"""`after: file.sql`: staging's own settings, on the new data, before it is searched."""

import json

import pytest

SETTINGS = """\
-- what only staging has; %s takes the search path of the database
CREATE TABLE flags (name text PRIMARY KEY, value text NOT NULL);
INSERT INTO flags VALUES ('mail', 'off; nobody''s');
UPDATE people SET email = 'tester@staging.example' WHERE id = 1;
INSERT INTO people VALUES (1000, 'Test Er', 'er@staging.example', NULL);
DELETE FROM notes WHERE person_id = 2;
"""


def count(server, road, where) -> str:
    return server.sql(
        f"COPY (SELECT count(*) FROM {where}) TO STDOUT", database=road.target_name
    ).strip()


@pytest.fixture
def after(road, tmp_path):
    """Write the statements and the pipeline that names them."""

    def write(text: str, *, more: str = "", **options: str):
        (tmp_path / "staging.sql").write_text(text)
        return road.pipeline(more=f"after: ./staging.sql\n{more}", **options)

    return write


def test_the_statements_are_there_when_it_is_published(road, staging, masker, after):
    said = masker("run", after(SETTINGS), "--json", **road.urls)
    assert said.code == 0, said.text
    assert count(staging, road, "flags WHERE value = 'off; nobody''s'") == "1"
    assert count(staging, road, "people WHERE email = 'tester@staging.example'") == "1"
    assert count(staging, road, "people") == "51"
    assert count(staging, road, "notes") == "49"
    assert {"arrival", "after"} <= set(said.json["audit"]["seconds"])


def test_the_plan_names_them_and_changes_with_them(road, masker, after):
    pipeline = after(SETTINGS)
    first = masker("plan", pipeline, **road.urls)
    assert "  after     ./staging.sql (" in first.out
    before = masker("plan", pipeline, "--json", **road.urls).json
    after(SETTINGS + "\nSELECT 1;")
    now = masker("plan", pipeline, "--json", **road.urls).json
    assert before["after"] != now["after"]
    assert before["fingerprint"] != now["fingerprint"]


def test_each_phase_is_told_once_and_theirs_between_the_audits_parts(road, masker, after):
    said = masker("run", after(SETTINGS), "--log-format", "json", **road.urls)
    assert said.code == 0, said.text
    told = [json.loads(line) for line in said.err.splitlines()]
    phases = [each["phase"] for each in told if each["event"] == "phase"]
    assert len(phases) == len(set(phases))
    begin = phases.index("arrival")
    assert phases[begin : begin + 3] == ["arrival", "after", "audit"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("SELECT 1;\nUPDATE nowhere SET a = 'Anna Secret';\n", ", line 2"),
        pytest.param("SELECT 1;\nSELEC 'Anna Secret';\n", ", line 2", marks=pytest.mark.long),
        ("INSERT INTO people VALUES (1, 'Anna Secret');\n", ""),
        pytest.param(
            "DO $$BEGIN RAISE EXCEPTION 'Anna Secret'; END$$;\n", "", marks=pytest.mark.long
        ),
        ("COPY people FROM STDIN;\n", ""),
    ],
)
def test_one_that_fails_stops_the_run(road, staging, masker, after, text, line):
    assert masker("run", road.pipeline(), "-q", **road.urls).code == 0
    pipeline = after("CREATE TABLE flags ();\n" * (not line) + text)
    said = masker("run", pipeline, "-q")
    assert said.code in {2, 5}, said.text
    assert f"./staging.sql`{line}" in said.err
    assert "help:" in said.err
    assert "Anna Secret" not in said.text
    assert count(staging, road, "pg_class WHERE relname = 'flags'") == "0"
    assert count(staging, road, "pg_database WHERE datname ~ 'masker_2'") == "0"


@pytest.mark.parametrize(
    ("statement", "place"),
    [
        ("UPDATE people SET email = 'anna7@mail.test' WHERE id = 7", "public.people.email"),
        pytest.param(
            "UPDATE notes SET body = 'ask anna9@mail.test, please'",
            "public.notes.body",
            marks=pytest.mark.long,
        ),
        pytest.param(
            "CREATE TABLE testers AS SELECT 'Anna Schmidt 12' AS name",
            "public.testers.name",
            marks=pytest.mark.long,
        ),
        pytest.param(
            "COMMENT ON TABLE people IS 'see anna11@mail.test'",
            "public.people",
            marks=pytest.mark.long,
        ),
    ],
)
def test_a_source_value_that_they_write_is_a_leak(road, staging, masker, after, statement, place):
    assert masker("run", road.pipeline(), "-q", **road.urls).code == 0
    old = count(staging, road, "people")
    said = masker("run", after(f"{statement};"), "-q")
    assert said.code == 4, said.text
    assert place in said.err
    assert "mail.test" not in said.text
    assert "Schmidt" not in said.text
    assert count(staging, road, "people") == old
    assert count(staging, road, "people WHERE email ~ 'mail.test'") == "0"


@pytest.mark.parametrize("command", ["check", pytest.param("plan", marks=pytest.mark.long), "run"])
@pytest.mark.parametrize(
    ("text", "complaint"),
    [("  \n", "holds no statement"), ("\\set on 1\nSELECT 1;", "command of psql")],
)
def test_what_is_no_statement_is_told_with_its_place(road, masker, after, command, text, complaint):
    said = masker(command, after(text), **road.urls)
    assert said.code == 2
    assert complaint in said.err
    assert "bad-after" in said.err


def test_a_file_that_is_not_there_is_told_with_the_line(road, masker):
    pipeline = road.pipeline(more="after: ./nowhere.sql\n")
    said = masker("check", pipeline, **road.urls)
    assert said.code == 2
    assert f"{pipeline.name}:8:8" in said.err
    assert "the file that `after` names cannot be read" in said.err

"""What a person sees, letter by letter; renew with `MASKER_RENEW=1 pytest tests/cli`, then read."""

import os
import re
from pathlib import Path

import pytest

SCREENS = Path(__file__).parent / "screens"
CHANGING = (
    (r"127\.0\.0\.1:\d+", "127.0.0.1:PORT"),
    (r"\bpeople_\d+", "people"),
    (r"people-\d+\.yaml", "people.yaml"),
    (r"\d{14}_[0-9a-f]{4}", "RUN"),
    (r"plan [0-9a-f]{8,}", "plan FINGERPRINT"),
    (r"(?:^✓ .*\n)+", "✓ PHASE SECONDS s\n"),  # see test_screen.py: those of no time are not told
    (r" *[\d.]+ s\b", " SECONDS s"),
    (r"[\d,]+ rows/s", "RATE rows/s"),
    (r"[\d.]+ (?:KiB|MiB|kB|MB)", "SIZE"),
    (r"\b[\d,]+ values searched", "MANY values searched"),
)


def shown(command: str, said, folder: Path) -> str:
    text = f"$ masker {command}\n{said.out}{said.err}exit {said.code}\n"
    text = text.replace(f"{folder}/", "")
    for pattern, word in CHANGING:
        text = re.sub(pattern, word, text, flags=re.MULTILINE)
    return text


def compare(name: str, text: str) -> None:
    path = SCREENS / f"{name}.txt"
    if os.environ.get("MASKER_RENEW"):
        path.write_text(text)
    assert text == path.read_text()


@pytest.mark.parametrize(
    ("name", "arguments", "changes"),
    [
        pytest.param("check", ["check"], {}, id="check"),
        pytest.param("plan", ["plan"], {}, id="plan"),
        pytest.param("run", ["run"], {}, id="run"),
        pytest.param(
            "wrong_file",
            ["check"],
            {
                "target": ", mode: swop",
                "more": "rules: [bsae]\ntables: {people: }\nuncovered: keep\nworkers: none\n",
            },
            id="wrong file",
        ),
        pytest.param(
            "wrong_policy",
            ["run"],
            {"more": "  peple: {name: keep}\naccept: [live-range:people.phone]\n"},
            id="wrong policy",
        ),
    ],
)
def test_a_screen(road, masker, name, arguments, changes):
    pipeline = road.pipeline(**changes)
    said = masker(*arguments, pipeline, **road.urls)
    compare(name, shown(" ".join([*arguments, "people.yaml"]), said, road.folder))


def test_a_warning_says_how_it_is_accepted(road, masker):
    """The line that it names is one that works."""
    path = road.pipeline(more="countries: [IT]\n")
    path.write_text(path.read_text().replace("body: fake_text", "body: phone"))
    said = masker("run", path, **road.urls)
    compare("to_accept", shown("run people.yaml", said, road.folder))
    (line,) = re.findall(r"^ +(- live-range:.*)$", said.err, re.MULTILINE)
    path.write_text(f"{path.read_text()}accept:\n  {line}\n")
    assert masker("plan", path).code == 0


def test_a_column_that_is_new(road, production, masker):
    production.sql(
        "ALTER TABLE people ADD nickname text, ADD photo bytea; CREATE TABLE likes (what text)",
        database=road.source_name,
    )
    said = masker("run", road.pipeline(), **road.urls)
    compare("new_column", shown("run people.yaml", said, road.folder))


def test_everything_that_is_wrong_with_a_target(road, staging, masker):
    staging.create_database("people_prod")
    staging.sql("CREATE TABLE mine (id int)", database="people_prod")
    try:
        urls = {**road.urls, "TARGET_URL": staging.url("people_prod")}
        said = masker("run", road.pipeline(), **urls)
    finally:
        staging.drop_database("people_prod")
    compare("unsafe_target", shown("run people.yaml", said, road.folder))


@pytest.mark.parametrize(
    ("name", "command"),
    [
        pytest.param("no_file", "run nowhere.yaml", id="no file"),
        pytest.param("no_argument", "run", id="no argument"),
        pytest.param("no_transformer", "show emial", id="no transformer"),
        pytest.param("no_key", "keys id", id="no key"),
        pytest.param("show_null", "show null", id="show null"),
        pytest.param("show_email", "show email", id="show email"),
        pytest.param("scale", "demo --scale 0", id="no scale"),
    ],
)
def test_a_screen_without_a_database(masker, tmp_path, name, command):
    compare(name, shown(command, masker(*command.split()), tmp_path))


def test_every_screen_belongs_to_a_test():
    source = Path(__file__).read_text()
    assert [path.stem for path in SCREENS.glob("*.txt") if f'"{path.stem}"' not in source] == []

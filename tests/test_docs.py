"""docs/ is true: the reference is what the code says, commands parse, pipelines read, links lead on."""

import importlib
import re
import shlex
import sys
import textwrap
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from masker.cli.app import run_command_line
from masker.errors import MaskerError
from masker.rules import unacceptable
from masker.rules.environment import Environment
from masker.rules.packs import read_pack
from masker.rules.pipeline import Pipeline, not_yet, parse_pipeline
from masker.transformers import registry

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
LINKED = [*PAGES, ROOT / "README.md", ROOT / "CHANGELOG.md"]
WRITTEN = [page for page in PAGES if page.parent == DOCS]
# A fence may stand indented, inside a list.
FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
SHELLS = {"sh", "console"}


def _load(name):
    sys.path.insert(0, str(DOCS))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(DOCS))


generate = _load("generate")
pipeline_keys = _load("pipeline_keys")
codes = _load("finding_codes").collect(ROOT)


def blocks(page, *languages):
    found = FENCE.findall(page.read_text(encoding="utf-8"))
    return [body for _, language, body in found if language in languages]


def named(pairs):
    return [pytest.param(page, text, id=f"{page.stem}-{text[:40]}") for page, text in pairs]


# -- the reference


@pytest.mark.parametrize("name", sorted(generate.PAGES))
def test_the_reference_is_what_the_code_says(name):
    committed = (generate.FOLDER / name).read_text(encoding="utf-8")
    assert committed == generate.PAGES[name](), "run `make docs` and commit what it writes"


def test_nothing_else_lies_in_the_reference():
    assert {path.name for path in generate.FOLDER.iterdir()} == set(generate.PAGES)


def test_codes_are_found_wherever_they_are_told():
    assert {"uncovered", "live-range", "subscription", "column-missing", "collision"} <= set(codes)
    assert codes["leak"].told == {"error"}
    assert codes["target-in-use"].told == {"exit 6"}


@pytest.mark.parametrize("code", sorted(unacceptable.ERRORS))
def test_what_cannot_be_accepted_is_an_error_wherever_it_is_told(code):
    # What is raised ends a command at once and cannot be accepted either.
    assert all(told == "error" or told.startswith("exit ") for told in codes[code].told)


@pytest.mark.parametrize("code", sorted(codes))
def test_a_code_has_its_sentence(code):
    sentence = generate.sentences().get(code, "")
    assert sentence.endswith("."), f"write `{code}` into docs/findings.toml"


def test_no_sentence_is_left_without_its_code():
    assert set(generate.sentences()) - set(codes) == set()


@pytest.mark.parametrize("name", sorted(registry.BUILT_IN))
def test_a_transformer_tells_what_it_does(name):
    kind = registry.get(name)
    assert kind.sentence.endswith(".")
    assert all(param.meaning for param in kind.params)
    assert f"### `{name}`\n" in generate.transformers_page()


@pytest.mark.parametrize(
    ("path", "key", "meaning"),
    [
        pytest.param(path, key, meaning, id=f"{path}-{key}")
        for path, model in pipeline_keys.sections()
        for key, _, _, meaning in pipeline_keys.keys(model)
    ],
)
def test_a_key_of_the_language_tells_what_it_means(path, key, meaning):
    assert meaning, f"`{key}` of {path} has no attribute docstring"


def test_what_is_not_there_yet_is_marked():
    text = """
version: 1
name: later
source: {url: "postgresql://h/a"}
target: {url: "postgresql://h/b"}
subset: {roots: [{table: t, sample: 5%}]}
audit: {fidelity: {min: 0.9}}
after_publish: b.sh
expires: 14d
"""
    read = parse_pipeline(text, file="later.yaml", environ={})
    told = {finding.subject.replace("[0]", "") for finding in not_yet(read)}
    assert told == pipeline_keys.NOT_YET
    limits = (DOCS / "limits.md").read_text(encoding="utf-8")
    assert all(f"`{key.partition('.')[0]}" in limits for key in told)


# -- the command line


@pytest.mark.parametrize("name", [name for name, _ in generate.commands()])
def test_a_command_has_its_docs(name):
    page = (DOCS / "commands.md").read_text(encoding="utf-8")
    assert re.search(rf"^\$ .*\b{name}\b", page, re.MULTILINE), f"show `{name}` in docs/commands.md"


@pytest.mark.parametrize(
    "command", [pytest.param(command, id=name) for name, command in generate.commands()]
)
def test_every_option_tells_what_it_means(command):
    assert command.help
    assert [each.name for each in command.params if not each.help] == []


@pytest.mark.parametrize(
    "command", [pytest.param(command, id=name) for name, command in generate.commands()]
)
def test_every_command_gives_json(command):
    assert "--json" in {option for each in command.params for option in each.opts}


def test_every_exit_code_stands_in_the_table():
    def below(kind):
        return {kind.exit_code}.union(*(below(each) for each in kind.__subclasses__()))

    page = (DOCS / "commands.md").read_text(encoding="utf-8")
    shown = {int(code) for code in re.findall(r"^\| (\d+) \|", page, re.MULTILINE)}
    assert shown == below(MaskerError) | {0}


def _commands(page):
    lines = "\n".join(blocks(page, *SHELLS)).splitlines()
    inline = re.findall(r"`(masker [a-z][^`]*)`", FENCE.sub("", page.read_text(encoding="utf-8")))
    shown = [line.removeprefix("$ ") for line in lines]
    found = [line for line in (*shown, *inline) if line.startswith("masker ")]
    return [line for line in found if "COMMAND" not in line and "…" not in line]


@pytest.mark.parametrize(
    ("page", "command"), named((page, each) for page in WRITTEN for each in _commands(page))
)
def test_a_command_that_is_shown_parses(page, command, capsys):
    """Options are parsed before `--help` is answered, so an unknown one is told."""
    words = shlex.split(command, comments=True)[1:]
    words = words[: words.index(">")] if ">" in words else words
    assert run_command_line([*words, "--help"]) == 0, capsys.readouterr().err


# -- examples and links

BEGIN = {
    "version": "version: 1",
    "name": "name: example",
    "source": 'source: {url: "postgresql://h/a"}',
    "target": 'target: {url: "postgresql://h/b"}',
}


@pytest.mark.parametrize(
    ("page", "text"), named((page, each) for page in WRITTEN for each in blocks(page, "yaml"))
)
def test_a_pipeline_that_is_shown_reads(page, text, tmp_path):
    """A part of a pipeline is completed, one of a table too; what has rules with ids is a pack."""
    (tmp_path / "staging-settings.sql").write_text("SELECT 1;")  # it may name that file
    written = YAML(typ="safe").load(text)
    if not set(written) & set(Pipeline.model_fields):
        text = "columns:\n  customers:\n" + textwrap.indent(text, "    ")
    if isinstance(written.get("rules"), list) and isinstance(written["rules"][0], dict):
        read_pack(text, name=page.stem, file=page.name, environment=Environment({}, DOCS))
        return
    begin = [line for key, line in BEGIN.items() if key not in written]
    whole = "\n".join([*begin, text])
    file = tmp_path / page.name
    assert not parse_pipeline(whole, file=file, environ={}, lenient=True).findings.blocking


def _anchors(page):
    """Return the anchors of a page's headings, as GitHub makes them."""
    heads = re.findall(r"^#+ (.*)$", FENCE.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", LINKED, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    dead = []
    for path, anchor in re.findall(r"\]\(([^)#\s]*)(?:#([^)\s]+))?\)", text):
        if path.startswith("https://"):
            continue
        there = page.parent / path if path else page
        if not there.exists() or (anchor and anchor not in _anchors(there)):
            dead.append(f"{path}#{anchor}")
    assert dead == []


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: page.stem)
def test_codes_in_tables_are_codes(page):
    """A table whose first column is `code` names findings that exist."""
    tables = re.findall(r"^\| code \|.*\n\|[-| ]+\n((?:\|.*\n?)+)", page.read_text(), re.MULTILINE)
    first = [line.split("|")[1] for table in tables for line in table.splitlines()]
    shown = {code for cell in first for code in re.findall(r"`([a-z-]+)`", cell)}
    assert shown - set(codes) == set()


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: page.stem)
def test_every_page_is_reached_from_the_readme(page):
    seen, open_ = set(), [ROOT / "README.md"]
    while open_:
        here = open_.pop()
        for path in re.findall(r"\]\(([^)#\s]+\.md)", here.read_text(encoding="utf-8")):
            there = (here.parent / path).resolve()
            if there.exists() and there not in seen:
                seen.add(there)
                open_.append(there)
    assert page.resolve() in seen

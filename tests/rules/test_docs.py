"""docs/rules.md names every section, entity and finding, and its examples are right."""

import re
from pathlib import Path

import pytest

from masker.catalog import Kind
from masker.detect.entities import Entity
from masker.rules.environment import Environment
from masker.rules.packs import Match, read_pack, shipped
from masker.rules.pipeline import Pipeline, parse_pipeline

ROOT = Path(__file__).parents[2]
DOCS = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", DOCS, re.DOTALL)
CODES = (
    {"uncovered", "review"}
    | {
        code
        for path in (ROOT / "masker" / "rules").glob("*.py")
        for code in re.findall(
            r"(?:error|warning|note|_written|self\.wrong)\(\s*\"([a-z]+(?:-[a-z]+)*)\"",
            path.read_text(),
        )
    }
    | set(re.findall(r"code=\"([a-z-]+)\"", (ROOT / "masker/rules/document.py").read_text()))
)


def test_codes_were_found():
    assert {"bad-yaml", "uncovered", "contradiction", "password-in-file"} <= CODES


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_finding_has_its_line(code):
    assert f"`{code}`" in DOCS


@pytest.mark.parametrize("entity", [str(entity) for entity in Entity])
def test_every_entity_has_its_line(entity):
    assert re.search(rf"^\|.*\b{entity}\b.*\|", DOCS, re.MULTILINE)


@pytest.mark.parametrize(
    "word",
    [
        *(field.alias or name for name, field in Pipeline.model_fields.items()),
        *Match.model_fields,
        *shipped(),
        *(str(kind) for kind in Kind),
    ],
)
def test_every_word_of_the_language_is_there(word):
    assert re.search(rf"`[^`]*\b{word}\b[^`]*`", DOCS)


def test_the_examples_are_right():
    pipeline, pack = EXAMPLES
    read = parse_pipeline(pipeline, file="docs.yaml", environ={}, lenient=True)
    assert read.name == "shop-nightly"
    rules = read_pack(pack, name="x", file="x.yaml", environment=Environment({}, Path()))
    assert [rule.id for rule in rules.rules] == ["legacy-names", "staff-codes"]

"""Adding what is new to a pipeline: every line of a person stays, and the result reads back."""

import re

import pytest

from masker.rules.merge import merge
from masker.rules.pipeline import parse_pipeline
from masker.rules.proposed import proposed
from masker.rules.resolve import resolve
from tests.rules.catalogs import catalog, table

HEAD = 'version: 1\nname: x\nsource: {url: "${S}"}\ntarget: {url: "${T}"}\n'
MADE = catalog(
    table("a", "id integer!", "email text", "note text"),
    table("b", "id integer!", "a_id integer > a.id", "payload jsonb"),
)


def merged(text, made=MADE):
    pipeline = parse_pipeline(text, file="x.yaml", environ={}, lenient=True)
    return merge(text, pipeline, resolve(pipeline, made), made, proposed(made))


def open_in(text, made=MADE):
    pipeline = parse_pipeline(text, file="x.yaml", environ={}, lenient=True)
    return {(f.code, f.subject) for f in resolve(pipeline, made).findings}


WRITTEN = {
    "nothing": "",
    "no columns": "columns: {}\n",
    "no columns, and more behind": "columns: {}  # none\naccept: []\n",
    "a table": "columns:\n  a:\n    # mine\n    id: keep  # why\n    email: scramble\n",
    "a table of that schema": "columns:\n  public.a:\n    id: keep\n\n  # the end\naccept: []\n",
    "a table in brackets": "columns:\n  a: {id: keep, email: {use: email}}\nworkers: 2\n",
    "an empty table": "columns:\n  a: {}\n",
    "all in brackets": "columns: {a: {id: keep}}\n",
    "brackets over lines": "columns:\n  a: {id: keep,\n    email: email}\n",
    "wide indents": "columns:\n    a:\n        id: keep\n",
    "no line end": "columns:\n  b:\n    payload: redact",
    "lists of verdicts": "columns:\n  a:\n    id: keep\n    email:\n      - {use: email, when: id > 1}\n      - keep\n",
    "long text": "columns:\n  a:\n    id: keep\n    email:\n      use: constant\n      with:\n        value: |\n          hello\n          you\n",
    "windows": "columns:\n  a:\n    id: keep # x\n  b: {}\n",
}


@pytest.mark.parametrize("written", WRITTEN.values(), ids=WRITTEN)
def test_what_is_new_is_added_and_the_rest_stays(written):
    text = HEAD + written
    made = merged(text)
    before = {subject for code, subject in open_in(text) if code == "uncovered"}
    assert {f"{t}.{c}" for t, c in made.added} == before
    after = open_in(made.text)
    assert {code for code, _ in after} <= {"review"}
    kept = [line for line in text.splitlines() if not re.search(r"[{}]", line)]
    lines = iter(made.text.splitlines())
    assert all(line in lines for line in kept)  # in their order
    old = parse_pipeline(text, file="x.yaml", environ={}, lenient=True).columns
    new = parse_pipeline(made.text, file="x.yaml", environ={}, lenient=True).columns
    for key, columns in old.items():
        for column, rules in columns.items():
            assert new[key][column] == rules


@pytest.mark.parametrize("written", WRITTEN.values(), ids=WRITTEN)
def test_adding_twice_adds_nothing(written):
    once = merged(HEAD + written).text
    again = merged(once)
    assert (again.text, again.added) == (once, ())


def test_a_decision_is_kept_and_an_open_line_too():
    text = f"{HEAD}columns:\n  a: {{id: keep, email: keep, note: review}}\n  b: {{id: keep, payload: review}}\n"
    assert merged(text).text == text


def test_what_packs_cover_is_not_new():
    text = f"{HEAD}rules: [base]\n"
    assert {c for _, c in merged(text).added} == set()


def test_what_is_gone_is_told_and_stays():
    text = f"{HEAD}columns:\n  a: {{id: keep, email: email, note: keep, old: keep}}\n  c: {{x: keep}}\n"
    made = merged(text)
    assert set(made.gone) == {"a.old", "c"}
    assert "old: keep" in made.text


def test_tables_that_stay_out_need_no_line():
    text = f"{HEAD}tables: {{a: exclude, b: exclude}}\n"
    assert merged(text).text == text


def test_comments_say_why():
    text = merged(f"{HEAD}columns:\n  a:\n    id: keep\n").text
    assert re.search(r"\n    email: email +# text; EMAIL_ADDRESS 0.95: the name `email`\n", text)

"""Leaks planted in whole runs: each ends with exit code 4, is named by table and column, and
leaves the target as it was."""

import re
from dataclasses import dataclass

import pytest

from masker.cli.app import run_command_line
from masker.errors import LeakError
from tests.e2e import liars
from tests.e2e import world as worlds
from tests.e2e.conftest import MANY
from tests.e2e.world import World

ONE = 777  # who is planted


@dataclass(frozen=True)
class Case:
    """How a leak comes into a run, and where it must be found."""

    found: str
    liar: type | None = None
    alias: str = ""
    plant: str = ""
    undo: str = ""
    doc: str = "keep"


def of_row(column: str, value: str, *, undo: str, **more: str) -> Case:
    """Plant a value in one row of a column."""
    return Case(
        found=f"public.people.{column}",
        plant=f"UPDATE people SET {column} = {value} WHERE id = {ONE}",
        undo=f"UPDATE people SET {column} = {undo} WHERE id = {ONE}",
        **more,
    )


def in_notes(value: str) -> Case:
    return of_row("notes", f"notes || {value}", undo="'has called ' || id % 9 || ' times'")


LYING = {
    "e-mail: itself": Case("public.people.email", liars.EmailItself),
    "e-mail: its neighbour's": Case("public.people.email", liars.EmailNeighbour),
    "e-mail: itself, upper-cased": Case("public.people.email", liars.EmailUpper),
    "phone: itself": Case("public.people.phone", liars.PhoneItself),
    "phone: its neighbour's": Case("public.people.phone", liars.PhoneNeighbour),
    "leaf of JSON: itself": Case(
        "public.people.doc",
        liars.EmailItself,
        alias="leaf",
        plant="UPDATE people SET doc = doc || jsonb_build_object('mail', email)",
        undo="UPDATE people SET doc = doc - 'mail'",
        doc='{use: json, with: {paths: {"$.mail": leaf, "$.*": keep}}}',
    ),
}
PLANTED = {
    "e-mail in kept notes": in_notes("', ask ' || email || '.'"),
    "upper-cased e-mail in kept notes": in_notes("' (' || upper(email) || ')'"),
    "phone in kept notes": in_notes("', tel. ' || replace(phone, ' ', '-')"),
    "e-mail in a kept document": of_row(
        "doc", "jsonb_build_object('a', jsonb_build_array(1, email))", undo="'{}'"
    ),
    "e-mail in a kept leaf": of_row(
        "doc",
        "jsonb_build_object('plan', email)",
        undo="'{}'",
        doc='{use: json, with: {paths: {"$.plan": keep}}}',
    ),
    "e-mail as a lexeme": of_row("search", "to_tsvector('simple', email)", undo="''::tsvector"),
    "e-mail in a column's comment": Case(
        found="comment on public.people.phone",
        plant=f"""DO $$ BEGIN EXECUTE format('COMMENT ON COLUMN people.phone IS %L',
          (SELECT 'belongs to ' || email FROM people WHERE id = {ONE})); END $$""",
        undo="COMMENT ON COLUMN people.phone IS NULL",
    ),
}

# Each has a sibling among the others: the same liar, or the same place.
LATER = {
    "e-mail: itself",
    "e-mail: itself, upper-cased",
    "phone: its neighbour's",
    "upper-cased e-mail in kept notes",
    "e-mail in a kept document",
}


def sql(world: World, server, statement: str) -> str:
    return server.sql(statement, database=world.source.rpartition("/")[2]) if statement else ""


@pytest.fixture(autouse=True)
def at_work(crowd, monkeypatch):
    monkeypatch.chdir(crowd.work)
    for name in ("SOURCE_URL", "TARGET_URL", "MASKER_KEY"):
        monkeypatch.setenv(name, crowd.environ[name])


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=id, marks=pytest.mark.long if id in LATER else [])
        for id, case in (LYING | PLANTED).items()
    ],
)
def test_a_leak_is_found(crowd, production, monkeypatch, capsys, case):
    crowd.write(doc=case.doc)
    if case.liar is not None:
        liars.install(monkeypatch, case.liar, name=case.alias or case.liar.name)
    old = crowd.seen()
    sql(crowd, production, case.plant)
    try:
        code = run_command_line(["run", crowd.pipeline.name])
    finally:
        sql(crowd, production, case.undo)
    said = capsys.readouterr()
    assert code == LeakError.exit_code, said.err
    assert set(re.findall("^error (.*)$", said.err, re.MULTILINE)) == {f"leak:{case.found}"}
    assert crowd.seen() == old
    assert crowd.databases() == worlds.KEPT
    for shown in (said.out, said.err, worlds.last_manifest(crowd)):
        assert sql(crowd, production, f"SELECT email FROM people WHERE id = {ONE}") not in shown


def test_without_a_leak_the_same_run_publishes(crowd):
    assert MANY > 2 * liars.ONE_IN
    crowd.write()
    assert run_command_line(["run", "--quiet", crowd.pipeline.name]) == 0

"""Leaves of documents masked in place, the whole road: the row's own fakes, and known strangers'."""

import psycopg
import pytest

from masker.errors import LeakError
from masker.transformers.free_text import transformer as free_text
from masker.transformers.free_text.rewrite import rewritten
from tests.e2e import world as worlds

ROW, OTHER = 7, 11
PLANT = f"""
UPDATE people p SET doc = jsonb_build_object(
  'plan', 'asks ' || upper(p.name) || ' <' || p.email || '> or ' || o.email || ', tel. ' || p.phone)
  FROM people o WHERE p.id = {ROW} AND o.id = {OTHER}
"""
UNDO = f"""
UPDATE people SET doc = jsonb_build_object('plan', 'plan ' || {ROW % 3}, 'seen', {ROW})
 WHERE id = {ROW}
"""
DOC = '{use: json, with: {paths: {"$.plan": free_text, "$.*": keep}}}'
ROWS = f"SELECT id, name, email, phone, doc ->> 'plan' FROM people WHERE id IN ({ROW}, {OTHER})"


@pytest.fixture
def planted(world, production):
    world.write(doc=DOC)
    database = world.source.rpartition("/")[2]
    production.sql(PLANT, database=database)
    yield world
    production.sql(UNDO, database=database)


def people(url: str) -> dict[int, tuple[str, ...]]:
    with psycopg.connect(url) as session:
        return {row[0]: row[1:] for row in session.execute(ROWS).fetchall()}


def test_a_leaf_names_the_fakes_of_its_row_and_of_others(planted):
    done = planted.refresh(worlds.KEY)
    assert done.outcome == worlds.PUBLISHED
    before, after = people(planted.source), people(planted.target)
    name, email, phone, text = after[ROW]
    other = after[OTHER][1]
    assert text == f"asks {name.upper()} <{email}> or {other}, tel. {phone}"
    assert not {before[ROW][0].upper(), before[ROW][1], before[OTHER][1]} & set(text.split())


def test_a_value_that_is_left_in_a_leaf_stops_the_run(planted, monkeypatch):
    seen = planted.seen()

    def leaking(written, spans, **more):
        told = [
            [span for span in found if "@" not in text[span.start : span.end]]
            for text, found in zip(written, spans, strict=True)
        ]
        return rewritten(written, told, **more)

    monkeypatch.setattr(free_text, "rewritten", leaking)
    with pytest.raises(LeakError, match=r"people\.doc"):
        planted.refresh(worlds.KEY)
    assert planted.seen() == seen

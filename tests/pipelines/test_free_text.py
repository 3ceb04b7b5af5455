"""Tickets of the shop masked in place, the whole road."""

from collections.abc import Callable
from urllib.parse import urlsplit

import psycopg
import pytest

from masker.demo.folder import shelf
from masker.errors import LeakError
from masker.pipelines.record import Run
from masker.pipelines.run import run
from masker.transformers.free_text import transformer as free_text
from masker.transformers.free_text.rewrite import rewritten
from tests.pipelines.conftest import at
from tests.pipelines.refreshes import KEY, Refreshed, digests

IN_PLACE = {
    "subject: fake_text ": "subject: free_text\n    body: free_text ",
    "shop.comments: {target_type: keep}": "shop.comments: {target_type: keep, body: free_text}",
}
TICKETS = """
SELECT t.id, t.body, t.subject, c.first_name, c.last_name, c.email, c.phone
  FROM shop.support_tickets t JOIN shop.customers c ON c.id = t.customer_id ORDER BY t.id
"""
NAMED = ("first_name", "last_name", "email", "phone")


@pytest.fixture(scope="module")
def databases(request, production, staging, lasting_database) -> tuple[str, str]:
    template = request.getfixturevalue("shop")
    for roles in ("production_roles", "staging_roles"):
        request.getfixturevalue(roles)
    source = lasting_database(production, "shop_texts", template=template, owner="shop_owner")
    target = lasting_database(staging, "shop_texts", owner="masker_loader")
    return source, target


@pytest.fixture(scope="module")
def refresh(request, databases, tmp_path_factory) -> Callable[..., Run]:
    """Run the shop's own pipeline, its tickets and comments masked in place."""
    reader = request.getfixturevalue("production_roles").reader
    loader = request.getfixturevalue("staging_roles").loader
    folder = tmp_path_factory.mktemp("shop-texts")
    text = (shelf() / "shop.yaml").read_text(encoding="utf-8")
    for old, new in IN_PLACE.items():
        assert old in text
        text = text.replace(old, new)
    (folder / "shop.yaml").write_text(text, encoding="utf-8")
    source, target = (urlsplit(url).path[1:] for url in databases)

    def go(**more) -> Run:
        return run(
            folder / "shop.yaml",
            records=folder,
            environ={
                "SHOP_PRODUCTION_URL": at(reader, source),
                "SHOP_STAGING_URL": at(loader, target),
                "MASKER_KEY": KEY,
            },
            **more,
        )

    return go


@pytest.fixture(scope="module")
def texts(databases, refresh) -> Refreshed:
    source, target = databases
    return Refreshed(name="shop", source=source, target=target, run=refresh())


def rows(url: str) -> list[dict[str, str]]:
    with psycopg.connect(url, row_factory=psycopg.rows.dict_row) as session:
        return session.execute(TICKETS).fetchall()


def test_a_ticket_names_the_fakes_of_its_customer(texts):
    """What the ticket says of its customer is what the customer's row says after masking."""
    told = dict.fromkeys(NAMED, 0)
    for before, after in zip(rows(texts.source), rows(texts.target), strict=True):
        assert before["id"] == after["id"]
        for column in NAMED:
            value = before[column]
            if value and value.strip() and value in before["body"]:
                assert after[column] in after["body"], (column, before["id"])
                assert value not in after["body"].replace(after[column], "")
                told[column] += 1
    assert min(told.values()) > 50, told


def test_the_text_around_stays(texts):
    around = ("Bitte rufen Sie mich unter", "wants a refund for #", "Veuillez rappeler M./Mme ")
    before, after = rows(texts.source), rows(texts.target)
    for words in around:
        there = [row["id"] for row in before if words in row["body"]]
        assert there
        assert there == [row["id"] for row in after if words in row["body"]]


def test_plan_and_manifest_name_what_depends_on_the_survey(texts):
    told = [note for note in texts.run.plan.notes if "survey" in note]
    assert {note.partition(":")[0] for note in told} == {
        "shop.support_tickets.subject",
        "shop.support_tickets.body",
        "shop.comments.body",
    }
    manifest = texts.run.manifest
    assert "survey" in str(manifest)
    assert "survey" in texts.run.seconds


@pytest.mark.long
def test_workers_share_what_the_survey_knows(texts, refresh):
    before = digests(texts.target)
    refresh(workers=2)
    assert digests(texts.target) == before


@pytest.mark.parametrize("left", ["email", pytest.param("phone", marks=pytest.mark.long)])
def test_a_known_value_that_survives_fails_the_run(texts, refresh, monkeypatch, left):
    """A text that is written with one of its source values in it stops the run."""
    before = digests(texts.target)
    (victim,) = (r for r in rows(texts.source)[40:41])
    value = next(r[left] for r in rows(texts.source)[40:] if r[left] and r[left] in r["body"])
    assert victim

    def leaking(written, spans, **more):
        told = [
            [s for s in found if text[s.start : s.end] != value]
            for text, found in zip(written, spans, strict=True)
        ]
        return rewritten(written, told, **more)

    monkeypatch.setattr(free_text, "rewritten", leaking)
    with pytest.raises(LeakError) as failure:
        refresh()
    assert failure.value.exit_code == 4
    assert {f.code for f in failure.value.findings if f.severity > 2} == {"leak"}
    assert "shop.support_tickets.body" in str(failure.value)
    assert value not in str(failure.value)
    assert digests(texts.target) == before

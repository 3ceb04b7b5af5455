"""Names against values: what each combination of the two comes to."""

import hashlib
from dataclasses import replace

import polars as pl
import pytest

from masker.catalog import Kind, Table, TableName
from masker.detect.entities import Entity
from masker.detect.fields import are_documents, field_entities, named_entities
from masker.detect.names import Proposal
from masker.detect.values import Judgement, Verdict
from masker.detect.weigh import (
    ENOUGH,
    Looked,
    is_files,
    is_flags,
    is_handles,
    is_labels,
    is_phrases,
    is_tokens,
    is_uuids,
    weigh,
    with_births,
)

E = Entity
T = TableName("public", "t")


def named(entity, score=0.95, *, contains=False):
    return Proposal(
        table=T, column="c", entity=entity, score=score, evidence=("name",), contains=contains
    )


def seen(entity, verdict=Verdict.IS, *, score=0.9, share=0.9, hits=90, way="EmailRecognizer"):
    return Judgement(
        entity=entity, verdict=verdict, score=score, share=share, rows=share, hits=hits,
        evidence=("so many values are one", way),
    )  # fmt: skip


def weighed(proposal, *judgements, kind=Kind.TEXT, rows=1000, **looked):
    made = weigh(
        proposal,
        Looked(rows=rows, distinct=rows, judgements=judgements, **looked),
        table=T,
        column="c",
        kind=kind,
    )
    return None if made is None else (made.entity, made.contains, made.signs)


HOLDS = Verdict.CONTAINS


@pytest.mark.parametrize(
    ("proposal", "judgements", "expected"),
    [
        pytest.param(None, (), None, id="nothing says anything"),
        pytest.param(
            None, (seen(E.EMAIL_ADDRESS),), (E.EMAIL_ADDRESS, False, ("values",)), id="values alone"
        ),
        pytest.param(
            named(E.EMAIL_ADDRESS), (), (E.EMAIL_ADDRESS, False, ("name",)), id="name alone"
        ),
        pytest.param(
            named(E.EMAIL_ADDRESS),
            (seen(E.EMAIL_ADDRESS),),
            (E.EMAIL_ADDRESS, False, ("name", "values")),
            id="both agree",
        ),
        pytest.param(
            named(E.USERNAME),
            (seen(E.EMAIL_ADDRESS),),
            (E.EMAIL_ADDRESS, False, ("name", "values")),
            id="addresses as logins",
        ),
        pytest.param(
            named(E.LAST_NAME),
            (seen(E.CITY, way="dictionary"),),
            (E.LAST_NAME, False, ("name",)),
            id="names that are cities, too",
        ),
        pytest.param(
            named(E.LAST_NAME),
            (seen(E.PERSON, way="dictionary"),),
            (E.LAST_NAME, False, ("name", "dictionary")),
            id="names are names",
        ),
        pytest.param(
            None,
            (seen(E.IBAN_CODE, HOLDS, share=0.001, hits=1),),
            (E.FREE_TEXT, True, ("values", "checksum")),
            id="one sure finding",
        ),
        pytest.param(
            None,
            (seen(E.STREET_ADDRESS, HOLDS, share=0.001, hits=1),),
            None,
            id="one title like a street",
        ),
        pytest.param(
            named(E.FREE_TEXT, 0.4, contains=True),
            (seen(E.PHONE_NUMBER, HOLDS),),
            (E.FREE_TEXT, True, ("values",)),
            id="a weak word, and values",
        ),
        pytest.param(
            named(E.PERSON, 0.4),
            (seen(E.PERSON, HOLDS, share=0.4, score=0.5, way="dictionary"),),
            (E.PERSON, False, ("name", "dictionary")),
            id="a weak word and weak values that agree",
        ),
        pytest.param(named(E.FREE_TEXT, 0.4, contains=True), (), None, id="a weak word denied"),
        pytest.param(
            named(E.OPAQUE_DATA, 0.7, contains=True), (), None, id="a general word denied"
        ),
        pytest.param(
            named(E.OPAQUE_DATA, 0.75, contains=True),
            (),
            (E.OPAQUE_DATA, True, ("name",)),
            id="a telling word is not denied",
        ),
        pytest.param(
            named(E.FREE_TEXT, contains=True),
            (),
            (E.FREE_TEXT, True, ("name",)),
            id="notes in which nothing was found",
        ),
        pytest.param(
            named(E.EMAIL_ADDRESS),
            (seen(E.PERSON, HOLDS),),
            (E.EMAIL_ADDRESS, False, ("name",)),
            id="what a name says stays",
        ),
    ],
)
def test_names_and_values(proposal, judgements, expected):
    assert weighed(proposal, *judgements) == expected


def test_documents_are_opaque_and_not_free_text():
    assert weighed(None, seen(E.EMAIL_ADDRESS, HOLDS), kind=Kind.JSON)[0] is E.OPAQUE_DATA
    assert weighed(None, fields=(E.EMAIL_ADDRESS,), kind=Kind.JSON) == (
        E.OPAQUE_DATA,
        True,
        ("values",),
    )


def test_few_values_deny_nothing():
    weak = named(E.FREE_TEXT, 0.4, contains=True)
    assert weighed(weak, rows=ENOUGH - 1) is not None
    assert weighed(weak, failed=1) is not None
    assert weighed(weak, rows=0) is not None


def test_yes_and_no_are_no_addresses():
    assert is_flags(pl.Series(["Y", "n"]))
    assert not is_flags(pl.Series(["M", "F"]))
    assert not is_flags(pl.Series([], dtype=pl.String))
    assert weighed(named(E.EMAIL_ADDRESS), flags=True) is None
    assert weighed(named(E.EMAIL_ADDRESS), flags=True, rows=10) is not None


def test_a_short_list_of_words():
    assert is_labels(pl.Series(["open", "in work"]), pl.Series([40, 60]))
    assert not is_labels(pl.Series(["open", "in work"]), pl.Series([4, 6]))
    assert not is_labels(pl.Series(["a@b.c"]), pl.Series([100]))


@pytest.mark.parametrize(
    "document",
    [
        '{"id": 1, "contact": {"e-mail": "x"}}',
        '{"emailAddress": "x", "cut off',
        "<user><email>x</email></user>",
        '"email"=>"x"',
        'a:1:{s:5:"email";s:1:"x";}',
        "id=1&email=x",
    ],
)
def test_fields_of_documents_tell_as_columns_do(document):
    assert field_entities(pl.Series([document, None])) == (E.EMAIL_ADDRESS,)


@pytest.mark.parametrize(
    "document", ['{"size": 1, "country": "DE"}', "<b>bold</b>", "plain words", "", "[1, 2]"]
)
def test_other_fields_tell_nothing(document):
    assert field_entities(pl.Series([document])) == ()


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (['{"a": 1}', "[]", "{}"], True),
        (["<?xml version='1.0'?><a/>", "<user>x</user>"], True),
        (['a:1:{s:1:"b";i:1;}', 'O:4:"User":0:{}'], True),
        (["a=1&b=2", "x=&y=1"], True),
        (['{"a": 1}', "words", "more words"], False),
        (["a: b", "[sic] he said", "{curly}", "1 < 2", "x = y", "a=b"], False),
        ([], False),
    ],
)
def test_texts_that_are_documents(texts, expected):
    assert are_documents(pl.Series(texts, dtype=pl.String)) is expected


def test_attributes_of_rows_tell_too():
    assert named_entities(pl.Series(["first_name", "color", None])) == (E.FIRST_NAME,)


@pytest.mark.parametrize(
    ("proposal", "looked", "expected"),
    [
        pytest.param(named(E.USERNAME, 0.4), {"handles": True}, E.USERNAME, id="handles"),
        pytest.param(named(E.PERSON, 0.4), {"handles": True}, E.USERNAME, id="somebody's handle"),
        pytest.param(named(E.CITY, 0.4), {"handles": True}, None, id="handles of no person"),
        pytest.param(named(E.USERNAME, 0.6), {"uuids": True}, None, id="numbers that link"),
        pytest.param(named(E.EMAIL_ADDRESS), {"uuids": True}, None, id="the id of an e-mail"),
        pytest.param(named(E.SECRET), {"uuids": True}, E.SECRET, id="a secret is a UUID"),
        pytest.param(named(E.FILE_PATH, 0.4), {"files": True}, E.FILE_PATH, id="names of files"),
        pytest.param(named(E.FILE_PATH, 0.4), {}, None, id="names of one file"),
        pytest.param(named(E.SECRET, 0.4), {"tokens": True}, E.SECRET, id="drawn by chance"),
        pytest.param(named(E.USERNAME, 0.6), {"labels": True}, None, id="a few words"),
        pytest.param(named(E.PERSON, 0.85), {"phrases": True}, None, id="names of things"),
    ],
)
def test_what_values_look_like(proposal, looked, expected):
    proposal = replace(proposal, signs=("name",))
    made = weighed(proposal, **looked)
    assert (made[0] if made else None) is expected


@pytest.mark.parametrize(
    ("column", "entity"), [("code", E.SECRET), ("uid_key", E.SECRET), ("checksum", None)]
)
def test_codes_drawn_by_chance_open_something(column, entity):
    looked = Looked(rows=300, distinct=300, tokens=True)
    made = weigh(None, looked, table=T, column=column, kind=Kind.TEXT)
    assert (made and made.entity) == entity


def test_values_with_a_form_win_over_a_loose_name():
    assert weighed(named(E.STREET_ADDRESS), seen(E.EMAIL_ADDRESS))[0] is E.EMAIL_ADDRESS
    assert weighed(named(E.PASSWORD), seen(E.EMAIL_ADDRESS))[0] is E.PASSWORD
    assert weighed(named(E.ORGANIZATION), seen(E.PERSON))[0] is E.PERSON


def test_words_handles_and_phrases():
    names = [f"anna{n}" for n in range(40)]
    assert is_handles(pl.Series(names))
    assert not is_handles(pl.Series([f"SKU-{n}" for n in range(40)]))
    assert not is_handles(pl.Series([f"{n:032x}" for n in range(40)]))
    assert not is_handles(pl.Series(names[:5]))
    assert is_uuids(pl.Series(["6c84b7e1-3c12-40bd-bac6-22e2a672f6c6"]))
    assert is_uuids(pl.Series(["65f1c0de65f1c0de65f1c0de", "01HV5Z3J8Q9W7K2M4N6P8R0T1V"]))
    assert not is_uuids(pl.Series([], dtype=pl.String))
    files = [f"offer of Mrs {chr(65 + n)}.pdf" for n in range(20)]
    assert is_files(pl.Series(files))
    assert not is_files(pl.Series([f"{n:032x}.pdf" for n in range(20)]))
    assert not is_files(pl.Series(files[:5]))
    drawn = pl.Series(
        [hashlib.md5(bytes([n]), usedforsecurity=False).hexdigest() for n in range(20)]
    )
    assert is_tokens(drawn)
    assert not is_tokens(drawn.head(5))
    assert not is_tokens(pl.concat([drawn, pl.Series(["sort_order_of_all_the_posts"])]))
    words = [f"lorem {'abc'[n % 3]}{chr(97 + n // 3)} dolor" for n in range(60)]
    assert is_phrases(pl.Series(words))
    assert not is_phrases(pl.Series(names))


def test_dates_are_births_beside_persons():
    table = Table(name=T, columns=())
    place = (T, "c")
    dates = {place: Looked(rows=300, distinct=300, births=True)}
    email = {"c": None, "e": replace(named(E.EMAIL_ADDRESS), column="e")}
    assert {p.column: p.entity for p in with_births(table, email, dates)} == {
        "c": E.DATE_OF_BIRTH, "e": E.EMAIL_ADDRESS,
    }  # fmt: skip
    assert list(with_births(table, {"c": None}, dates)) == []

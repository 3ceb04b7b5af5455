from dataclasses import replace

import pytest

from masker.catalog import Catalog, Column, ForeignKey, Key, Kind, Table, TableName, Type
from masker.catalog.drift import Change, drift

TEXT = Type(name="text", base="text", kind=Kind.TEXT)
SHORT = Type(name="character varying(5)", base="varchar", kind=Kind.TEXT, length=5)
MOOD = Type(name="public.mood", base="mood", kind=Kind.ENUM, labels=("sad", "ok"))
PEOPLE = TableName("public", "people")
BASE = Table(
    name=PEOPLE,
    columns=(
        Column(name="id", type=TEXT, nullable=False),
        Column(name="mail", type=TEXT),
        Column(name="mood", type=MOOD),
    ),
    keys=(Key(name="people_pkey", columns=("id",), primary=True),),
    foreign_keys=(
        ForeignKey(
            name="boss", table=PEOPLE, columns=("mail",), parent=PEOPLE, parent_columns=("id",)
        ),
    ),
)


def catalog(*tables):
    return Catalog(
        engine="test", version="1", database="d", schemas=("public",), tables=tuple(tables)
    )


def with_column(place, **facts):
    columns = [
        replace(column, **facts) if column.name == place else column for column in BASE.columns
    ]
    return replace(BASE, columns=tuple(columns))


@pytest.mark.parametrize(
    ("new", "sentences"),
    [
        ([BASE], []),
        ([], ["table `public.people` is dropped"]),
        (
            [BASE, replace(BASE, name=TableName("public", "more"), foreign_keys=())],
            ["table `public.more` is new"],
        ),
        (
            [replace(BASE, columns=(*BASE.columns, Column(name="phone", type=SHORT)))],
            ["column `phone` of table `public.people` is new (character varying(5))"],
        ),
        (
            [replace(BASE, columns=BASE.columns[:2])],
            ["column `mood` of table `public.people` is dropped"],
        ),
        (
            [with_column("mail", type=SHORT, nullable=False)],
            [
                "column `mail` of table `public.people`: type was text, is character varying(5)",
                "column `mail` of table `public.people`: nullability was nullable, is not null",
            ],
        ),
        (
            [with_column("mood", type=replace(MOOD, labels=("sad", "ok", "glad")))],
            [
                (
                    "column `mood` of table `public.people`: type was public.mood (sad, ok), "
                    "is public.mood (sad, ok, glad)"
                )
            ],
        ),
        (
            [with_column("mail", generated=True)],
            ["column `mail` of table `public.people`: generated was stored, is generated"],
        ),
        (
            [replace(BASE, keys=(Key(name="people_pkey", columns=("id", "mail"), primary=True),))],
            [
                (
                    "key `people_pkey` of table `public.people`: definition was primary key (id), "
                    "is primary key (id, mail)"
                )
            ],
        ),
        (
            [replace(BASE, keys=(*BASE.keys, Key(name="u", columns=("mail",), partial=True)))],
            ["key `u` of table `public.people` is new (unique (mail) where …)"],
        ),
        (
            [replace(BASE, foreign_keys=())],
            [
                (
                    "foreign key `boss` of table `public.people` is dropped "
                    "((mail) to public.people (id))"
                )
            ],
        ),
        (
            [
                with_column("mail", comment="other", default="'x'"),
            ],
            [],
        ),
        ([replace(BASE, rows=7, comment="other")], []),
    ],
)
def test_drift_says_what_changed(new, sentences):
    assert [str(found) for found in drift(catalog(BASE), catalog(*new))] == sentences


def test_drift_is_facts():
    (found,) = drift(catalog(BASE), catalog(with_column("mail", nullable=False)))
    assert (found.change, found.what, found.subject) == (
        Change.NULLABILITY,
        "column",
        "public.people.mail",
    )

"""Dataclasses as JSON and back: the same, or refused."""

import json

import pytest

from masker.catalog import Catalog, Column, ForeignKey, Key, Kind, Table, TableName, Type
from masker.snapshots.facts import as_facts, of_facts

CATALOG = Catalog(
    engine="postgres",
    version="18",
    database="shop",
    schemas=("public",),
    tables=(
        Table(
            name=TableName("public", "a"),
            columns=(
                Column(name="id", type=Type(name="integer", base="int4", kind=Kind.INTEGER)),
                Column(
                    name="tags",
                    type=Type(
                        name="text[]",
                        base="_text",
                        kind=Kind.ARRAY,
                        element=Type(name="text", base="text", kind=Kind.TEXT),
                    ),
                ),
            ),
            keys=(Key(name="a_pkey", columns=("id",), primary=True),),
            foreign_keys=(
                ForeignKey(
                    name="f",
                    table=TableName("public", "a"),
                    columns=("id",),
                    parent=TableName("public", "a"),
                    parent_columns=("id",),
                ),
            ),
            rows=3,
        ),
    ),
    wires=(("server", "elsewhere"),),
)


def test_a_catalog_comes_back():
    made = of_facts(Catalog, json.loads(json.dumps(as_facts(CATALOG))))
    assert made == CATALOG
    assert made.table(TableName("public", "a")).columns[1].type.kind is Kind.ARRAY


@pytest.mark.parametrize(
    "spoil",
    [
        lambda facts: facts.pop("tables"),
        lambda facts: facts.update(tables={}),
        lambda facts: facts.update(database=3),
        lambda facts: facts["tables"][0].update(rows="3"),
        lambda facts: facts["tables"][0]["columns"][0]["type"].update(kind="number"),
        lambda facts: facts.update(wires=[["one"]]),
        lambda facts: facts["tables"].append("a"),
    ],
)
def test_what_is_no_catalog_is_refused(spoil):
    facts = json.loads(json.dumps(as_facts(CATALOG)))
    spoil(facts)
    with pytest.raises((KeyError, TypeError, ValueError)):
        of_facts(Catalog, facts)

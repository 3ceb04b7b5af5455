"""Dataclasses as JSON and back: the same, or refused."""

import json

import pytest

from masker.catalog import (
    Catalog,
    Check,
    Column,
    ForeignKey,
    Key,
    Kind,
    Partitioning,
    Sequence,
    Table,
    TableName,
    Trigger,
    Type,
    View,
)
from masker.snapshots.facts import as_facts, of_facts

# Every field holds something else than its default.
HERE = TableName("s", "t")
TYPE = Type(
    name="s.d[]",
    base="_d",
    kind=Kind.ARRAY,
    element=Type(name="s.d", base="d", kind=Kind.ENUM, labels=("a", "ß"), domain="s.d"),
)
CATALOG = Catalog(
    engine="postgres",
    version="18.1",
    database="d",
    schemas=("s",),
    tables=(
        Table(
            name=HERE,
            columns=(
                Column(
                    name="c",
                    type=TYPE,
                    nullable=False,
                    default="1",
                    identity="always",
                    sequence=HERE,
                    checks=("CHECK (true)",),
                    readable=False,
                ),
            ),
            keys=(Key(name="k", columns=("c",), primary=True, deferrable=True),),
            foreign_keys=(
                ForeignKey(
                    name="f", table=HERE, columns=("c",), parent=HERE, parent_columns=("c",)
                ),
            ),
            checks=(Check(name="x", definition="CHECK (true)", columns=(), exclusion=True),),
            triggers=(Trigger(name="g", definition="", function="s.f", before_insert=True),),
            partitioning=Partitioning(strategy="list", columns=("c",), definition="LIST (c)"),
            parent=HERE,
            parents=(HERE, HERE),
            bound="DEFAULT",
            row_security=True,
            comment="",
            rows=0,
            bytes=1,
            pages=2,
            readable=False,
            extension="e",
        ),
    ),
    views=(View(name=HERE, definition="SELECT 1", materialised=True, reads=(HERE,)),),
    sequences=(Sequence(name=HERE, last_value=None, is_called=True, owner=(HERE, "c")),),
    extensions=("e",),
    encoding="LATIN1",
    wires=(("publication", "p"),),
)


def test_a_catalog_comes_back():
    made = of_facts(Catalog, json.loads(json.dumps(as_facts(CATALOG))))
    assert made == CATALOG
    assert made.table(HERE).columns[0].type.kind is Kind.ARRAY


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

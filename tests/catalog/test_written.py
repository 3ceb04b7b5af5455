import json
from dataclasses import replace

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
from masker.catalog.written import as_json, from_json

HERE = TableName("s", "t")
TYPE = Type(
    name="s.d[]",
    base="_d",
    kind=Kind.ARRAY,
    element=Type(name="s.d", base="d", kind=Kind.ENUM, labels=("a", "ß"), domain="s.d"),
)
FULL = Catalog(
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


def test_a_catalog_survives_json_with_every_field():
    assert from_json(json.loads(json.dumps(as_json(FULL)))) == FULL


def test_what_is_as_usual_is_not_written():
    plain = replace(FULL, tables=(Table(name=HERE, columns=()),))
    assert as_json(plain)["tables"] == [{"name": {"schema": "s", "name": "t"}, "columns": []}]
    assert from_json(as_json(plain)) == plain


def test_a_catalog_read_back_finds_its_tables():
    assert from_json(as_json(FULL)).table(HERE).name == HERE

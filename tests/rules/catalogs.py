"""Small catalogs, written as text: `table("orders", "id integer!", "customer_id integer > customers.id")`.

After a column's type come `!` (NOT NULL and a primary key of its own), `?` (nullable; else NOT
NULL), `=` (unique), `generated`, and `> table.column` for a foreign key.
"""

import re
from dataclasses import replace

from masker.catalog import (
    Catalog,
    Column,
    ForeignKey,
    Key,
    Kind,
    Partitioning,
    Table,
    TableName,
    Type,
)

KINDS = {
    "text": Kind.TEXT, "varchar": Kind.TEXT, "integer": Kind.INTEGER, "bigint": Kind.INTEGER,
    "numeric": Kind.DECIMAL, "boolean": Kind.BOOLEAN, "date": Kind.DATE, "uuid": Kind.UUID,
    "timestamptz": Kind.TIMESTAMP_TZ, "jsonb": Kind.JSON, "bytea": Kind.BYTES, "inet": Kind.INET,
    "mood": Kind.ENUM, "tsvector": Kind.TSVECTOR, "xml": Kind.XML, "hstore": Kind.OTHER,
    "oid": Kind.OID, "macaddr": Kind.OTHER, "daterange": Kind.RANGE, "vector": Kind.VECTOR,
}  # fmt: skip
COLUMN = re.compile(
    r"(?P<name>\"[^\"]+\"|\S+) (?P<base>\w+)(?:\((?P<length>\d+)\))?(?P<array>\[\])?"
    r"(?P<marks>[!?=]*)(?P<generated> generated)?(?: > (?P<parent>\S+)\.(?P<target>\w+))?"
)


def name_of(text):
    schema, dot, name = text.rpartition(".")
    return TableName(schema if dot else "public", name)


def type_of(base, length=None, *, array=False):
    kind = KINDS[base]
    made = Type(name=base, base=base, kind=kind, length=int(length) if length else None)
    if array:
        return Type(name=f"{base}[]", base=f"_{base}", kind=Kind.ARRAY, element=made)
    return made


def table(name, *columns, partitioned_by=None, partition_of=None, foreign_keys=(), **facts):
    me = name_of(name)
    made, keys, references = [], [], []
    for text in columns:
        found = COLUMN.fullmatch(text)
        assert found, text
        column = found["name"].strip('"')
        marks = found["marks"]
        made.append(
            Column(
                name=column,
                type=type_of(found["base"], found["length"], array=bool(found["array"])),
                nullable="?" in marks,
                generated=bool(found["generated"]),
            )
        )
        if "!" in marks or "=" in marks:
            keys.append(Key(name=f"{column}_key", columns=(column,), primary="!" in marks))
        if found["parent"]:
            references.append(
                ForeignKey(
                    name=f"{me.name}_{column}_fkey",
                    table=me,
                    columns=(column,),
                    parent=name_of(found["parent"]),
                    parent_columns=(found["target"],),
                )
            )
    for mine, parent, theirs in foreign_keys:
        references.append(
            ForeignKey(
                name=f"{me.name}_{'_'.join(mine)}_fkey",
                table=me,
                columns=mine,
                parent=name_of(parent),
                parent_columns=theirs,
            )
        )
    extra = {}
    if partitioned_by:
        extra["partitioning"] = Partitioning(
            strategy="range", columns=(partitioned_by,), definition=f"RANGE ({partitioned_by})"
        )
    if partition_of:
        extra |= {
            "parent": name_of(partition_of),
            "parents": (name_of(partition_of),),
            "bound": "x",
        }
    return Table(
        name=me,
        columns=tuple(made),
        keys=tuple(keys),
        foreign_keys=tuple(references),
        **extra,
        **facts,
    )


def catalog(*tables, views=()):
    ordered = tuple(sorted(tables, key=lambda each: each.name))
    schemas = tuple(sorted({each.name.schema for each in ordered}))
    return Catalog(
        engine="postgres", version="18", database="x", schemas=schemas, tables=ordered, views=views
    )


def with_trigger(made, trigger):
    return replace(made, triggers=(*made.triggers, trigger))

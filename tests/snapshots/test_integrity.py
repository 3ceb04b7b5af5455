"""Keys and foreign keys looked at in the files themselves."""

from dataclasses import replace

import polars as pl
import pytest

from masker.catalog import Catalog, Column, ForeignKey, Key, Kind, Table, TableName, Type
from masker.snapshots.integrity import broken_keys

PARENT, CHILD = TableName("s", "parent"), TableName("s", "child")
INTEGER = Type(name="integer", base="int4", kind=Kind.INTEGER)
LOOSE = Type(name="citext", base="citext", kind=Kind.TEXT, case_insensitive=True)
DECIMAL = Type(name="numeric", base="numeric", kind=Kind.DECIMAL)


def catalog(kind=INTEGER, **key):
    return Catalog(
        engine="postgres",
        version="18",
        database="d",
        schemas=("s",),
        tables=(
            Table(
                name=PARENT,
                columns=(Column(name="id", type=kind),),
                keys=(replace(Key(name="parent_pkey", columns=("id",), primary=True), **key),),
            ),
            Table(
                name=CHILD,
                columns=(Column(name="parent_id", type=kind),),
                foreign_keys=(
                    ForeignKey(
                        name="child_fkey",
                        table=CHILD,
                        columns=("parent_id",),
                        parent=PARENT,
                        parent_columns=("id",),
                    ),
                ),
            ),
        ),
    )


def broken(there, parents, children):
    def frames(table, names):
        values = parents if table == PARENT else children
        for part in (values[:1], values[1:]):
            yield pl.DataFrame(
                dict.fromkeys(names, part), schema_overrides=dict.fromkeys(names, pl.String)
            )

    return [(kind, table, name) for kind, table, name in broken_keys(there, frames)]


def test_what_holds_is_not_told():
    assert broken(catalog(), ["1", "2"], ["2", "1", "1", None]) == []


def test_equal_keys_are_found_across_batches():
    assert broken(catalog(), ["1", "2", "1"], []) == [("key", PARENT, "parent_pkey")]


def test_a_child_without_its_parent_is_found():
    assert broken(catalog(), ["1"], ["1", "3"]) == [("foreign key", CHILD, "child_fkey")]


@pytest.mark.parametrize("kind", [LOOSE, DECIMAL], ids=["case-insensitive", "decimal"])
def test_what_a_server_compares_more_loosely_is_left_to_it(kind):
    assert broken(catalog(kind), ["1"], ["1.0"]) == []


@pytest.mark.parametrize("key", [{"partial": True}, {"expression": True}])
def test_a_key_over_some_rows_or_an_expression_is_left_to_the_server(key):
    assert broken(catalog(**key), ["1", "1"], []) == []


def test_empty_tables_break_nothing():
    assert broken(catalog(), [], []) == []

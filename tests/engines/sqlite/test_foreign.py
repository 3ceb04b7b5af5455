"""Columns of PostgreSQL in SQLite's words: what type, what collation, which defaults."""

import sqlite3
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masker.catalog import Column, Kind, Type
from masker.engines.sqlite.foreign import collation, declared, default
from masker.engines.sqlite.values import number

NUMERIC = Type(name="numeric(15,2)", base="numeric", kind=Kind.DECIMAL, precision=15, scale=2)
TEXT = Type(name="text", base="text", kind=Kind.TEXT)
INTEGER = Type(name="integer", base="int4", kind=Kind.INTEGER)
BOOLEAN = Type(name="boolean", base="bool", kind=Kind.BOOLEAN)
BYTES = Type(name="bytea", base="bytea", kind=Kind.BYTES)


def decimal(precision, scale):
    return Type(name="numeric", base="numeric", kind=Kind.DECIMAL, precision=precision, scale=scale)


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        (INTEGER, "INTEGER"),
        (Type(name="oid", base="oid", kind=Kind.OID), "INTEGER"),
        (Type(name="regclass", base="regclass", kind=Kind.OID), "TEXT"),
        (Type(name="real", base="float4", kind=Kind.FLOAT), "REAL"),
        (NUMERIC, "NUMERIC(15, 2)"),
        (decimal(16, 2), "TEXT"),
        (decimal(None, None), "TEXT"),
        (decimal(3, 5), "TEXT"),
        (decimal(2, -3), "TEXT"),
        (BOOLEAN, "BOOLEAN"),
        (BYTES, "BLOB"),
        (Type(name="jsonb", base="jsonb", kind=Kind.JSON), "TEXT"),
        (Type(name="date", base="date", kind=Kind.DATE), "TEXT"),
    ],
)
def test_a_type_that_loses_nothing(kind, wanted):
    assert declared(kind) == wanted


@given(st.integers(-(10**15) + 1, 10**15 - 1), st.integers(0, 15))
def test_fifteen_digits_come_back_from_a_number(digits, scale):
    sign, text = "-" if digits < 0 else "", str(abs(digits)).zfill(scale + 1)
    text = sign + (f"{text[:-scale]}.{text[-scale:]}" if scale else text)
    with closing(sqlite3.connect(":memory:")) as session:
        session.execute(f"CREATE TABLE t (x {declared(decimal(15, scale))})")
        session.execute("INSERT INTO t VALUES (?)", [number(text)])
        ((back,),) = session.execute("SELECT x FROM t")
    assert f"{back:.{scale}f}" == text


def test_texts_are_equal_as_they_were():
    assert collation(TEXT) == ""
    assert collation(Type(name="char(3)", base="bpchar", kind=Kind.TEXT)) == "RTRIM"
    folds = Type(name="citext", base="citext", kind=Kind.TEXT, case_insensitive=True)
    assert collation(folds) == "NOCASE"


@pytest.mark.parametrize(
    ("kind", "written", "wanted"),
    [
        (TEXT, "'it''s'::text", "'it''s'"),
        (TEXT, "'a'::character varying(3)", "'a'"),
        (TEXT, """'good'::public."My mood\"""", "'good'"),
        (TEXT, "'{}'::text[]", "'{}'"),
        (TEXT, "0.10", "'0.10'"),
        (TEXT, "now()", None),
        (TEXT, "('a'::text || 'b'::text)", None),
        (TEXT, "'a'::text COLLATE \"C\"", None),
        (TEXT, "NULL::text", None),
        (INTEGER, "7", "7"),
        (INTEGER, "'-7'::integer", "-7"),
        (INTEGER, "nextval('s'::regclass)", None),
        (NUMERIC, "0.00", "0.00"),
        (NUMERIC, "'NaN'::numeric", "'NaN'"),
        (BOOLEAN, "true", "1"),
        (BOOLEAN, "(1 = 2)", None),
        (BYTES, r"'\x00ff'::bytea", "X'00ff'"),
        (BYTES, "'a'::bytea", None),
        (TEXT, None, None),
    ],
)
def test_a_constant_stays_a_constant(kind, written, wanted):
    assert default(Column(name="c", type=kind, default=written)) == wanted

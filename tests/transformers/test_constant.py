"""Constant, null and redact: what fits a column, and what is counted."""

import pytest

from masker.catalog import Kind
from masker.transformers import Site, build
from masker.transformers.literal import misfit, written


@pytest.mark.parametrize(
    ("value", "site", "told"),
    [
        ("abc", Site(length=3), ""),
        ("abcd", Site(length=3), "4 characters and the column takes 3"),
        (5, Site(kind=Kind.INTEGER, base="int2"), ""),
        ("5x", Site(kind=Kind.INTEGER, base="int2"), "does not read as integer"),
        (40000, Site(kind=Kind.INTEGER, base="int2"), "out of the range of `int2`"),
        (123.5, Site(kind=Kind.DECIMAL, base="numeric", precision=4, scale=2), "more digits"),
        (12.5, Site(kind=Kind.DECIMAL, base="numeric", precision=4, scale=2), ""),
        (1.5, Site(kind=Kind.FLOAT, base="float8"), ""),
        (True, Site(kind=Kind.BOOLEAN, base="bool"), ""),
        ("yes", Site(kind=Kind.BOOLEAN, base="bool"), "does not read as boolean"),
        ("2020-02-30", Site(kind=Kind.DATE, base="date"), "does not read as date"),
        ("infinity", Site(kind=Kind.DATE, base="date"), ""),
        ("12:00", Site(kind=Kind.TIME, base="time"), ""),
        ("mid", Site(kind=Kind.ENUM, labels=("low", "high")), "no label"),
        ("low", Site(kind=Kind.ENUM, labels=("low", "high")), ""),
        ("{", Site(kind=Kind.JSON, base="jsonb"), "does not read as json"),
        ("x", Site(kind=Kind.UUID, base="uuid"), "does not read as uuid"),
        ("10.0.0.0/8", Site(kind=Kind.INET, base="cidr"), ""),
        ("\\xzz", Site(kind=Kind.BYTES, base="bytea"), "does not read as bytes"),
        ("{1,2}", Site(kind=Kind.ARRAY, base="_int4"), ""),
    ],
)
def test_what_a_column_takes(value, site, told):
    found = misfit(value, site)
    assert build("constant", {"value": value}).check(site) == found
    assert told in " ".join(found)
    assert bool(found) == bool(told)


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (True, Kind.BOOLEAN, "t"),
        ("false", Kind.BOOLEAN, "f"),
        (False, Kind.TEXT, "false"),
        (3, Kind.TEXT, "3"),
    ],
)
def test_truth_is_written_as_the_column_has_it(value, kind, text):
    assert written(value, Site(kind=kind)) == text


def test_rows_that_held_the_constant_are_counted(mask):
    masked = mask("constant", ["DE", "AT", None, "DE"], {"value": "DE"})
    assert masked.values.to_list() == ["DE", "DE", None, "DE"]
    assert masked.chance == 2


def test_null_needs_a_nullable_column(mask):
    assert mask("null", ["a", None]).values.to_list() == [None, None]
    assert build("null").check(Site()) == ()
    assert build("null").check(Site(nullable=False)) == ("the column is NOT NULL",)


KINDS = sorted(build("redact").kinds)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_placeholder_that_fits(mask, kind):
    labels = ("low", "high") if kind is Kind.ENUM else ()
    site = Site(kind=kind, labels=labels, base="int2" if kind is Kind.INTEGER else "text")
    assert build("redact").check(site) == ()
    made = mask("redact", ["x"], kind=kind, labels=labels).values.item()
    if kind is not Kind.TEXT:
        assert misfit(made if kind is not Kind.BOOLEAN else False, site) == ()


def test_the_placeholder_is_cut(mask):
    assert mask("redact", ["secret"], length=4).values.item() == "[red"
    assert mask("redact", ["secret"], {"text": "-"}).values.item() == "-"

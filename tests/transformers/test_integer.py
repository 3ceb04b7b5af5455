"""Integer: spaces by type, never by the data."""

import pytest

from masker.catalog import Kind
from masker.errors import DataError
from masker.keys import INTEGER_SPACES
from masker.transformers import Site
from masker.transformers.integer import Integer

INTEGERS = {"kind": Kind.INTEGER, "base": "int4"}


@pytest.mark.parametrize("base", sorted(INTEGER_SPACES))
def test_the_space_is_the_types(mask, base):
    low, high = INTEGER_SPACES[base]
    edges = [str(low), str(low + 1), str(high - 1), str(high)]
    made = mask("integer", edges, kind=Kind.INTEGER, base=base).values
    assert all(low <= int(value) <= high for value in made)
    assert made.n_unique() == 4
    assert Integer().space(Site(kind=Kind.INTEGER, base=base)) == (low, high)


def test_every_int2_once(mask):
    low, high = INTEGER_SPACES["int2"]
    every = [str(number) for number in range(low, high + 1)]
    made = mask("integer", every, kind=Kind.INTEGER, base="int2").values
    assert sorted(made.cast(int)) == list(range(low, high + 1))


@pytest.mark.parametrize("value", ["0", "-1", str(2**30), "12345678901234567890123"])
def test_outside_stops_the_run_and_shows_no_value(mask, value):
    with pytest.raises(DataError) as failure:
        mask("integer", ["5", value, value], table="t", column="id", **INTEGERS)
    assert "2 values of `id` lie outside 1..1073741823" in str(failure.value)
    assert value not in str(failure.value).replace("1..1073741823", "")


def test_decimals_are_integers_in_another_spelling(mask):
    made = mask("integer", ["7", "7.0"], {"type": "int4"}, kind=Kind.DECIMAL, base="numeric")
    assert made.values.n_unique() == 1


@pytest.mark.parametrize(
    ("base", "kind", "precision", "wanted", "told"),
    [
        ("int4", Kind.INTEGER, None, None, ()),
        ("numeric", Kind.DECIMAL, None, None, ("no range of its own",)),
        ("numeric", Kind.DECIMAL, 20, "int8", ()),
        ("numeric", Kind.DECIMAL, 5, "int4", ("more digits",)),
        ("int2", Kind.INTEGER, None, "int8", ("do not fit `int2`",)),
    ],
)
def test_check(base, kind, precision, wanted, told):
    found = Integer(type=wanted).check(Site(kind=kind, base=base, precision=precision))
    assert len(found) == len(told)
    assert all(words in sentence for words, sentence in zip(told, found, strict=True))


def test_a_small_space_is_a_caution():
    assert Integer().cautions(Site(kind=Kind.INTEGER, base="int2"))[0][0] == "weak-space"
    assert Integer().cautions(Site(kind=Kind.INTEGER, base="int4")) == ()

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from masker.keys.forms import all_digits, bare, folded, local_parts

# No NUL: no database stores it in text.
TEXTS = st.lists(st.text(st.characters(exclude_categories=["Cs"])))


@pytest.mark.parametrize(
    ("value", "form"),
    [
        pytest.param("Anna@Example.COM", "anna@example.com", id="case"),
        pytest.param("  Anna \t Schmidt\n", "anna schmidt", id="blanks"),
        pytest.param("GROẞE STRAẞE", "grosse strasse", id="sharp-s"),
        pytest.param("Zoe\u0308", "zoë", id="composition"),
        pytest.param("O'Brien, Jr.", "o brien jr", id="punctuation"),
        pytest.param("Wait. Now.", "wait now", id="full-stops"),
        pytest.param("10.20.30.40", "10.20.30.40", id="address"),
        pytest.param('{"to": ["a@b.example"]}', "to a@b.example", id="json"),
        pytest.param("'a@b.example':3A", "a@b.example 3a", id="lexeme"),
        pytest.param("ANNA", "anna", id="full-width"),
        pytest.param("Anna\0Schmidt", "anna schmidt", id="NUL"),
        pytest.param("", "", id="empty"),
        pytest.param("...", "", id="nothing-left"),
    ],
)
def test_folded(value, form):
    assert folded(pl.Series([value])).to_list() == [form]


@pytest.mark.parametrize(
    ("value", "form"),
    [
        ("+49 (151) 123-45.67", "491511234567"),
        ("DE89 3704 0044", "de8937040044"),
        ("--", ""),
        ("Ä-1", "ä1"),
        ("12\x0034", "1234"),
    ],
)
def test_bare(value, form):
    assert bare(pl.Series([value])).to_list() == [form]


def test_local_parts():
    assert local_parts(pl.Series(["anna.7@x.example", "ä@y", "a@b@c"])).to_list() == [
        "anna.7",
        "ä",
        "a",
    ]


def test_all_digits():
    assert all_digits(pl.Series(["12", "3"]))
    assert not all_digits(pl.Series(["12", "3a"]))
    assert not all_digits(pl.Series(["12", "3\x004"]))
    assert not all_digits(pl.Series(["١٢"]))


@given(TEXTS)
def test_a_form_does_not_depend_on_the_batch(values):
    for form in (folded, bare):
        together = form(pl.Series(values, dtype=pl.String)).to_list()
        alone = [form(pl.Series([value])).item() for value in values]
        assert together == alone


@given(TEXTS)
def test_folding_twice_changes_nothing(values):
    once = folded(pl.Series(values, dtype=pl.String))
    assert folded(once).to_list() == once.to_list()


def test_one_umlaut_in_a_batch_changes_no_other_value_and_not_the_batch():
    values = pl.Series(["Anna", "JÜRGEN", *["Bert"] * 50])
    assert folded(values).to_list() == ["anna", "jürgen", *["bert"] * 50]
    assert values[1] == "JÜRGEN"

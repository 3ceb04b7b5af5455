import unicodedata

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from masker.keys import canonical

EQUAL = {
    "case": ["Anna", "ANNA", "anna"],
    "blanks": ["anna", "  anna\t\n", "\u00a0anna\u2003"],
    "composed and decomposed": ["Müller", "MU\u0308LLER"],
    "sharp s": ["Straße", "STRASSE", "STRAẞE"],
    "sigma": ["ΣΟΦΟΣ", "σοφος", "σοφοσ"],
    "ligature": ["ﬁn", "FIN"],
    "iota below": ["ᾳ", "αι", "ᾼ"],
    "angstrom": ["\u212b", "å"],
    "kelvin": ["\u212a", "k"],
}
DIFFERENT = {
    "accent": ["muller", "müller"],
    "blank within": ["anna maria", "annamaria"],
    "dotted i": ["i", "İ"],
    "full width": ["a", "\uff41"],
}


@pytest.mark.parametrize("spellings", EQUAL.values(), ids=EQUAL.keys())
def test_one_value(spellings):
    assert canonical(pl.Series(spellings)).n_unique() == 1


@pytest.mark.parametrize("values", DIFFERENT.values(), ids=DIFFERENT.keys())
def test_different_values(values):
    assert canonical(pl.Series(values)).n_unique() == len(values)


@given(st.lists(st.none() | st.text(max_size=20), max_size=20))
def test_is_pythons_casefold_and_settled_at_once(values):
    column = pl.Series("c", values, dtype=pl.String)
    found = canonical(column)
    assert found.name == "c"
    assert canonical(found).equals(found, null_equal=True)
    trimmed = column.str.strip_chars().to_list()
    assert found.to_list() == [
        None
        if value is None
        else unicodedata.normalize("NFC", unicodedata.normalize("NFD", value).casefold())
        for value in trimmed
    ]

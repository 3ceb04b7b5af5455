import polars as pl
import pytest

from masker.audit.windows import forms


def found(value):
    return {
        (text, form.number) for form in forms(pl.Series([value])) for text in form.texts.to_list()
    }


@pytest.mark.parametrize(
    ("value", "text", "number"),
    [
        ("Hello Anna Schmidt!", "anna schmidt", False),
        ("one two three four five", "two three four five", False),
        ("one two three four five six", "one two three four five six", False),
        ("to anna@mail.example, now", "anna@mail.example", False),
        ("anna.schmidt7@mail.example", "anna.schmidt7", False),
        ("+49 (151) 1234-567", "491511234567", True),
        ("call 0151 123 45 67 now", "01511234567", True),
        ("IBAN DE89 3704 0044 0532 0130 00!", "de89370400440532013000", True),
        ("x=4111111111111111;", "4111111111111111", True),
    ],
)
def test_is_looked_up(value, text, number):
    assert (text, number) in found(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param("Hello Anna!", "anna", id="a-word-without-digit"),
        pytest.param("in room 12a now", "12a", id="a-short-word"),
        pytest.param("a b c d e f", "a b c d e", id="five-words-of-six"),
        pytest.param("call 12345 now", "12345", id="a-short-number"),
    ],
)
def test_is_not_looked_up(value, text):
    assert text not in {one for one, _ in found(value)}


def test_words_of_two_values_never_meet():
    texts = [
        text
        for form in forms(pl.Series(["Anna Maria", "Schmidt Meier"]))
        for text in form.texts.to_list()
    ]
    assert "maria schmidt" not in texts


def test_nothing_gives_nothing():
    assert list(forms(pl.Series([], dtype=pl.String))) == []
    assert found("") == {("", False)}

import polars as pl
import pytest

from masker.evidence.exposure import Exposure, traces
from masker.keys.forms import Form
from masker.transformers.registry import BUILT_IN

DIRECT, DIGITS, NAME, QUASI = Exposure.DIRECT, Exposure.DIGITS, Exposure.NAME, Exposure.QUASI
WHOLE, BARE, LOCAL = Form.WHOLE, Form.BARE, Form.LOCAL


def told(use, value):
    found = traces(use, pl.Series([value]))
    return {(exposure, form, *texts) for exposure, form, texts in found.found if texts.len()}


@pytest.mark.parametrize(
    ("use", "value", "forms"),
    [
        ("email", "Anna.7@X.test", {(DIRECT, WHOLE, "anna.7@x.test")}),
        (
            "email",
            "Anna.Schmidt7@X.test",
            {(DIRECT, WHOLE, "anna.schmidt7@x.test"), (DIRECT, LOCAL, "anna.schmidt7")},
        ),
        ("phone", "+49 (151) 123", {(DIGITS, BARE, "49151123")}),
        ("iban", "DE89 3704 0044", {(DIRECT, BARE, "de8937040044")}),
        ("full_name", "Anna SCHMIDT", {(NAME, WHOLE, "anna schmidt")}),
        ("full_name", "Anna", {(QUASI, WHOLE, "anna")}),
        ("first_name", "Anna", {(QUASI, WHOLE, "anna")}),
        ("street", "12 Main Street", {(DIRECT, WHOLE, "12 main street")}),
        ("street", "Main Street", {(QUASI, WHOLE, "main street")}),
        ("ip", "203.0.113.7", {(DIRECT, WHOLE, "203.0.113.7")}),
        ("ip", "127.0.0.1", {(QUASI, WHOLE, "127.0.0.1")}),
        ("fake_text", "It never came, as I said", {(DIRECT, WHOLE, "it never came as i said")}),
        ("fake_text", "No comment", {(QUASI, WHOLE, "no comment")}),
        ("scramble", "see 4915 1123 456", {(QUASI, WHOLE, "see 4915 1123 456")}),
        ("scramble", "a1b2c3d4e5f6", {(DIRECT, WHOLE, "a1b2c3d4e5f6")}),
        ("null", "anna.schmidt@x.test", {(DIRECT, WHOLE, "anna.schmidt@x.test")}),
        ("json", "+49 151 123 456", {(DIGITS, BARE, "49151123456")}),
        ("json", "2024-01-15", {(QUASI, WHOLE, "2024-01-15")}),
    ],
)
def test_forms(use, value, forms):
    assert told(use, value) == forms


def test_what_is_too_short_is_counted():
    found = traces("phone", pl.Series(["123", "12345678"]))
    assert found.short == 1


@pytest.mark.parametrize("use", sorted(BUILT_IN))
def test_every_transformer_has_forms(use):
    values = pl.Series(["Anna Schmidt", "a@b.example", "+49 151 1234567", "", "x"])
    found = traces(use, values)
    assert all(texts.null_count() == 0 for _, _, texts in found.found)

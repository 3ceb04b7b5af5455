"""Texts: about as long, in the same language, nothing of the source."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from masker.keys import Keyring
from masker.transformers import Site
from masker.transformers.fake_text import FakeText, _tape, language_of
from masker.transformers.pools import pool

KEYS = Keyring.parse("8f1c6a2b3d4e5f60718293a4b5c6d7e8f90123456789abcdef0fedcba9876543")
ENGLISH = FakeText(locale="en_US")
GERMAN = "Der Kunde ist nicht erreichbar, bitte die Rechnung an Frau Müller schicken."


def masked(values, transformer=ENGLISH, *, length=None, locale="en_US"):
    series = pl.Series("note", values, dtype=pl.String)
    site = Site(length=length, locale=locale)
    return transformer.apply(series, site=site, keys=KEYS, others={}).values.to_list()


@pytest.mark.parametrize(
    ("text", "locale"),
    [
        ("The customer called and is angry with the invoice", "en_US"),
        (GERMAN, "de_DE"),
        ("Le client n'est pas content avec la facture", "fr_FR"),
        ("El cliente no está contento con la factura", "es_ES"),
        ("Il cliente non è contento della fattura", "it_IT"),
        ("De klant is niet blij met het bedrag", "nl_NL"),
        ("Klient nie jest zadowolony z faktury", "pl_PL"),
        ("Клиент не доволен", "ru_RU"),
        ("客户很生气", "zh_CN"),
        ("お客様は怒っています", "ja_JP"),
        ("Asiakas soitti eilen", "fi_FI"),
        ("", "fi_FI"),
    ],
)
def test_language_of_a_text(text, locale):
    given_ = FakeText()._locales(Site(locale="fi_FI"))
    assert language_of(pl.Series([text]), given_).to_list() == [locale]


def test_a_text_stays_in_its_language():
    words = set(" ".join(pool("sentence", "de_DE", drawn=2_000).values).replace(".", "").split())
    (made,) = masked([GERMAN], FakeText())
    assert set(made.replace(".", "").split()) <= words
    (made,) = masked([GERMAN], FakeText(locale="en_US"))
    assert not set(made.replace(".", "").split()) <= words


@pytest.mark.parametrize("size", [1, 2, 5, 20, 100, 1_000, 20_000])
def test_length_class(size):
    (made,) = masked(["x" * size])
    assert size * 0.5 - 12 <= len(made) <= size


def test_the_first_sentence_is_cut_as_any_other():
    words = np.zeros(3, dtype=np.uint64)
    made = _tape("en_US").cut(words, np.array([0, 2, 30])).to_list()
    assert [len(made[0]), len(made[1])] == [0, 2]
    assert 0 < len(made[2]) <= 30


def test_lines_become_lines():
    text = "\n".join(["One line of a long note about a customer."] * 8)
    (made,) = masked([text])
    assert made.count("\n") > 2
    assert "\n" not in masked([text.replace("\n", " ")])[0]


def test_a_text_longer_than_all_sentences_is_cut():
    (made,) = masked(["x" * 3_000_000])
    assert 50_000 < len(made) < 3_000_000


def test_blank_and_null_stay():
    assert masked(["", " \n", None]) == ["", " \n", None]


def test_pools_are_all_languages_it_may_need():
    assert list(ENGLISH.pools(Site())) == ["sentence/en_US"]
    assert "sentence/fi_FI" in FakeText().pools(Site(locale="fi_FI"))


def test_an_unknown_locale_is_said():
    assert "did you mean" in FakeText(locale="de_DF").check(Site())[0]


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=60)


@given(st.lists(texts | st.none(), max_size=20), st.sampled_from([None, 1, 10, 40]), st.randoms())
def test_texts_fit_differ_and_know_no_neighbours(values, length, random):
    values = [value if value is None or length is None else value[:length] for value in values]
    made = masked(values, length=length)
    for value, fake in zip(values, made, strict=True):
        assert (fake is None) == (value is None)
        if value is not None and value.strip():
            assert 0 < len(fake) <= len(value)
            assert fake.lower() != value.lower()
    picks = random.choices(range(len(values)), k=len(values)) if values else []
    assert masked([values[i] for i in picks], length=length) == [made[i] for i in picks]

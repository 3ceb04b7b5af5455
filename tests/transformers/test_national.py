"""National_id: each kind against python-stdnum."""

import importlib
import random

import pytest

from masker.transformers import Site, build
from masker.transformers.schemes import SCHEMES

ORACLES = {
    "us_ssn": "us.ssn",
    "ca_sin": "ca.sin",
    "gb_nhs": "gb.nhs",
    "de_idnr": "de.idnr",
    "nl_bsn": "nl.bsn",
    "es_dni": "es.dni",
    "es_nie": "es.nie",
    "ch_ahv": "ch.ssn",
    "br_cpf": "br.cpf",
}
RIGHT = {
    "us_ssn": "536-90-4399",
    "ca_sin": "123-456-782",
    "gb_nino": "AB 12 34 56 C",
    "gb_nhs": "943 476 5870",
    "de_idnr": "36 574 261 809",
    "nl_bsn": "1112.22.333",
    "es_dni": "54362315-K",
    "es_nie": "X-2482300W",
    "ch_ahv": "756.9217.0769.85",
    "br_cpf": "390.533.447-05",
}
TESTED = sorted(name for name, scheme in SCHEMES.items() if scheme.test)


def is_valid(number, text):
    if number not in ORACLES:
        return True
    return importlib.import_module(f"stdnum.{ORACLES[number]}").is_valid(text)


def shape(text):
    return "".join("0" if c.isdigit() else "A" if c.isalpha() else c for c in text)


@pytest.mark.parametrize("number", sorted(SCHEMES))
def test_a_right_number_becomes_another_right_one(mask, number):
    text = RIGHT[number]
    assert is_valid(number, text)
    made = mask("national_id", [text], {"number": number, "range": "format"}).values.item()
    assert is_valid(number, made)
    assert made != text
    assert shape(made) == shape(text)


@pytest.mark.parametrize("number", sorted(ORACLES))
def test_right_and_wrong_stay_apart(mask, number):
    draw = random.Random(5)
    plain = "".join(c for c in RIGHT[number] if c.isalnum())
    texts = {
        "".join(
            draw.choice("0123456789") if c.isdigit() and n > 2 else c for n, c in enumerate(plain)
        )
        for _ in range(300)
    }
    texts = sorted(texts | {plain})
    made = mask("national_id", texts, {"number": number, "range": "format"}).values.to_list()
    assert len(set(made)) == len(texts)
    assert [is_valid(number, t) for t in texts] == [is_valid(number, m) for m in made]


@pytest.mark.parametrize("number", TESTED)
def test_a_test_number_is_nobodys(mask, number):
    scheme = SCHEMES[number]
    draw = random.Random(7)
    plain = "".join(c for c in RIGHT[number] if c.isalnum())
    texts = [
        "".join(draw.choice("0123456789") if c.isdigit() else c for c in plain) for _ in range(200)
    ]
    masked = mask("national_id", texts, {"number": number})
    assert masked.unparsed == 0
    for old, new in zip(texts, masked.values, strict=True):
        assert new.startswith(scheme.test)
        assert new != old


def test_spellings_of_one_number_are_one(mask):
    made = mask("national_id", ["536-90-4399", "536904399"], {"number": "us_ssn"}).values
    assert made[0].replace("-", "") == made[1]


def test_what_is_no_number(mask):
    masked = mask("national_id", ["N/A", "12-34"], {"number": "us_ssn"})
    assert masked.unparsed == 2
    assert masked.values[0] != "N/A"


def test_a_live_range_is_a_caution():
    live = build("national_id", {"number": "ch_ahv", "range": "format"})
    assert live.cautions(Site())[0][0] == "live-range"
    assert build("national_id", {"number": "us_ssn"}).cautions(Site()) == ()

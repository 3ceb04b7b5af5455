"""Iban: country, length, grouping and every check digit that is known."""

import pytest
from stdnum import iban as oracle

from masker.transformers.bban import NATIONAL, bank_of, groups

# The example of each country in the SWIFT IBAN registry.
EXAMPLES = {
    "AT": "AT611904300234573201",
    "BA": "BA391290079401028494",
    "BE": "BE68539007547034",
    "CH": "CH9300762011623852957",
    "EE": "EE382200221020145685",
    "DE": "DE89370400440532013000",
    "ES": "ES9121000418450200051332",
    "FR": "FR1420041010050500013M02606",
    "GB": "GB29NWBK60161331926819",
    "IT": "IT60X0542811101000000123456",
    "MC": "MC5811222000010123456789030",
    "ME": "ME25505000012345678951",
    "MK": "MK07250120000058984",
    "MT": "MT84MALT011000012345MTLCAST001S",
    "NL": "NL91ABNA0417164300",
    "PL": "PL61109010140000071219812874",
    "PT": "PT50000201231234567890154",
    "RS": "RS35260005601001611379",
    "SI": "SI56263300012039086",
    "SM": "SM86U0322509800000000270100",
}


def national_is_right(text):
    known = NATIONAL.get(text[:2])
    if known is None:
        return True
    import polars as pl

    bban = text[4:]
    check = bban[known.start : known.start + known.length]
    rest = pl.Series([bban[: known.start] + bban[known.start + known.length :]])
    there = ord(check) - ord("A") if known.letter else int(check)
    return known.check(rest)[0] == there


@pytest.mark.parametrize("country", sorted(EXAMPLES))
def test_the_registrys_examples_are_right(country):
    assert national_is_right(EXAMPLES[country])


@pytest.mark.parametrize("range", ["test", "format"])
@pytest.mark.parametrize("country", sorted(EXAMPLES))
def test_country_length_and_checks_stay(mask, country, range):
    text = EXAMPLES[country]
    made = mask("iban", [text], {"range": range}).values.item()
    assert made[:2] == country
    assert len(made) == len(text)
    assert oracle.is_valid(made, check_country=False)
    assert national_is_right(made)
    assert made != text


@pytest.mark.parametrize("range", ["test", "format"])
@pytest.mark.parametrize("country", ["DE", "ES", "IT"])
def test_a_wrong_iban_stays_wrong(mask, country, range):
    text = EXAMPLES[country]
    wrong = text[:-1] + str((int(text[-1]) + 1) % 10)
    made = mask("iban", [wrong], {"range": range}).values.item()
    assert not oracle.is_valid(made, check_country=False)


TAKEN_FROM_ZERO = {"BE": "999", "EE": "66"}  # where 000 and 00 are banks


@pytest.mark.parametrize("country", sorted(EXAMPLES))
def test_a_test_account_is_at_no_bank(mask, country):
    made = mask("iban", [EXAMPLES[country]]).values.item()
    first, last = bank_of(country)
    known = NATIONAL.get(country)
    shift = known.length if known is not None and known.start == 0 else 0
    code = made[4 + shift :][first:last]
    assert code == TAKEN_FROM_ZERO.get(country, code)
    assert country in TAKEN_FROM_ZERO or set(code) <= {"0", "X"}


def test_grouping_and_case_stay(mask):
    made = mask("iban", ["de89 3704 0044 0532 0130 00", "DE89370400440532013000"]).values.to_list()
    assert made[0].replace(" ", "").upper() == made[1]
    assert made[0].startswith("de")


def test_every_account_of_a_branch_once(mask):
    texts = [f"DE{check:02d}37040044053201{n:04d}" for check in (1, 89) for n in range(300)]
    assert mask("iban", texts, {"range": "format"}).values.n_unique() == len(texts)


@pytest.mark.parametrize("value", ["N/A", "XX00123456789012345", "DE893704004405320130", "DE"])
def test_what_is_no_iban(mask, value):
    for params in ({}, {"range": "format"}):
        masked = mask("iban", [value], params)
        assert masked.values.item() != value
        assert masked.unparsed == 1


def test_an_unknown_country_has_no_structure():
    assert groups("XX") == ()
    assert groups("DE") == ((8, "n"), (10, "n"))

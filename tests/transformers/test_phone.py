"""Phone: country and shape stay; fiction rings nobody."""

import re

import phonenumbers
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from masker.transformers import Site, build
from masker.transformers.numbering import COUNTRY_CODE, RESERVES
from masker.transformers.phone import region_of

FICTION = {
    "us": ("(415) 867-5309", r"\(\d{3}\) 555-01\d\d"),
    "us with country code": ("+1 415 867 5309", r"\+1 \d{3} 555 01\d\d"),
    "us with trunk digit": ("1-415-867-5309", r"1-\d{3}-555-01\d\d"),
    "us dialled from abroad": ("001-415-867-5309", r"001-\d{3}-555-01\d\d"),
    "us with extension": ("415.867.5309 x123", r"\d{3}\.555\.01\d\d x\d{3}"),
    "us local": ("867-5309", r"555-01\d\d"),
    "us bare": ("4158675309", r"\d{3}55501\d\d"),
    "canada": (
        "+1 416 867 5309",
        r"\+1 (204|250|306|403|41[68]|506|51[49]|604|613|705|[78]09|819) 555 01\d\d",
    ),
    "jamaica": ("+1 876 867 5309", r"\+1 876 555 01\d\d"),
    "gb": ("+44 1344 429268", r"\+44 \d{4} \d{6}"),
    "gb dialled from the us": ("011.44.1344.429268", r"011\.44\.\d{4}\.\d{6}"),
    "gb mobile": ("+44 7911 123456", r"\+44 7700 900\d{3}"),
    "de": ("+49 30 123456", r"\+49 (30|69|40|22|89) \d{8}"),
    "de with trunk in brackets": ("+49 (0)30 12345678", r"\+49 \(0\)\d\d \d{8}"),
    "de mobile": ("+49 171 1234567", r"\+49 17(1 39200\d\d|6 040690\d\d)"),
    "fr": ("+33 1 42 68 53 00", r"\+33 (1 99 00|2 61 91|3 53 01|4 65 71|5 36 49) \d\d \d\d"),
    "fr mobile": ("+33 6 12 34 56 78", r"\+33 6 39 98 \d\d \d\d"),
    "au mobile": ("+61 412 345 678", r"\+61 491 57\d \d{3}"),
    "au": ("+61 2 9374 4000", r"\+61 [2378] (5550|7010) \d{4}"),
    "se mobile": ("+46 70 123 45 67", r"\+46 70 174 06 \d\d"),
    "ie": ("+353 1 234 5678", r"\+353 2 091 \d{5}"),
}


@pytest.mark.parametrize(("number", "form"), FICTION.values(), ids=FICTION)
def test_reserved_numbers_in_the_shape_of_the_source(mask, number, form):
    masked = mask("phone", [number])
    made = masked.values.item()
    if "mobile" not in form and not re.fullmatch(form, made):
        # As many digits as the reserve has, so the last group may be longer.
        assert re.match(form.removesuffix(r"\d\d"), made), made
    assert made != number
    assert masked.unparsed == 0


@pytest.mark.parametrize(
    ("country", "number"),
    [
        ("DE", "030 1234567"),
        ("DE", "0171/1234567"),
        ("GB", "020 7123 4567"),
        ("FR", "01 42 68 53 00"),
        ("FR", "612345678"),
        ("AU", "02 9374 4000"),
        ("SE", "08-123 456 78"),
        ("US", "415-867-5309"),
        ("CA", "416-867-5309"),
    ],
)
def test_national_numbers_are_of_the_first_country(mask, country, number):
    masked = mask("phone", [number], countries=(country,))
    parsed = phonenumbers.parse(masked.values.item(), country)
    national = phonenumbers.national_significant_number(parsed)
    reserve = RESERVES[country]
    assert any(national.startswith(b.prefix) for b in (*reserve.blocks, *reserve.cells))
    assert masked.unparsed == 0


@pytest.mark.parametrize(
    ("locale", "countries", "region"),
    [("en_US", (), "US"), ("de_DE", (), "DE"), ("de_DE", ("AT",), "AT"), ("eo", (), None)],
)
def test_region(locale, countries, region):
    assert region_of(Site(locale=locale, countries=countries)) == region


@pytest.mark.parametrize("number", ["+43 1 58858 0", "+34 612 345 678", "+48 512 345 678"])
def test_where_nothing_is_reserved_a_number_is_valid(mask, number):
    made = mask("phone", [number]).values.item()
    assert made[:3] == number[:3]
    assert phonenumbers.is_valid_number(phonenumbers.parse(made))
    assert re.sub(r"\d", "0", made) == re.sub(r"\d", "0", number)


@pytest.mark.parametrize("number", [n for n, _ in FICTION.values() if n != "867-5309"])
def test_valid(mask, number):
    masked = mask("phone", [number], {"range": "valid"})
    made = masked.values.item()
    if masked.unparsed == 0:
        text = re.sub(r"^011", "+", made)
        assert phonenumbers.is_valid_number(phonenumbers.parse(text, "US")) or text.startswith(
            "001"
        )
        assert re.sub(r"\d", "0", made) == re.sub(r"\d", "0", number)


def test_one_number_in_all_its_spellings_is_one(mask):
    spellings = ["+1 415 867 5309", "(415) 867-5309", "1-415-867-5309", "001-415-867-5309"]
    made = [re.sub(r"\D", "", number)[-10:] for number in mask("phone", spellings).values]
    assert len(set(made)) == 1


def test_a_number_of_the_reserve_takes_another(mask):
    numbers = [f"(415) 555-01{n:02d}" for n in range(100)]
    made = mask("phone", numbers).values.to_list()
    assert all(old != new for old, new in zip(numbers, made, strict=True))


@pytest.mark.parametrize("value", ["N/A", "none yet", "12", "+999 12345678", "123456789012345678"])
def test_what_is_no_number_is_scrambled_and_counted(mask, value):
    masked = mask("phone", [value])
    assert masked.values.item() != value
    assert masked.unparsed == 1


def test_a_number_that_does_not_fit_loses_its_punctuation(mask):
    made = mask("phone", ["030 1234567"], countries=("DE",), length=11).values.item()
    assert re.fullmatch(r"0\d{10}", made)


@example(["00000", "+00000"], ("US",))
@given(
    st.lists(
        st.from_regex(r"(\+|00|011|0|1)?[0-9]{5,12}", fullmatch=True), unique=True, max_size=20
    ),
    st.sampled_from([("US",), ("DE",), ()]),
)
def test_format_is_one_to_one_and_keeps_the_country(mask, numbers, countries):
    made = mask("phone", numbers, {"range": "format"}, countries=countries).values.to_list()
    assert len(set(made)) == len(numbers)
    code = re.compile(rf"^\+(?:{COUNTRY_CODE})")
    for old, new in zip(numbers, made, strict=True):
        assert re.sub(r"\d", "0", old) == re.sub(r"\d", "0", new)
        if code.match(old):
            assert code.match(new)[0] == code.match(old)[0]


def test_a_plus_without_a_country_code_stays(mask):
    masked = mask("phone", ["+0 123 456 789"], {"range": "format"})
    assert re.fullmatch(r"\+\d \d{3} \d{3} \d{3}", masked.values.item())
    assert masked.unparsed == 0


@pytest.mark.parametrize("number", ["+430 1234 5678", "12345678901234567", "+4" + "9" * 14])
def test_a_number_for_which_no_valid_one_is_found_is_no_error(mask, number):
    assert mask("phone", [number], {"range": "valid"}).values.item() != number


def test_extensions_change(mask):
    numbers = [f"415 867 5309 x{n}" for n in range(1000, 1100)]
    made = mask("phone", numbers).values
    assert made.str.extract(r"x(\d{4})$").n_unique() > 90
    assert made.str.head(12).n_unique() == 1


def test_every_number_of_a_block_once(mask):
    numbers = [f"+49 171 {n:07d}" for n in range(0, 10**7, 9999)]
    assert mask("phone", numbers, {"range": "format"}).values.n_unique() == len(numbers)


@pytest.mark.parametrize(
    ("range", "locale", "countries", "told"),
    [
        ("fictional", "en_US", (), None),
        ("fictional", "pl_PL", (), "reserved for fiction in PL"),
        ("fictional", "pl", (), None),
        ("fictional", "pl_PL", ("DE", "US"), None),
        ("fictional", "en_US", ("DE", "AT"), "reserved for fiction in AT"),
        ("valid", "en_US", (), "`range: valid` may belong to somebody"),
        ("format", "en_US", ("DE",), "`range: format` may belong to somebody"),
    ],
)
def test_live_ranges_are_a_caution(range, locale, countries, told):
    found = build("phone", {"range": range}).cautions(Site(locale=locale, countries=countries))
    assert [code for code, _ in found] == (["live-range"] if told else [])
    assert all(told in sentence for _, sentence in found)


@pytest.mark.parametrize("code", phonenumbers.COUNTRY_CODE_TO_REGION_CODE)
def test_country_codes_are_libphonenumbers(code):
    assert re.fullmatch(COUNTRY_CODE, str(code))


def test_country_codes_are_free_of_prefixes():
    codes = [str(n) for n in range(1, 1000) if re.fullmatch(COUNTRY_CODE, str(n))]
    assert not [a for a in codes for b in codes if a != b and b.startswith(a)]

"""Card: scheme, length, grouping and the Luhn digit."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from masker.transformers import Site, build
from masker.transformers.card import TEST_PREFIXES
from masker.transformers.checks import luhn_of

# Numbers that payment processors publish for tests.
PUBLISHED = {
    "visa": ("4111111111111111", "4"),
    "visa-13": ("4222222222222", "4"),
    "mastercard": ("5555555555554444", "5[1-5]|2[2-7]"),
    "mastercard-2": ("2223003122003222", "5[1-5]|2[2-7]"),
    "amex": ("378282246310005", "3[47]"),
    "discover": ("6011111111111117", "6011|65|64"),
    "diners": ("30569309025904", "30[0-5]|36|38"),
    "jcb": ("3530111333300000", "35"),
    "unionpay": ("6200000000000005", "62"),
    "maestro": ("6759649826438453", "6|5[06-9]"),
}


@pytest.mark.parametrize("range", ["test", "format"])
@pytest.mark.parametrize(("number", "scheme"), PUBLISHED.values(), ids=PUBLISHED)
def test_scheme_length_and_check_digit_stay(mask, number, scheme, range):
    made = mask("card", [number], {"range": range}).values.item()
    assert re.match(f"^(?:{scheme})", made)
    assert len(made) == len(number)
    assert luhn.is_valid(made)
    assert made != number


@pytest.mark.parametrize("range", ["test", "format"])
def test_grouping_stays_and_means_nothing(mask, range):
    spellings = ["4111111111111111", "4111 1111 1111 1111", "4111-1111-1111-1111"]
    made = mask("card", spellings, {"range": range}).values.to_list()
    assert re.fullmatch(r"\d{4} \d{4} \d{4} \d{4}", made[1])
    assert len({re.sub(r"\D", "", number) for number in made}) == 1


def test_a_test_number_stands_behind_a_published_prefix(mask):
    numbers = [number for number, _ in PUBLISHED.values()]
    prefixes = {prefix for _, some in TEST_PREFIXES for prefix in some}
    assert {number[:8] for number in mask("card", numbers).values} <= prefixes


@given(st.lists(st.from_regex(r"[0-9]{12,19}", fullmatch=True), unique=True, max_size=20))
def test_format_keeps_right_and_wrong_apart(mask, numbers):
    made = mask("card", numbers, {"range": "format"}).values.to_list()
    assert len(set(made)) == len(numbers)
    for old, new in zip(numbers, made, strict=True):
        assert luhn.is_valid(old) == luhn.is_valid(new)


def test_all_of_a_small_format_once(mask):
    numbers = [f"40000000000{n:03d}" for n in range(1000)]
    assert mask("card", numbers, {"range": "format"}).values.n_unique() == 1000


def test_what_is_no_card(mask):
    masked = mask("card", ["N/A", "1234", ""])
    assert masked.values[0] != "N/A"
    assert masked.values[1] != "1234"
    assert masked.unparsed == 2


def test_a_live_range_is_a_caution():
    assert build("card").cautions(Site()) == ()
    assert build("card", {"range": "format"}).cautions(Site())[0][0] == "live-range"


@given(st.lists(st.from_regex(r"[0-9]{1,19}", fullmatch=True), max_size=20))
def test_luhn_of_numbers_is_that_of_their_digits(numbers):
    checks = luhn_of(np.array([int(number) for number in numbers], dtype=np.uint64))
    assert checks.tolist() == [int(luhn.calc_check_digit(number)) for number in numbers]


@pytest.mark.parametrize("range", ["test", "format"])
def test_the_longest_and_those_with_zeros_in_front(mask, range):
    numbers = ["9999999999999999999", "0000000000000000000", "000000000000", "0000000000000"]
    masked = mask("card", numbers, {"range": range})
    assert masked.unparsed == 0
    for old, new in zip(numbers, masked.values, strict=True):
        assert len(new) == len(old)
        assert luhn.is_valid(new) == luhn.is_valid(old) or range == "test"

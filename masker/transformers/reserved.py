"""Tell values that nobody has: domains, numbers and banks that are reserved for examples and tests.

What the transformers make by default lies in these ranges; so does much that people make up well.
"""

from __future__ import annotations

import functools

import numpy as np
import polars as pl

from masker.transformers.bban import NATIONAL, bank_of, groups, no_bank
from masker.transformers.card import TEST_PREFIXES
from masker.transformers.cells import Bytes
from masker.transformers.numbering import LOCAL, RESERVES, Block, Reserve
from masker.transformers.schemes import SCHEMES

# RFC 2606 and RFC 6761: domains that will never be anybody's.
_EXAMPLE = (
    r"(?i)(?:^|[@.])(?:example\.(?:com|net|org)|[^@.]+\.(?:example|test|invalid|localhost))\.?$"
)
_SHORT = 4  # of an IBAN: country and check digits


def is_example_email(values: pl.Series) -> pl.Series:
    """Tell which addresses are below a domain for examples or tests (RFC 2606, RFC 6761)."""
    return values.str.strip_chars().str.contains(_EXAMPLE).fill_null(value=False)


def is_fictional_phone(values: pl.Series) -> pl.Series:
    """Tell which numbers a regulator reserves for fiction (see `RESERVES`), however written."""
    digits = values.str.replace_all(r"\(0\)", "").str.replace_all("[^0-9]", "")
    return digits.str.contains(_fiction()).fill_null(value=False)


def is_test_card(values: pl.Series) -> pl.Series:
    """Tell which card numbers begin as those that payment providers publish for tests."""
    digits = values.str.replace_all("[^0-9]", "")
    return digits.str.contains(_cards()).fill_null(value=False)


def is_test_iban(values: pl.Series) -> pl.Series:
    """Tell which IBANs name a bank that does not exist."""
    plain = values.str.replace_all("[^0-9A-Za-z]", "").str.to_uppercase()
    frame = pl.DataFrame({"iban": plain, "country": plain.str.head(2)}).with_row_index("row")
    found: list[int] = []
    whole = frame.filter(pl.col("iban").str.len_chars() > _SHORT)
    for (country,), of in whole.group_by("country"):
        found += of["row"].filter(_of_no_bank(of["iban"].str.slice(_SHORT), str(country))).to_list()
    return frame["row"].is_in(found)


def is_test_number(values: pl.Series) -> pl.Series:
    """Tell which national numbers begin as numbers of their kind do that nobody is given."""
    plain = values.str.replace_all("[^0-9A-Za-z]", "").str.to_uppercase()
    told = [
        plain.str.contains(scheme.form) & plain.str.contains(f"^(?:{'|'.join(scheme.test)})")
        for scheme in SCHEMES.values()
        if scheme.test
    ]
    return pl.select(pl.any_horizontal(told)).to_series().fill_null(value=False)


@functools.cache
def _fiction() -> str:
    """Return a pattern of digits: a country's code or trunk digit, then a reserved number."""
    each = [_reserved(reserve) for name, reserve in RESERVES.items() if name != LOCAL]
    local = "|".join(f"{block.prefix}[0-9]{{{block.width}}}" for block in RESERVES[LOCAL].blocks)
    return rf"^(?:{'|'.join(each)}|{local})$"


def _reserved(reserve: Reserve) -> str:
    numbers = "|".join(map(_block, (*reserve.blocks, *reserve.cells)))
    return rf"(?:(?:00|011)?{reserve.code}|{reserve.trunk})?(?:{numbers})"


def _block(block: Block) -> str:
    if block.width == 1 and block.first == block.last:
        return f"{block.prefix}{block.first}"
    return f"{block.prefix}[0-9]{{{block.width}}}"


@functools.cache
def _cards() -> str:
    return f"^(?:{'|'.join(prefix for _, prefixes in TEST_PREFIXES for prefix in prefixes)})"


def _of_no_bank(bbans: pl.Series, country: str) -> pl.Series:
    """Tell which national parts of IBANs of one country name no bank."""
    if not groups(country):
        return pl.repeat(False, len(bbans), dtype=pl.Boolean, eager=True)
    start, length = bank_of(country)
    check = NATIONAL.get(country)
    if check is not None and check.start == 0:  # it stands before the bank's code
        start += check.length
    code = bbans.str.slice(start, length)
    known = code.unique().to_list()
    made = {each: no_bank(country, _symbols(each)).tobytes().decode() for each in known}
    return code == code.replace_strict(made, return_dtype=pl.String)


def _symbols(text: str) -> Bytes:
    return np.frombuffer(text.encode(), dtype=np.uint8)

"""Valid phone numbers: libphonenumber's only door, and a Python loop over distinct numbers."""

from __future__ import annotations

import polars as pl

from masker.keys import Keyring, prf
from masker.transformers.checks import numerals

# Leading digits of the national number that stay, try by try: they tell area or network, and a
# number is found valid the sooner the more of them stay.
_TRIES = (1,) * 12 + (2,) * 12 + (4,) * 12


def read(numbers: pl.Series, region: str | None) -> pl.DataFrame:
    """Return `code` and `national` (digits) of each number, null where it is no possible number.

    `numbers` is a String series; `region` (ISO 3166) takes those without a country code.
    """
    import phonenumbers  # noqa: PLC0415 - loads megabytes of numbering plans

    distinct = numbers.drop_nulls().unique()
    codes: list[str | None] = []
    nationals: list[str | None] = []
    for text in distinct:
        try:
            number = phonenumbers.parse(text, region)
        except phonenumbers.NumberParseException:
            number = None
        if number is None or not phonenumbers.is_possible_number(number):
            codes.append(None)
            nationals.append(None)
        else:
            codes.append(str(number.country_code))
            nationals.append(phonenumbers.national_significant_number(number))
    known = pl.DataFrame(
        {"number": distinct, "code": codes, "national": nationals},
        schema={"number": pl.String, "code": pl.String, "national": pl.String},
    )
    return numbers.to_frame("number").join(known, on="number", how="left", maintain_order="left")


def replaced(codes: pl.Series, nationals: pl.Series, *, keys: Keyring, domain: str) -> pl.Series:
    """Return a keyed national number of the same length that is valid in its country.

    Never the number itself; null where none was found in some dozen tries, and where null.
    """
    frame = pl.DataFrame({"code": codes, "own": nationals}).drop_nulls().unique(maintain_order=True)
    made: list[pl.DataFrame] = []
    for number, kept in enumerate(_TRIES):
        if not len(frame):
            break
        named = frame["code"] + "/" + frame["own"]
        words = prf(named, keys=keys, domain=domain, purpose=f"valid {number}").words
        drawn = frame.with_columns_seq(drawn=numerals(words, 18))
        drawn = drawn.with_columns_seq(
            new=pl.col("own").str.head(kept)
            + pl.col("drawn").str.head(pl.col("own").str.len_chars() - kept)
        )
        good = [_is_valid(code, new) for code, new in drawn.select_seq("code", "new").iter_rows()]
        fit = pl.Series(good, dtype=pl.Boolean) & (drawn["new"] != drawn["own"])
        made.append(drawn.filter(fit).select_seq("code", "own", "new"))
        frame = frame.filter(~fit)
    if not made:
        return nationals
    found = pl.concat(made)
    asked = pl.DataFrame({"code": codes, "own": nationals})
    return asked.join(found, on=["code", "own"], how="left", maintain_order="left")["new"]


def _is_valid(code: str, national: str) -> bool:
    import phonenumbers  # noqa: PLC0415 - loads megabytes of numbering plans

    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(f"+{code}{national}"))
    except phonenumbers.NumberParseException:
        return False

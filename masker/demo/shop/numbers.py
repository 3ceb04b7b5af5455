"""Numbers that belong to people: cards, bank accounts, telephones, national ids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from masker.demo.shop.chance import assemble, often, pattern, patterns, quotas, text_of, where

Digits = npt.NDArray[np.int64]

CARDS: Mapping[str, float] = {
    "4###############": 0.55,  # Visa
    "52##############": 0.30,  # Mastercard
    "37#############": 0.15,  # American Express
}
# ISO 13616 registry: the country's account number, `????` a bank's letters.
ACCOUNTS: Mapping[str, Sequence[str]] = {
    "DE": ("##################",),
    "AT": ("################",),
    "FR": ("#######################",),
    "ES": ("####################",),
    "NL": ("INGB##########", "RABO##########"),
    "PL": ("########################",),
    "GB": ("NWBK##############", "BARC##############"),
}
PHONES: Mapping[str, Sequence[str]] = {
    "DE": ("+49 30 %#######", "+49151########", "0049 89 %######", "(040) %###-####",
           "0171/%######", "0221 / %## ## ##", "015########9"),
    "AT": ("+43 1 %######", "0664 %######", "+43 664 / %## ## ##", "00436641######"),
    "FR": ("+33 6 ## ## ## ##", "01 4# ## ## ##", "06.##.##.##.##", "+336########"),
    "ES": ("+34 6## ## ## ##", "91 %## ## ##", "6########", "+34-93-%##-####"),
    "IT": ("+39 02 %######", "+39 347 %######", "06 %#######", "333-%######"),
    "NL": ("+31 6 %#######", "06-%#######", "020 %## ## ##", "0031 10 %######"),
    "PL": ("+48 50# ### ###", "60#-###-###", "22 %## ## ##", "+4850#######"),
    "US": ("+1 212-%##-####", "(415) %##-####", "512.%##.####", "1-206-%##-####", "312%######"),
    "GB": ("+44 20 7### ####", "07### ######", "(0161) %## ####", "+447#########"),
}  # fmt: skip
NATIONAL_IDS: Mapping[str, Sequence[str]] = {
    "DE": ("%##########", "%# ### ### ###"),
    "AT": ("%### 0#0#6#",),
    "FR": ("1 8# 0# %# ### ### ##", "2 9# 1% %# ### ### ##"),
    "IT": ("???????%A0#?###?", "???????%B1#?###?"),
    "NL": ("%########",),
    "PL": ("8#0#1######", "9#1#2######"),
    "US": ("###-%#-####", "%##-##-%###"),
    "GB": ("?? %# ## ## A", "??%#####B"),
}
VAT_NUMBERS: Mapping[str, Sequence[str]] = {
    "DE": ("DE%########",),
    "AT": ("ATU%#######",),
    "FR": ("FR%##########",),
    "ES": ("ESB%#######",),
    "IT": ("IT%##########",),
    "NL": ("NL%########B0%",),
    "PL": ("PL%#########",),
    "GB": ("GB%########",),
}
DNI_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
CODE_OF_A = 10  # ISO 13616: A counts 10, Z counts 35


def cards(rng: np.random.Generator, rows: int) -> pl.Series:
    """Make card numbers with a right check digit (ISO/IEC 7812-1, Luhn), a third in groups."""
    scheme = quotas(rng, rows, CARDS)
    parts = []
    for number, template in enumerate(CARDS):
        here = np.flatnonzero(scheme == number)
        digits = _cells(pattern(rng, len(here), template), len(template)).astype(np.int64)
        digits[:, -1] = luhn_digit(digits[:, :-1])
        parts.append((here, text_of(digits.astype("U1"))))
    plain = assemble(rows, parts)
    grouped = plain.str.replace_all(r"(\d{4})", "$1 ").str.strip_chars()
    return where(often(rng, rows, 1 / 3), grouped, plain)


def luhn_digit(payload: Digits) -> Digits:
    """Return the check digit for each row of digits."""
    doubled = payload[:, ::-1].copy()
    doubled[:, ::2] *= 2
    doubled -= 9 * (doubled > 9)  # noqa: PLR2004 - two digits count as their sum
    check: Digits = -doubled.sum(axis=1) % 10
    return check


def ibans(rng: np.random.Generator, country: npt.NDArray[np.str_]) -> pl.Series:
    """Make account numbers with right check digits (ISO 7064, modulo 97); null where none are."""
    account = patterns(rng, country, ACCOUNTS)
    code = pl.Series(country)
    rest = _modulo_97(account + code + "00")
    check = (98 - rest).cast(pl.String).str.zfill(2)
    plain = code + check + account
    grouped = plain.str.replace_all(r"(\w{4})", "$1 ").str.strip_chars()
    return where(often(rng, len(country), 1 / 4), grouped, plain)


def phones(rng: np.random.Generator, country: npt.NDArray[np.str_]) -> pl.Series:
    """Make telephone numbers in the notations of each row's country."""
    return patterns(rng, country, PHONES)


def national_ids(rng: np.random.Generator, country: npt.NDArray[np.str_]) -> pl.Series:
    """Make tax and social security numbers in the form of each row's country.

    The Spanish DNI carries its letter (number modulo 23); the others have the form only.
    """
    number = rng.integers(10_000_000, 99_999_999, len(country))
    dni = pl.Series(number).cast(pl.String) + pl.Series(list(DNI_LETTERS)).gather(number % 23)
    return where(country == "ES", dni, patterns(rng, country, NATIONAL_IDS))


def vat_numbers(rng: np.random.Generator, country: npt.NDArray[np.str_]) -> pl.Series:
    """Make VAT numbers, all different; null in countries that have none."""
    made = patterns(rng, country, VAT_NUMBERS)
    return where((made.is_first_distinct()).to_numpy(), made, None)


def _modulo_97(texts: pl.Series) -> pl.Series:
    """Return ISO 7064's remainder of each text, letters as two digits; null stays null."""
    width = max(texts.str.len_chars().drop_nulls().to_list(), default=0)
    cells = _cells(texts.fill_null("").str.pad_start(width, "0"), width)
    codes = cells.view(np.uint32).astype(np.int64)
    letter = codes >= ord("A")
    values = np.where(letter, codes - ord("A") + CODE_OF_A, codes - ord("0"))
    rest = np.zeros(len(texts), dtype=np.int64)
    for position in range(width):  # some thirty characters, all rows at once
        step = np.where(letter[:, position], 100, 10)
        rest = (rest * step + values[:, position]) % 97
    return where(texts.is_not_null().to_numpy(), pl.Series(rest), None)


def _cells(texts: pl.Series, width: int) -> npt.NDArray[np.str_]:
    """Spread texts of one width into a matrix of single characters."""
    return texts.to_numpy().astype(f"U{width}").view("U1").reshape(len(texts), width)

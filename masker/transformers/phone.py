"""Phone: numbers of the same country and shape, that ring nobody where a country reserves some."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import polars as pl

from masker.keys import Keyring, permute, prf
from masker.transformers import phone_valid
from masker.transformers.base import Masked, Param, Promises, Site, Transformer, Uniqueness
from masker.transformers.card import LIVE
from masker.transformers.characters import refilled, rewritten
from masker.transformers.checks import numerals
from masker.transformers.formats import DIGITS
from masker.transformers.numbering import BY_AREA, BY_CODE, COUNTRY_CODE, LOCAL, RESERVES
from masker.transformers.unparsed import staying, with_permutation, with_scramble

_BODY = r"[+(]{0,2}[0-9](?:[0-9 ()./\u{a0}\u{2010}-\u{2013}-]*[0-9)])?"
_EXTENSION = r"(?i)((?:\s*(?:;?ext[.=]?|extn\.?|x|#)\s*)[0-9]{1,7})$"
_FORM = rf"^\s*{_BODY}(?i:\s*(?:;?ext[.=]?|extn\.?|x|#)\s*[0-9]{{1,7}})?\s*$"
_LEAST, _MOST = 5, 17  # digits without extension; the most with 00 or 011 in front of fifteen
_WHOLE = 9  # digits from which a number without trunk digit is taken for a whole national one
_LOCAL = 7  # digits of an American number without area code

_AMERICAN = frozenset({"US", "CA"})  # national regions that dial 011 abroad and 1 at home
_ABROAD = rf"^(?:\+|00)(?:{COUNTRY_CODE})"
_ABROAD_AMERICAN = rf"^(?:\+|00|011)(?:{COUNTRY_CODE})"


@dataclass(frozen=True)
class Phone(Transformer):
    """Replace phone numbers."""

    range: str = "fictional"

    name: ClassVar[str] = "phone"
    sentence: ClassVar[str] = (
        "Replaces phone numbers by others of the same country and shape: reserved for fiction "
        "where the country reserves some, else valid ones."
    )
    params: ClassVar[tuple[Param, ...]] = (
        Param(
            name="range",
            type="text",
            default="fictional",
            choices=("fictional", "valid", "format"),
            meaning="`fictional`: reserved numbers, many to one, and valid ones for countries that "
            "reserve none; `valid`: numbers that libphonenumber takes; `format`: a permutation of "
            "the digits behind the country code, one to one. The last two may belong to somebody.",
        ),
    )
    default_domain: ClassVar[str] = "phone"

    def promises(self) -> Promises:
        """Return what holds for every output."""
        if self.range == "format":
            return Promises(
                keeps_length=True, uniqueness=Uniqueness.INJECTIVE, reversible=True, chance="space"
            )
        return Promises(never_equal=True, chance="pool" if self.range == "fictional" else "space")

    def apply(
        self, values: pl.Series, *, site: Site, keys: Keyring, others: Mapping[str, pl.Series]
    ) -> Masked:
        """Mask a column."""
        del others
        domain = site.domain or self.default_domain
        region = region_of(site)
        if self.range == "format":
            return _permuted(values, region, keys=keys, domain=domain)
        main, extension = _apart(values)
        made = pl.Series([None], dtype=pl.String).new_from_index(0, len(values))
        if self.range == "fictional":
            made = _fictional(main, region, keys=keys, domain=domain)
        rows = (main.is_not_null() & made.is_null()).arg_true()
        if len(rows):
            made.scatter(rows, _valid(main.gather(rows), region, keys=keys, domain=domain))
        words = prf(values, keys=keys, domain=domain, purpose="extension").words
        extra = numerals(words, 7)
        count = extension.str.count_matches("[0-9]")
        drawn = pl.select(pl.lit(extra).str.head(pl.lit(count))).to_series()
        whole = made + refilled(extension, drawn)
        if site.length is not None:
            whole = _fitted(whole, site.length)
        return with_scramble(values, whole, parsed=whole.is_not_null(), keys=keys, domain=domain)

    def cautions(self, site: Site) -> tuple[tuple[str, str], ...]:
        """Return what a person must accept in writing."""
        if self.range != "fictional":
            return (LIVE,)
        without = [country for country in site.countries if country not in RESERVES]
        if not without:
            return ()
        sentence = (
            f"no numbers are reserved for fiction in {', '.join(without)}: those become valid "
            "numbers that may belong to somebody"
        )
        return ((LIVE[0], sentence),)


def region_of(site: Site) -> str | None:
    """Return the country whose numbers are written without country code: ISO 3166, or None."""
    if site.countries:
        return site.countries[0]
    _, _, territory = site.locale.partition("_")
    return territory or None


def _parses(values: pl.Series) -> pl.Series:
    digits = values.str.replace(_EXTENSION, "").str.count_matches("[0-9]")
    return values.str.contains(_FORM) & digits.is_between(_LEAST, _MOST)


def _apart(values: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Return number and extension (an empty text if there is none); both null for what is none."""
    formed = values.set(~_parses(values), None)
    return formed.str.replace(_EXTENSION, ""), formed.str.extract(_EXTENSION).fill_null("")


def _head(digits: pl.Series, region: str | None) -> pl.Series:
    """Return what of a number stays: country code and what stands before it, or a trunk digit.

    `digits` begin with a `+` where the number does.
    """
    american = region in _AMERICAN
    abroad = digits.str.extract(f"({_ABROAD_AMERICAN if american else _ABROAD})")
    home = digits.str.extract("^(1)[0-9]{10}" if american else "^(0)")
    return pl.select(pl.coalesce(abroad, home, pl.lit(""))).to_series()


def _dialled(values: pl.Series) -> pl.Series:
    """Return the digits of each number, behind a `+` where it begins with one."""
    return values.str.replace_all(r"[^0-9+]", "").str.replace_all(r"(.)\+", "$1")


def _permuted(values: pl.Series, region: str | None, *, keys: Keyring, domain: str) -> Masked:
    """Permute the digits behind the head; a head never changes, so that no two numbers meet."""
    dialled = _dialled(values.set(~_parses(values), None)).drop_nulls()
    head = _head(dialled, region)
    lengths = pl.Series(head.str.len_chars())
    new = dialled.clone()
    astray = pl.Series(np.arange(len(dialled)))
    while len(astray):
        left, cut = new.gather(astray), lengths.gather(astray)
        rest = _behind(left, cut)
        made = permute(rest, alphabet=DIGITS, keys=keys, domain=domain, tweak=b"phone")
        new.scatter(astray, head.gather(astray) + made)
        astray = astray.filter(_head(new.gather(astray), region) != head.gather(astray))
    rows = _parses(values).fill_null(value=False).arg_true()
    digits = pl.Series([None], dtype=pl.String).new_from_index(0, len(values))
    digits.scatter(rows, new.str.strip_prefix("+"))
    return with_permutation(
        values,
        refilled(values, digits),
        parses=_parses,
        keys=keys,
        domain=domain,
        chance=staying(_behind(dialled, lengths)),
    )


def _behind(text: pl.Series, lengths: pl.Series) -> pl.Series:
    return pl.select(pl.lit(text).str.slice(pl.lit(lengths))).to_series()


def _fictional(main: pl.Series, region: str | None, *, keys: Keyring, domain: str) -> pl.Series:
    """Return the numbers with a reserved one in their shape; null where none is reserved."""
    read = _read(main, region)
    made = pl.Series([None], dtype=pl.String).new_from_index(0, len(main))
    # A loop over the countries that occur, not over rows.
    for name in read["plan"].drop_nulls().unique().sort():
        reserve = RESERVES[name]
        here = read.filter(
            (pl.col("plan") == name)
            & pl.col("national").str.len_chars().is_between(*reserve.lengths)
            & (
                pl.col("code").is_not_null()
                | (pl.col("head") == reserve.trunk)
                | (pl.col("national").str.len_chars() >= _WHOLE)
                | (name == LOCAL)
            )
        )
        words = prf(reserve.code + here["national"], keys=keys, domain=domain, purpose="phone")
        before = pl.col("dialled").str.len_chars() - pl.col("national").str.len_chars()
        kept = here.select(pl.col("dialled").str.head(before).str.strip_prefix("+")).to_series()
        digits = kept + reserve.pick(words.words[:, 0], here["national"])
        shaped = rewritten(main.gather(here["row"]), digits)
        made.scatter(here["row"], shaped.str.strip_chars_end(" -./("))
    return made


def _read(main: pl.Series, region: str | None) -> pl.DataFrame:
    """Return row, `dialled` digits, `head`, country `code`, `national` number and `plan`.

    `code` is null where the number has none; `plan` names one of `RESERVES`, or is null.
    """
    home = RESERVES[region].code if region is not None and region in RESERVES else None
    dialled = _dialled(main)
    frame = pl.DataFrame({"dialled": dialled, "head": _head(dialled, region)})
    frame = frame.with_row_index("row").drop_nulls("dialled")
    frame = frame.with_columns(
        code=pl.col("head").str.extract(r"^(?:\+|00|011)([0-9]+)$"),
        national=pl.col("dialled").str.slice(pl.col("head").str.len_chars()),
    )
    plan = pl.coalesce("code", pl.lit(home, dtype=pl.String))
    # +49 (0)30 ...: the trunk digit stands although it is not dialled.
    trunk = plan.is_in(list(BY_CODE)) & pl.col("code").is_not_null()
    bare = pl.col("national").str.strip_prefix("0")
    frame = frame.with_columns(national=pl.when(trunk).then(bare).otherwise("national"))
    area = pl.col("national").str.head(3).replace_strict(BY_AREA, default="US")
    local = pl.col("code").is_null() & (pl.col("national").str.len_chars() == _LOCAL)
    american = pl.when(local).then(pl.lit(LOCAL)).otherwise(area)
    named = plan.replace_strict(BY_CODE, default=None, return_dtype=pl.String)
    return frame.with_columns(plan=pl.when(plan == "1").then(american).otherwise(named))


def _valid(main: pl.Series, region: str | None, *, keys: Keyring, domain: str) -> pl.Series:
    """Return the numbers with a valid one in their shape; null where libphonenumber finds none."""
    numbers = main
    if region in _AMERICAN:
        numbers = main.str.replace(r"^\s*011", "+")
    known = phone_valid.read(numbers, region)
    new = phone_valid.replaced(known["code"], known["national"], keys=keys, domain=domain)
    digits = main.str.replace_all("[^0-9]", "")
    length = known["national"].str.len_chars()
    kept = digits.str.len_chars() - length
    frame = pl.DataFrame({"digits": digits, "kept": kept, "own": known["national"], "new": new})
    ends = pl.col("digits").str.ends_with(pl.col("own"))
    made = pl.col("digits").str.head(pl.col("kept")) + pl.col("new")
    return refilled(main, frame.select(pl.when(ends).then(made)).to_series())


def _fitted(values: pl.Series, length: int) -> pl.Series:
    """Drop the punctuation of numbers that are too long; null where that does not do."""
    bare = values.str.replace_all("[^0-9+x]", "")
    long = values.str.len_chars() > length
    shorter = pl.select(pl.when(long).then(bare).otherwise(values)).to_series()
    return shorter.set(shorter.str.len_chars() > length, None)

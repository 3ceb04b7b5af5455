"""E-mail addresses in the shapes that people have, and user names, all different."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import polars as pl

from masker.demo.shop.chance import often, pattern, pick, quotas, sometimes, where

SHAPES: Mapping[str, float] = {
    "initial": 0.18,  # a.schmidt
    "joined": 0.12,  # annaschmidt
    "unrelated": 0.12,  # sonnenblume84
    "separated": 0.58,  # anna.schmidt
}
DOMAINS: Mapping[str, tuple[str, ...]] = {
    "DE": ("gmx.de", "web.de", "t-online.de", "gmail.com", "posteo.de"),
    "AT": ("gmx.at", "gmail.com", "aon.at"),
    "FR": ("orange.fr", "gmail.com", "free.fr", "laposte.net"),
    "ES": ("gmail.com", "hotmail.es", "telefonica.net"),
    "IT": ("libero.it", "gmail.com", "virgilio.it"),
    "NL": ("ziggo.nl", "gmail.com", "kpnmail.nl"),
    "PL": ("wp.pl", "onet.pl", "gmail.com"),
    "US": ("gmail.com", "yahoo.com", "outlook.com", "aol.com"),
    "GB": ("gmail.com", "btinternet.com", "hotmail.co.uk"),
}
NICKNAMES = (
    "sonnenblume", "kleinefee", "bergziege", "skyfall", "darkknight", "soleil", "papillon",
    "nachteule", "fussballgott", "pizzafan", "mariposa", "gatonegro", "zeilboot", "motylek",
    "wilkmorski", "rocketman", "bookworm", "teatime", "lupo", "stella", "info", "office",
    "familienpost", "einkauf", "contact", "hallo", "the.gardener", "no_more_spam", "x-ray",
)  # fmt: skip
SEPARATORS = (".", ".", ".", "_", "-")
TAGS = ("+shop", "+newsletter", "+rechnung", "+2024")
LETTERS = {"ß": "ss", "ł": "l", "ø": "o", "æ": "ae", "đ": "d"}
UMLAUTS = {"ä": "ae", "ö": "oe", "ü": "ue"}


def ascii_words(names: pl.Series, german: npt.NDArray[np.bool_]) -> pl.Series:
    """Return names as mail systems want them: lower ASCII, words parted by one space."""
    lower = names.str.normalize("NFC").str.to_lowercase().str.replace_many(LETTERS)
    spelled = where(german, lower.str.replace_many(UMLAUTS), lower)
    return (
        spelled.str.normalize("NFKD")
        .str.replace_all(r"\p{M}", "")
        .str.replace_all(r"[^a-z]+", " ")
        .str.strip_chars()
    )


def emails(
    rng: np.random.Generator, country: pl.Series, first_name: pl.Series, last_name: pl.Series
) -> pl.Series:
    """Make one address per person, all different, with the shapes at their exact shares."""
    rows = len(country)
    local = _local_parts(rng, country, first_name, last_name)
    digits = sometimes(rng, pattern(rng, rows, "##"), 0.25).fill_null("")
    tag = sometimes(rng, pick(rng, rows, TAGS), 0.06).fill_null("")
    domain = _domains(rng, country)
    addresses = local + digits + tag + "@" + domain
    while addresses.is_duplicated().any():
        again = (~addresses.is_first_distinct()).to_numpy()
        digits = where(again, pattern(rng, rows, "%###"), digits)
        addresses = local + digits + tag + "@" + domain
    return addresses


def usernames(rng: np.random.Generator, country: pl.Series, last_name: pl.Series) -> pl.Series:
    """Make one user name per person, all different: a part of the name, or a nickname."""
    rows = len(country)
    german = country.is_in(["DE", "AT"]).to_numpy()
    name = ascii_words(last_name, german).str.replace_all(" ", "").str.head(20)
    names = where(often(rng, rows, 0.7), name, pick(rng, rows, NICKNAMES))
    made = names + pattern(rng, rows, "##")
    while made.is_duplicated().any():
        made = where(
            (~made.is_first_distinct()).to_numpy(), names + pattern(rng, rows, "%###"), made
        )
    return made


def _local_parts(
    rng: np.random.Generator, country: pl.Series, first_name: pl.Series, last_name: pl.Series
) -> pl.Series:
    rows = len(country)
    german = country.is_in(["DE", "AT"]).to_numpy()
    separator = pick(rng, rows, SEPARATORS)
    given = ascii_words(first_name, german).str.replace_all(" ", "")
    words = ascii_words(last_name, german)
    # van der Berg writes vanderberg@ or berg@
    family = where(
        often(rng, rows, 0.5), words.str.replace_all(" ", ""), words.str.extract(r"(\w+)$")
    )
    turned = often(rng, rows, 0.2)
    front, back = where(turned, family, given), where(turned, given, family)
    by_shape = pl.DataFrame(
        {
            "initial": where(
                often(rng, rows, 0.8),
                given.str.head(1) + separator + family,
                given + separator + family.str.head(1),
            ),
            "joined": front + back,
            "unrelated": pick(rng, rows, NICKNAMES),
            "separated": front + separator + back,
        }
    )
    shape = pl.Series(quotas(rng, rows, SHAPES))
    parts = pl.coalesce(
        pl.when(shape == number).then(pl.col(name)) for number, name in enumerate(SHAPES)
    )
    return by_shape.select(parts).to_series()


def _domains(rng: np.random.Generator, country: pl.Series) -> pl.Series:
    chosen = pl.select(
        pl.coalesce(
            pl.when(country == code).then(pick(rng, len(country), names))
            for code, names in DOMAINS.items()
        )
    )
    return chosen.to_series()

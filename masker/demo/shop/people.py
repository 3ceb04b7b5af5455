"""People: a name with its accents and particles, and everything that follows from who they are."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
import polars as pl

from masker.demo.shop.chance import Integers, days, generator, often, pick, quotas, sometimes, where
from masker.demo.shop.emails import emails
from masker.demo.shop.numbers import national_ids, phones
from masker.demo.shop.pools import Pools, codes

SHARES: Mapping[str, float] = {
    "DE": 0.28,
    "AT": 0.08,
    "FR": 0.12,
    "ES": 0.10,
    "IT": 0.10,
    "NL": 0.08,
    "PL": 0.08,
    "US": 0.10,
    "GB": 0.06,
}
TITLES = ("Dr.", "Prof. Dr.", "Mr.", "Mrs.", "Prof.", "Ms.", "Dipl.-Ing.", "Mme")
HYPHENATED = {"DE", "AT", "FR", "GB", "PL"}


def people(seed: int, subject: str, rows: int, *, pools: Pools) -> pl.DataFrame:
    """Make people with country, title, names, e-mail (unique), phone, birth and national id."""
    rng = generator(seed, subject)
    country = quotas(rng, rows, SHARES)
    code = codes(country)
    first, last = _first_names(rng, country, pools), _last_names(rng, country, pools)
    return pl.DataFrame(
        {
            "country": pl.Series(code),
            "title": sometimes(rng, pick(rng, rows, TITLES), 0.12),
            "first_name": first,
            "last_name": last,
            "email": emails(rng, pl.Series(code), first, last),
            "phone": sometimes(rng, phones(rng, code), 0.9),
            "date_of_birth": sometimes(
                rng, days(rng, rows, date(1938, 1, 1), date(2006, 12, 31)), 0.85
            ),
            "national_id": sometimes(rng, national_ids(rng, code), 0.6),
        }
    )


def full_name(frame: pl.DataFrame) -> pl.Series:
    """Return `first last` of people."""
    return frame["first_name"] + " " + frame["last_name"]


def _first_names(rng: np.random.Generator, country: Integers, pools: Pools) -> pl.Series:
    name, second = pools.given.draw(rng, country), pools.given.draw(rng, country)
    rows = len(country)
    name = where(often(rng, rows, 0.04), name + " " + second, name)
    return where(often(rng, rows, 0.04), name + "-" + second, name)


def _last_names(rng: np.random.Generator, country: Integers, pools: Pools) -> pl.Series:
    """Family names with particles, two of them in Spain, and some as a typist left them."""
    rows = len(country)
    name, second = pools.family.draw(rng, country), pools.family.draw(rng, country)
    code = codes(country)
    double = (code == "ES") & often(rng, rows, 0.6)
    hyphen = np.isin(code, sorted(HYPHENATED)) & often(rng, rows, 0.05)
    name = where(double, name + " " + second, where(hyphen, name + "-" + second, name))
    plain = ~double & ~hyphen & name.str.contains(r"^\p{Lu}").to_numpy()  # not `van van Ginkel`
    particle = plain & often(rng, rows, 0.12)
    name = where(particle, pools.particle.draw(rng, country) + " " + name, name)
    name = where(often(rng, rows, 0.02), name.str.to_uppercase(), name)
    name = where(often(rng, rows, 0.01), name + " ", name)
    decomposed = name.str.normalize("NFD")
    return where((decomposed != name).to_numpy() & often(rng, rows, 0.2), decomposed, name)

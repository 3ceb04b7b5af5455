"""Names, streets and firms of nine countries: Faker fills pools once, rows gather from them."""

from __future__ import annotations

import csv
import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import polars as pl

from masker.demo.shop.chance import Integers, skewed

if TYPE_CHECKING:
    from faker import Faker

LOCALES: Mapping[str, str] = {
    "DE": "de_DE",
    "AT": "de_AT",
    "FR": "fr_FR",
    "ES": "es_ES",
    "IT": "it_IT",
    "NL": "nl_NL",
    "PL": "pl_PL",
    "US": "en_US",
    "GB": "en_GB",
}
COUNTRIES = tuple(LOCALES)
PARTICLES: Mapping[str, Sequence[str]] = {
    "DE": ("von", "von der", "zu", "vom"),
    "AT": ("von", "van der"),
    "FR": ("de", "de la", "du", "Le"),
    "ES": ("de la", "del", "de los"),
    "IT": ("di", "della", "De"),
    "NL": ("van", "van der", "van den", "de", "ter"),
    "PL": ("de",),
    "US": ("van der", "de la", "St."),
    "GB": ("de", "van der"),
}
PLACES_FILE = Path(__file__).with_name("places.csv")


@dataclass(frozen=True, slots=True)
class Pool:
    """Values of every country, laid end to end, so that a draw for all rows is one gather."""

    values: pl.Series
    starts: Integers
    sizes: Integers

    @classmethod
    def of(cls, by_country: Mapping[str, Sequence[str]]) -> Pool:
        """Build a pool from one list per country, in the order of COUNTRIES."""
        lists = [list(by_country[code]) for code in COUNTRIES]
        sizes = np.array([len(values) for values in lists], dtype=np.int64)
        flat = [value for values in lists for value in values]
        return cls(pl.Series(flat), np.concatenate(([0], np.cumsum(sizes)[:-1])), sizes)

    def draw(self, rng: np.random.Generator, country: Integers) -> pl.Series:
        """Draw one value per row of the row's country, some more often than others."""
        return self.values.gather(self.starts[country] + skewed(rng, self.sizes[country]))


@dataclass(frozen=True, slots=True)
class Places:
    """Cities with what belongs to them; one row index is one place that exists."""

    frame: pl.DataFrame
    pool: Pool

    def draw(self, rng: np.random.Generator, country: Integers) -> pl.DataFrame:
        """Draw one place per row in the row's country."""
        return self.frame[self.pool.draw(rng, country).cast(pl.Int64)]


@dataclass(frozen=True, slots=True)
class Pools:
    """Everything that rows gather from."""

    given: Pool
    family: Pool
    particle: Pool
    street: Pool
    company: Pool
    job: Pool
    places: Places


@functools.cache
def pools(seed: int) -> Pools:
    """Fill all pools from Faker; the same seed fills them alike."""
    from faker import Faker  # noqa: PLC0415 - slow to import, needed only when a shop is filled

    fakers: dict[str, Faker] = {}
    for code, locale in LOCALES.items():
        fakers[code] = Faker(locale)
        fakers[code].seed_instance(seed)

    def fill(make: Callable[[Faker], str], draws: int) -> Pool:
        return Pool.of(
            {
                code: list(dict.fromkeys(make(fakers[code]) for _ in range(draws)))
                for code in COUNTRIES
            }
        )

    return Pools(
        given=fill(lambda faker: faker.first_name(), 300),
        # nl_NL also gives the telephone book's form: `Berg, van den`
        family=fill(lambda faker: faker.last_name().partition(",")[0], 600),
        particle=Pool.of(PARTICLES),
        street=fill(lambda faker: faker.street_name(), 150),
        company=fill(lambda faker: faker.company(), 120),
        job=fill(lambda faker: faker.job(), 40),
        places=_places(),
    )


def codes(country: Integers) -> npt.NDArray[np.str_]:
    """Return the two letters of each row's country."""
    return np.array(COUNTRIES)[country]


def positions(code: pl.Series) -> Integers:
    """Return the position in COUNTRIES of each row's two letters."""
    order = {letters: number for number, letters in enumerate(COUNTRIES)}
    return code.replace_strict(order, return_dtype=pl.Int64).to_numpy()


def _places() -> Places:
    with PLACES_FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    rows.sort(key=lambda row: COUNTRIES.index(row["country"]))
    by_country = {
        code: [str(number) for number, row in enumerate(rows) if row["country"] == code]
        for code in COUNTRIES
    }
    return Places(pl.DataFrame(rows), Pool.of(by_country))

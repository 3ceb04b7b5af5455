"""What transformers that pick from a Faker pool share: company, city, street, any provider."""

from __future__ import annotations

import abc
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from masker.keys import Keyring
from masker.transformers.base import Masked, Param, Promises, Site, Transformer
from masker.transformers.distinct import over_distinct
from masker.transformers.pools import Pool, pick_from, pool, problem

# A pick is never equal to its source, so from a handful of values too much could be inferred.
FEWEST = 20

LOCALE = Param(
    name="locale",
    type="text",
    default=None,
    meaning="Faker's locale, such as `de_DE`; by default the pipeline's",
)


@dataclass(frozen=True)
class Pooled(Transformer):
    """A transformer that picks from pools, keyed by the value but for case and blanks.

    Values in capitals stay in capitals, blank values stay blank.
    """

    canonical: ClassVar[bool] = True
    params: ClassVar[tuple[Param, ...]] = (LOCALE,)
    locale: str | None = None

    @abc.abstractmethod
    def providers(self) -> tuple[str, ...]:
        """Return the names of the Faker providers it picks from."""

    def choose(self, values: pl.Expr) -> pl.Expr:
        """Say for each value from which of `providers()` it is picked, by number."""
        del values
        return pl.lit(0)

    def promises(self) -> Promises:
        """Return what holds for every output."""
        return Promises(never_equal=True, chance="pool")

    def check(self, site: Site) -> tuple[str, ...]:
        """Say which pools do not exist, and which hold too few values that fit the column."""
        wrong = []
        for provider in self.providers():
            sentence = problem(provider, self._locale(site))
            if sentence is None:
                fitting = pool(provider, self._locale(site)).fitting(site.length)
                sentence = _too_few(provider, self._locale(site), fitting, site)
            if sentence is not None:
                wrong.append(sentence)
        return tuple(wrong)

    def pools(self, site: Site) -> Mapping[str, str]:
        """Return the pools it picks from, each with its digest."""
        return {made.name: made.digest for made in self._pools(site)}

    def apply(
        self, values: pl.Series, *, site: Site, keys: Keyring, others: Mapping[str, pl.Series]
    ) -> Masked:
        """Mask a column by one pick per distinct value."""
        del others
        return over_distinct(values, lambda distinct: self._pick(distinct, site, keys))

    def _locale(self, site: Site) -> str:
        return self.locale or site.locale

    def _pools(self, site: Site) -> list[Pool]:
        return [pool(provider, self._locale(site)) for provider in self.providers()]

    def _pick(self, values: pl.Series, site: Site, keys: Keyring) -> pl.Series:
        text = values.rename("value")
        picks = {
            provider: pick_from(
                made,
                text,
                keys=keys,
                domain=site.domain or self.default_domain,
                purpose=f"pick-{provider}",
                length=site.length,
            )
            for provider, made in zip(self.providers(), self._pools(site), strict=True)
        }
        value, number = pl.col("value"), self.choose(pl.col("value"))
        picked = pl.coalesce(
            pl.when(number == place).then(provider) for place, provider in enumerate(picks)
        )
        upper = picked.str.to_uppercase()
        shouted = (value == value.str.to_uppercase()) & (value != value.str.to_lowercase())
        if site.length is not None:
            shouted &= upper.str.len_chars() <= site.length
        blank = value.str.strip_chars() == ""
        chosen = pl.when(blank).then(value).when(shouted).then(upper).otherwise(picked)
        return pl.DataFrame({"value": text, **picks}).select_seq(chosen).to_series()


def _too_few(provider: str, locale: str, fitting: int, site: Site) -> str | None:
    if fitting >= FEWEST:
        return None
    fit = "" if site.length is None else f" of at most {site.length} characters"
    return (
        f"too few: Faker's `{provider}` in `{locale}` makes {fitting} different values{fit}, "
        f"and at least {FEWEST} are needed"
    )

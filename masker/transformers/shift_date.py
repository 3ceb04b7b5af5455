"""Shift_date: dates moved by a keyed number of days, the same for everything of one subject."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import polars as pl

from masker.catalog import Kind
from masker.keys import Keyring, canonical_key, pick, prf, prf_integers
from masker.transformers.base import Masked, Param, Promises, Scope, Site, Transformer
from masker.transformers.calendar import FIRST, LAST, LAST_MOMENT, Integers
from masker.transformers.dates import Dates
from masker.transformers.params import duration
from masker.transformers.unparsed import with_scramble

_FOREVER = ("infinity", "-infinity")


@dataclass(frozen=True)
class ShiftDate(Transformer):
    """Move dates by a keyed number of days."""

    within: str = "30d"
    per: str | None = None

    name: ClassVar[str] = "shift_date"
    sentence: ClassVar[str] = (
        "Moves a date or timestamp by a keyed number of whole days, never 0; with `per` by the "
        "same number for all dates of a subject, so that intervals and order survive."
    )
    kinds: ClassVar[frozenset[Kind]] = frozenset(
        {Kind.DATE, Kind.TIMESTAMP, Kind.TIMESTAMP_TZ, Kind.TEXT}
    )
    params: ClassVar[tuple[Param, ...]] = (
        Param(
            name="within",
            type="duration",
            default="30d",
            meaning="How far a date moves at most, earlier or later.",
        ),
        Param(
            name="per",
            type="column",
            default=None,
            meaning="The column of the same row that names the subject, such as `customer_id`; "
            "without it all dates of one day move alike, and other days on their own.",
        ),
    )
    default_domain: ClassVar[str] = "shift_date"

    def __post_init__(self) -> None:
        """State the scope: with `per` the value depends on another column of its row."""
        if self.per is not None:
            object.__setattr__(self, "scope", Scope.ROW)

    def promises(self) -> Promises:
        """Return what holds for every output."""
        # Infinity stays and is counted in `chance`. There are few days: one coincides soon.
        return Promises(technique="randomisation", chance="space", one_to_one_per=self.per)

    def needs(self) -> tuple[str, ...]:
        """Return the column that names the subject."""
        return (self.per,) if self.per is not None else ()

    def apply(
        self, values: pl.Series, *, site: Site, keys: Keyring, others: Mapping[str, pl.Series]
    ) -> Masked:
        """Mask a column."""
        domain = site.domain or self.default_domain
        dates = Dates.of(values)
        shift = self._shift(dates.days, keys=keys, domain=domain, others=others)
        moved = dates.days + shift
        # At the ends of what the type holds a date moves the other way.
        last = LAST if site.kind is Kind.DATE else LAST_MOMENT
        over = (moved < FIRST) | (moved > last)
        made = dates.moved(np.where(over, dates.days - shift, moved) if over.any() else moved)
        if dates.are.all():
            return Masked(made.alias(values.name))
        forever = values.is_in(list(_FOREVER)).fill_null(value=False)
        made = pl.select(pl.when(forever).then(values).otherwise(made)).to_series()
        stuck = float(forever.sum())
        parsed = pl.Series(dates.are) | forever
        return with_scramble(values, made, parsed=parsed, keys=keys, domain=domain, chance=stuck)

    def _shift(
        self, days: Integers, *, keys: Keyring, domain: str, others: Mapping[str, pl.Series]
    ) -> Integers:
        """Return a number of days per row from -within..within, never 0."""
        most = duration(self.within).days
        subject = np.stack([days.view(np.uint64), np.zeros(len(days), dtype=np.uint64)], axis=1)
        drawn = prf_integers(subject, keys=keys, domain=domain, purpose="shift")[:, 0]
        if self.per is not None:
            named = canonical_key(others[self.per], base="text")
            found = prf(named, keys=keys, domain=domain, purpose="shift")
            drawn = np.where(found.nulls, drawn, found.words[:, 0])
        step = pick(drawn, 2 * most)
        return np.where(step < most, step - most, step - most + 1)

    def check(self, site: Site) -> tuple[str, ...]:
        """Return what makes it unfit for the column."""
        if site.kind is Kind.TEXT and site.length is not None and site.length < len("2000-01-01"):
            return (f"a date has 10 characters and the column takes {site.length}",)
        return ()

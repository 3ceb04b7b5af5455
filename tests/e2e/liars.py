"""Transformers that lie: they promise what the honest ones promise, and let source values through.

They stand in a module of their own, so that worker processes find them, too.
"""

import functools
from collections.abc import Callable

import polars as pl

from masker.transformers import registry
from masker.transformers.base import Masked, Transformer
from masker.transformers.email import Email
from masker.transformers.phone import Phone
from masker.transformers.scramble import Scramble

ONE_IN = 10_000
Lie = Callable[[pl.Series], pl.Series]  # from source values to what is written in their place


def _itself(values: pl.Series) -> pl.Series:
    return values


def _neighbour(values: pl.Series) -> pl.Series:
    return values.shift(1)


def _upper(values: pl.Series) -> pl.Series:
    return values.str.to_uppercase()


def _told(values: pl.Series, masked: Masked, lie: Lie) -> Masked:
    """Lie in every ten-thousandth row; a column that short tells the truth."""
    rows = pl.int_range(ONE_IN - 1, values.len(), ONE_IN, eager=True)
    written = masked.values.clone().scatter(rows, lie(values).gather(rows))
    return Masked(written, masked.unparsed, masked.shapes, masked.chance)


class _EmailLiar(Email):
    lie: Lie

    def apply(self, values, **site):
        return _told(values, super().apply(values, **site), type(self).lie)


class _PhoneLiar(Phone):
    lie: Lie

    def apply(self, values, **site):
        return _told(values, super().apply(values, **site), type(self).lie)


class EmailItself(_EmailLiar):
    lie = staticmethod(_itself)


class EmailNeighbour(_EmailLiar):
    lie = staticmethod(_neighbour)


class EmailUpper(_EmailLiar):
    lie = staticmethod(_upper)


class PhoneItself(_PhoneLiar):
    lie = staticmethod(_itself)


class PhoneNeighbour(_PhoneLiar):
    lie = staticmethod(_neighbour)


class ScrambleNothing(Scramble):
    def apply(self, values, **site):
        return Masked(values)


def install(monkeypatch, liar: type[Transformer], *, name: str = "") -> None:
    """Let a liar take the place of the transformer whose name it bears, or have another name."""
    place = f"{liar.__module__}:{liar.__name__}"
    monkeypatch.setattr(registry, "BUILT_IN", {**registry.BUILT_IN, name or liar.name: place})
    for remembers in (registry._places, registry.get):
        # A function that remembers nothing yet, for as long as the liar is there.
        monkeypatch.setattr(registry, remembers.__name__, functools.cache(remembers.__wrapped__))
